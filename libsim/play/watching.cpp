// Expectations, watched together until all are decided or one has failed. See implementation.hpp.
#include <algorithm>

#include "libsim/play/implementation.hpp"
#include "libsim/play/printer.hpp"

namespace sim::play {

using namespace sim::scenario;

namespace {

std::string bound_words(const Watching& watching, const Units& units) {
    const auto word = [&]() -> std::string {
        switch (watching.mode) {
            case Watching::Mode::within:
                return "within ";
            case Watching::Mode::always_for:
                return "always for ";
            case Watching::Mode::never_for:
                return "never for ";
        }
        return {};
    };
    std::string words = word() + show(evaluate(watching.time, units));
    if (watching.not_before)
        words += ", not before " + show(evaluate(*watching.not_before, units));
    return words;
}

}  // namespace

struct Player::Implementation::Watch {
    Watch(const Expectation& wanted, Stage& stage, const Beginnings& action, Instant since,
          const Units& units, Duration slack)
        : expectation(wanted), look(wanted, stage, action) {
        const Watching& watching = wanted.watching;
        bound = since + evaluate(watching.time, units);
        limit = bound + (watching.mode == Watching::Mode::within ? slack : Duration{});
        if (watching.not_before)
            not_before = since + evaluate(*watching.not_before, units);
    }

    const Expectation& expectation;
    Look look;
    Instant bound;
    Instant limit;
    Instant not_before;
    std::optional<bool> decided;
    bool early = false;  ///< it came true before it might
    std::string seen;

    [[nodiscard]] std::string words() const {
        return describe(expectation) + (early ? ", too early" : "");
    }
};

void Player::Implementation::decide(Watch& watch, bool good) {
    watch.decided = good;
    if (!good)
        watch.seen = watch.look.seen();
}

/// `force`: also when nothing happened that could have changed it.
void Player::Implementation::look(Watch& watch, bool force) {
    const Instant now = stage_.world.now();
    const bool is_over = now >= watch.limit;
    if (!force && !is_over && !watch.look.is_stale())
        return;
    const bool holds = watch.look.holds();
    const Watching::Mode mode = watch.expectation.watching.mode;
    if (mode != Watching::Mode::within) {
        if (holds != (mode == Watching::Mode::always_for))
            decide(watch, false);
        else if (is_over)
            decide(watch, true);
        return;
    }
    watch.early = holds && now < watch.not_before;
    if (holds)
        decide(watch, !watch.early);
    else if (is_over)
        decide(watch, false);
}

/// What lives beside the world keeps step with it.
void Player::Implementation::after_moment() {
    stage_.capture.advance(stage_.world.now());
    if (!stage_.pings.empty())
        stage_.pings.advance();
}

Outcome Player::Implementation::watch(std::vector<Watch>& watches) {
    World& world = stage_.world;
    bool force = true;
    while (true) {
        bool open = false;
        Instant next = std::min(stage_.capture.next_announcement(), stage_.pings.next());
        for (Watch& one : watches) {
            if (one.decided)
                continue;
            look(one, force);
            if (!one.decided) {
                open = true;
                next = std::min(next, one.limit);
                continue;
            }
            if (options_.witness != nullptr) {
                const std::string text = one.words();
                options_.witness->on_observed(
                    world.now(),
                    {*one.decided, *one.decided ? text : text + "; seen: " + one.seen,
                     bound_words(one.expectation.watching, units_), world.now() - action_at_,
                     *one.decided && world.now() > one.bound &&
                         one.expectation.watching.mode == Watching::Mode::within});
            }
            if (!*one.decided)
                return Failure{one.expectation.line, one.words() + "; seen: " + one.seen};
        }
        if (!open)
            return std::nullopt;
        // One moment, or until the next time at which something must be looked at.
        const Instant at = std::max(std::min(next, world.next_event()), world.now());
        world.run_until(at);
        after_moment();
        if (world.stuck())
            return Failure{{}, "the world is stuck: " + *world.stuck()};
        force = at >= next;
    }
}

Outcome Player::Implementation::expect(const std::vector<Expectation>& expectations,
                                       const std::string& quiet) {
    const Duration slack = std::chrono::milliseconds{scenario_.lab.slack_ms};
    std::vector<Watch> watches;
    watches.reserve(expectations.size());
    bool holds_a_while = false;
    for (const Expectation& expectation : expectations) {
        const auto* process = std::get_if<ProcessIs>(&expectation.subject);
        if (process != nullptr && (process->state == ProcessIs::State::failed ||
                                   process->state == ProcessIs::State::crashed))
            may_end_.insert(process->node);
        holds_a_while = holds_a_while || expectation.watching.mode != Watching::Mode::within;
        watches.emplace_back(expectation, stage_, action_, action_at_, units_, slack);
    }
    Witness* const witness = options_.witness;
    if (!quiet.empty())
        options_.witness = nullptr;
    Outcome outcome = watch(watches);
    options_.witness = witness;
    if (witness != nullptr && !quiet.empty() && !outcome)
        witness->on_observed(stage_.world.now(),
                             {true, quiet, bound_words(expectations.front().watching, units_),
                              stage_.world.now() - action_at_, false});
    if (outcome)
        return outcome;
    // What was held for a while ends here: the next times count from now.
    if (holds_a_while) {
        action_at_ = stage_.world.now();
        stage_.capture.advance(action_at_);
        action_.frames = stage_.capture.mark();
    }
    return std::nullopt;
}

}  // namespace sim::play
