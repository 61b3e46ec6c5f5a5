// newer-lives: every life of a host is newer than all before it, so that its frames are.
//
// A host whose disk lost its count, or takes no writes, has only its clock to go by: after that
// nothing is promised until the disk holds a count again.
#include <map>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

class NewerLives final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "newer-lives"; }
    [[nodiscard]] const char* sentence() const override {
        return "The incarnation of a life is newer than that of any life of the same host before.";
    }

    void on_life(NodeIndex node) override {
        const SupervisorFacts& now = supervisor(node);
        Known& known = known_[node];
        const bool counted =
            known.torn == now.disks_torn && !known.disk_failed && !now.disk_was_full;
        if (counted && now.incarnation <= known.newest)
            violate(name(node) + " starts as " + to_string(now.incarnation) + " after " +
                    to_string(known.newest));
        known.newest = counted ? std::max(known.newest, now.incarnation) : now.incarnation;
        known.torn = now.disks_torn;
        known.disk_failed = now.disk_was_full;
    }

private:
    struct Known {
        ha::Incarnation newest = ha::kNoIncarnation;
        std::uint64_t torn = 0;
        bool disk_failed = false;
    };
    std::map<NodeIndex, Known> known_;
};

}  // namespace

std::unique_ptr<Invariant> make_newer_lives(Facts& facts) {
    return std::make_unique<NewerLives>(facts);
}

}  // namespace sim::invariants
