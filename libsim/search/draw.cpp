// See draw.hpp.
#include "libsim/search/draw.hpp"

#include <algorithm>

#include "libsim/search/faults.hpp"
#include "libsim/search/lab.hpp"

namespace sim::search {

using namespace sim::scenario;

namespace {

class Drawing {
public:
    explicit Drawing(std::uint64_t seed)
        : chance_(seed ^ 0x5eedU), lab_(draw_lab(chance_, seed)), faults_(chance_, lab_) {
        drawn_.scenario.name = "seed-" + std::to_string(seed);
        drawn_.scenario.lab = lab_.lab;
        drawn_.scenario.lab.worlds.lab = false;
        drawn_.has_stranger = lab_.has_stranger;
        drawn_.has_other_domain = lab_.has_other_domain;
    }

    Drawn draw() {
        boot();
        const auto bursts = 1 + chance_.below(1 + chance_.below(6));
        for (std::uint64_t burst = 0; burst < bursts; ++burst) {
            at_ += pause();
            const auto faults = 1 + chance_.below(1 + chance_.below(5));
            for (std::uint64_t fault = 0; fault < faults; ++fault) {
                do_fault();
                at_ += breath();
            }
            if (burst + 1 < bursts && chance_.below(4) == 0) {
                add(Mend{}, FaultKind::mend);
                at_ += heartbeats(chance_.below(12));
            }
        }
        at_ += pause();
        settle();
        drawn_.scenario.description =
            "Drawn from seed " + std::to_string(lab_.lab.seed) +
            ": faults at random moments, then everything is mended.\n"
            "No invariant is violated, and the domain becomes whole again.\n";
        return std::move(drawn_);
    }

private:
    void add(Action action) {
        Step step;
        step.at = exactly(at_);
        step.action = std::move(action);
        drawn_.scenario.steps.push_back(std::move(step));
    }
    void add(Action action, FaultKind kind) {
        ++drawn_.faults[static_cast<std::size_t>(kind)];
        add(std::move(action));
    }

    [[nodiscard]] Duration heartbeats(std::uint64_t count) const {
        return lab_.units.heartbeat * static_cast<Duration::rep>(count);
    }
    /// Even chances below `limit`, in whole microseconds.
    Duration below(Duration limit) {
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(limit).count();
        return std::chrono::microseconds{
            chance_.below(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 1)))};
    }

    /// Everybody at once, or in any order; some seeds begin before the pair is whole.
    void boot() {
        std::vector<std::string> nodes = default_nodes(lab_.lab.vems);
        if (lab_.has_other_domain)
            nodes.insert(nodes.end(), {"vsm-c", "vsm-d"});
        for (std::size_t left = nodes.size(); left > 1; --left)
            std::swap(nodes[left - 1], nodes[chance_.below(left)]);
        const bool apart = chance_.below(3) == 0;
        for (const std::string& node : nodes) {
            add(Start{{node}, std::nullopt});
            if (apart)
                at_ += below(chance_.below(3) == 0 ? heartbeats(4) : heartbeats(1));
        }
        const bool warm = lab_.has_stranger || chance_.below(5) != 0;
        at_ += warm ? heartbeats(6) : below(heartbeats(7));
        if (lab_.has_stranger) {
            at_ += heartbeats(2);
            add(Start{{"vsm-c"}, std::nullopt});
        }
    }

    void do_fault() {
        const FaultKind kind = faults_.kind();
        for (Timed& timed : faults_.draw(kind)) {
            const Duration now = at_;
            at_ += timed.after;
            add(std::move(timed.action));
            at_ = now;
        }
        ++drawn_.faults[static_cast<std::size_t>(kind)];
    }

    /// Between bursts: about the times at which something is being decided.
    Duration pause() {
        const Duration h = lab_.units.heartbeat;
        const Duration loss = lab_.units.loss_interval;
        const Duration near = below(h / 2);
        switch (chance_.below(6)) {
            case 0:
                return loss - h / 4 + near;
            case 1:
                return loss + near;
            case 2:
                return 3 * h - h / 4 + near;
            case 3:
                return below(2 * loss);
            case 4:
                return below(12 * h);
            default:
                return below(4 * h);
        }
    }
    /// Within a burst.
    Duration breath() {
        const Duration h = lab_.units.heartbeat;
        switch (chance_.below(4)) {
            case 0:
                return Duration{};
            case 1:
                return below(h / 8);
            case 2:
                return below(h);
            default:
                return below(lab_.units.loss_interval);
        }
    }

    void settle() {
        // What was drawn to happen later happens before that.
        for (const Step& step : drawn_.scenario.steps)
            at_ = std::max(at_, evaluate(*step.at, lab_.units));
        std::stable_sort(drawn_.scenario.steps.begin(), drawn_.scenario.steps.end(),
                         [&](const Step& one, const Step& other) {
                             return evaluate(*one.at, lab_.units) < evaluate(*other.at, lab_.units);
                         });
        add(Mend{});
        for (Action& action : faults_.mend())
            add(std::move(action));
        if (lab_.has_stranger)
            add(Signal{Signal::Kind::kill, {"vsm-c"}});
        Expectation whole;
        whole.subject = DomainWhole{};
        whole.watching.time = times(3, Unit::loss_interval);
        whole.watching.time.terms.push_back({24'000, Unit::heartbeat});
        whole.watching.time.terms.push_back({1'000, Unit::headless});
        whole.watching.time.terms.push_back({1'000'000, Unit::milliseconds});
        Step become;
        become.action = Expect{{whole}};
        drawn_.scenario.steps.push_back(become);
        whole.watching.mode = Watching::Mode::always_for;
        whole.watching.time = times(1, Unit::loss_interval);
        whole.watching.time.terms.push_back({4'000, Unit::heartbeat});
        become.action = Expect{{whole}};
        drawn_.scenario.steps.push_back(std::move(become));
    }

    sim::Chance chance_;
    DrawnLab lab_;
    Faults faults_;
    Drawn drawn_;
    Duration at_{};
};

}  // namespace

Drawn draw(std::uint64_t seed) {
    return Drawing(seed).draw();
}

}  // namespace sim::search
