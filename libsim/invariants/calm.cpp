// calm: no machine keeps its processor or its wires busy for nothing.
//
// A supervisor has a handful of timers of a heartbeat interval and a frame to each module in it;
// answers to others are limited by budgets of 16 an interval, two of them on each port.
#include <map>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

constexpr unsigned kTicks = 40;
constexpr unsigned kFrames = 160;
constexpr unsigned kFramesOfModule = 6;

class Calm final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "calm"; }
    [[nodiscard]] const char* sentence() const override {
        return "In a heartbeat interval no supervisor asks for more than 40 ticks, or sends more "
               "than 160 frames and 6 for each module.";
    }

    void on_tick(NodeIndex node) override {
        Window& window = at(node);
        if (++window.ticks == kTicks + 1)
            violate(name(node) + " asked for more than " + std::to_string(kTicks) +
                    " ticks in a heartbeat interval");
    }
    void on_sent(const Sent& sent) override {
        Window& window = at(sent.from);
        const auto limit = kFrames + kFramesOfModule * facts_.modules.size();
        if (++window.frames == limit + 1)
            violate(name(sent.from) + " sent more than " + std::to_string(limit) +
                    " frames in a heartbeat interval");
    }

private:
    struct Window {
        Instant began;
        std::size_t ticks = 0;
        std::size_t frames = 0;
    };
    Window& at(NodeIndex node) {
        if (windows_.size() <= node)
            windows_.resize(node + 1);
        Window& window = windows_[node];
        if (facts_.now - window.began >= supervisor(node).heartbeat_interval)
            window = {facts_.now, 0, 0};
        return window;
    }

    std::vector<Window> windows_;  ///< by node
};

}  // namespace

std::unique_ptr<Invariant> make_calm(Facts& facts) {
    return std::make_unique<Calm>(facts);
}

}  // namespace sim::invariants
