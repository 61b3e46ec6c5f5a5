// See shrink.hpp. Steps carry absolute times, so what is left of them happens when it did before.
#include "libsim/search/shrink.hpp"

#include <algorithm>

#include "libsim/search/stage.hpp"

namespace sim::search {

using namespace sim::scenario;

namespace {

class Shrinking {
public:
    Shrinking(Scenario scenario, std::string invariant, const Oracle& oracle, unsigned most_plays)
        : best_(std::move(scenario)),
          invariant_(std::move(invariant)),
          oracle_(oracle),
          left_(most_plays) {}

    Shrunk run() {
        const unsigned had = left_;
        fails(best_);
        for (bool smaller = true; smaller && left_ > 0;) {
            smaller = drop_steps();
            smaller = drop_modules() || smaller;
            smaller = drop_options() || smaller;
            smaller = simplify_steps() || smaller;
        }
        drop_senseless();
        return {best_, what_, had - left_};
    }

private:
    /// Whether it violates the same invariant; remembers it as the best when it does.
    bool fails(const Scenario& scenario) {
        if (left_ == 0)
            return false;
        --left_;
        Trial trial = oracle_(scenario);
        if (trial.invariant != invariant_)
            return false;
        what_ = std::move(trial.what);
        senseless_ = std::move(trial.senseless);
        best_ = scenario;
        return true;
    }

    /// Delta debugging: ever smaller runs of steps are left out.
    bool drop_steps() {
        bool any = false;
        for (std::size_t length = std::max<std::size_t>(best_.steps.size() / 2, 1);;
             length = length / 2) {
            for (std::size_t first = 0; first < best_.steps.size();) {
                Scenario smaller = best_;
                const auto begin = smaller.steps.begin() + static_cast<std::ptrdiff_t>(first);
                smaller.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(
                                                       length, smaller.steps.size() - first)));
                if (fails(smaller))
                    any = true;
                else
                    first += length;
            }
            if (length <= 1)
                return any;
        }
    }

    static bool mentions(const Scenario& scenario, const std::string& node) {
        return std::any_of(scenario.steps.begin(), scenario.steps.end(), [&](const Step& step) {
            return describe(step.action).find(node) != std::string::npos;
        });
    }

    bool drop_modules() {
        bool any = false;
        while (best_.lab.vems > 0) {
            Scenario smaller = best_;
            const std::string last = default_nodes(smaller.lab.vems).back();
            --smaller.lab.vems;
            std::erase_if(smaller.steps, [&](const Step& step) {
                return describe(step.action).find(last) != std::string::npos;
            });
            if (!fails(smaller))
                break;
            any = true;
        }
        return any;
    }

    template <typename Change>
    bool try_with(Change change) {
        Scenario changed = best_;
        change(changed);
        return !(changed == best_) && fails(changed);
    }

    bool drop_options() {
        bool any = false;
        for (const std::string node : {"vsm-c", "vsm-d"})
            if (!mentions(best_, node))
                any = try_with([&](Scenario& with) { with.lab.nodes.erase(node); }) || any;
        any = try_with([](Scenario& with) { with.lab.key = false; }) || any;
        any = try_with([](Scenario& with) { with.lab.store_jitter_us = 0; }) || any;
        any = try_with([](Scenario& with) { with.lab.wake_jitter_us = 0; }) || any;
        for (const std::string node : {"vsm-a", "vsm-b"})
            any = try_with([&](Scenario& with) { with.lab.nodes.erase(node); }) || any;
        any = try_with([](Scenario& with) { with.lab.nodes.clear(); }) || any;
        return any;
    }

    static void simplify(Action& action) {
        if (auto* delay = std::get_if<Delay>(&action))
            delay->jitter = {};
        else if (auto* inject = std::get_if<Inject>(&action))
            inject->count = 1;
        else if (auto* cut = std::get_if<Cut>(&action))
            cut->direction = scenario::Direction::both;
        else if (auto* power = std::get_if<PowerOff>(&action))
            power->disk = PowerOff::Disk::kept;
        else if (auto* loss = std::get_if<scenario::Loss>(&action))
            loss->chance = scenario::kCertain;
    }

    bool simplify_steps() {
        bool any = false;
        for (std::size_t index = 0; index < best_.steps.size(); ++index) {
            any = try_with([&](Scenario& with) { simplify(with.steps[index].action); }) || any;
            any = try_with([&](Scenario& with) { round_time(with, index); }) || any;
        }
        return any;
    }

    /// To whole milliseconds, if the order of the steps stays.
    static void round_time(Scenario& scenario, std::size_t index) {
        Step& step = scenario.steps[index];
        if (!step.at)
            return;
        const Units units = units_of(scenario.lab);
        const auto whole = std::chrono::round<std::chrono::milliseconds>(evaluate(*step.at, units));
        if (index > 0 && scenario.steps[index - 1].at &&
            evaluate(*scenario.steps[index - 1].at, units) > whole)
            return;
        if (index + 1 < scenario.steps.size() && scenario.steps[index + 1].at &&
            evaluate(*scenario.steps[index + 1].at, units) < whole)
            return;
        step.at = exactly(whole);
    }

    /// A full player refuses them.
    void drop_senseless() {
        Scenario sound = best_;
        for (auto place = senseless_.rbegin(); place != senseless_.rend(); ++place)
            sound.steps.erase(sound.steps.begin() + static_cast<std::ptrdiff_t>(*place));
        left_ = std::max(left_, 1U);
        fails(sound);
    }

    Scenario best_;
    std::string invariant_;
    const Oracle& oracle_;
    unsigned left_;
    std::string what_;
    std::vector<std::size_t> senseless_;
};

}  // namespace

Trial try_on_stage(const Scenario& scenario) {
    Outcome outcome = Stage(scenario).play();
    return {outcome.invariant(), outcome.what(), std::move(outcome.senseless)};
}

Shrunk shrink(const Scenario& scenario, const std::string& invariant, const Oracle& oracle,
              unsigned most_plays) {
    return Shrinking(scenario, invariant, oracle, most_plays).run();
}

}  // namespace sim::search
