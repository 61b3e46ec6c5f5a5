// From the first start to the verdict. See player.hpp and implementation.hpp.
#include "libsim/play/player.hpp"

#include <algorithm>
#include <utility>

#include "libsim/play/implementation.hpp"

namespace sim::play {

using namespace sim::scenario;

namespace {

constexpr Duration kAttachLimit = std::chrono::seconds{6};

void add_needs(const std::vector<Step>& steps, CaptureNeeds& needs) {
    for (const Step& step : steps) {
        if (const auto* repeat = std::get_if<Repeat>(&step.action))
            add_needs(repeat->steps, needs);
        if (std::holds_alternative<Inject>(step.action))
            needs.payloads = true;
        if (const auto* expect = std::get_if<Expect>(&step.action))
            for (const Expectation& expectation : expect->expectations)
                needs.counts =
                    needs.counts || std::holds_alternative<FramesSeen>(expectation.subject);
    }
}

CaptureNeeds needs_of(const Scenario& scenario) {
    CaptureNeeds needs;
    add_needs(scenario.steps, needs);
    return needs;
}

Scenario changed_by(const PlayOptions& options, const Scenario& scenario) {
    if (!options.timers || *options.timers == scenario.lab.timers)
        return {};
    Scenario changed = scenario;
    changed.lab = with_timers(scenario.lab, *options.timers);
    return changed;
}

/// The pair is HA and its modules are attached: within a generous bound.
std::vector<Expectation> ha_expectations(const std::vector<std::string>& nodes) {
    Watching watching;
    watching.time = times(6, Unit::loss_interval);
    std::vector<Expectation> expectations;
    for (const std::string& node : nodes) {
        if (is_module(node))
            expectations.push_back({{}, ModuleIs{"vsm-a", number_of(node), "ok"}, watching});
        else
            expectations.push_back(
                {{},
                 StatusIs{node, StatusIs::Key::state,
                          node == "vsm-a" ? "Active with HA standby" : "HA standby"},
                 watching});
    }
    return expectations;
}

std::string in_line(Line line) {
    return line.number == 0 ? "" : "line " + std::to_string(line.number) + ": ";
}

}  // namespace

Player::Implementation::Implementation(const Scenario& scenario, PlayOptions options)
    : changed_(changed_by(options, scenario)),
      scenario_(changed_.steps.empty() ? scenario : changed_),
      options_(std::move(options)),
      units_(units_of(scenario_.lab)),
      stage_(scenario_.lab, options_, needs_of(scenario_)),
      hostile_(options_.seed.value_or(scenario_.lab.seed)) {}

Verdict Player::Implementation::play() {
    mark_action();
    Outcome outcome = make_ready();
    begun_ = stage_.world.now();
    if (options_.witness != nullptr)
        options_.witness->on_begin(begun_);
    if (!outcome)
        outcome = run_steps(scenario_.steps);
    if (!outcome)
        outcome = check_logs();
    Verdict verdict;
    verdict.held = !outcome;
    verdict.took = stage_.world.now() - kBeginning;
    if (outcome) {
        verdict.line = outcome->line;
        verdict.failure = in_line(outcome->line) + outcome->words;
    }
    return verdict;
}

/// Supervisors at once; then one module after the other, so that vem-3 becomes module 3.
Outcome Player::Implementation::start_in_order(const std::vector<std::string>& nodes) {
    std::vector<std::string> modules;
    for (const std::string& name : nodes) {
        if (is_module(name))
            modules.push_back(name);
        else if (const auto refusal = start(name, nullptr))
            return Failure{{}, *refusal};
    }
    std::ranges::sort(modules, {}, number_of);
    Duration limit = kAttachLimit;
    for (const std::string& name : modules) {
        if (const auto refusal = start(name, nullptr))
            return Failure{{}, *refusal};
        const Actor& actor = *stage_.find(name);
        const bool is_attached = stage_.world.run_until(
            [&] {
                const auto* module = stage_.module(actor);
                return module != nullptr && module->state() == vem::module::State::attached;
            },
            limit);
        // Nobody is there to attach to: the others need not wait for that either.
        if (!is_attached)
            limit = Duration{};
    }
    return std::nullopt;
}

Outcome Player::Implementation::make_ready() {
    const std::vector<std::string> nodes =
        scenario_.lab.ready.value_or(default_nodes(scenario_.lab.vems));
    if (nodes.empty())
        return std::nullopt;
    if (Outcome outcome = start_in_order(nodes))
        return outcome;
    const bool wait_for_ha = !scenario_.lab.ready;
    tell_action(Start{nodes, {}}, wait_for_ha ? ", wait for HA" : "");
    mark_action();
    if (!wait_for_ha)
        return std::nullopt;
    return expect(ha_expectations(nodes), "the pair is HA, all modules are ok");
}

Outcome Player::Implementation::let_pass(Instant until) {
    World& world = stage_.world;
    while (world.now() < until) {
        // Traffic must be looked at in every state that the world passes through.
        const Instant at = stage_.pings.empty() ? until : std::min(until, world.next_event());
        if (!world.run_until(at))
            return Failure{{}, "the world is stuck: " + world.stuck().value_or("")};
        after_moment();
    }
    return std::nullopt;
}

Outcome Player::Implementation::run_steps(const std::vector<Step>& steps) {
    Instant step_at = stage_.world.now();
    for (const Step& step : steps) {
        if (options_.witness != nullptr && !step.say.empty())
            options_.witness->on_heading(stage_.world.now(), step.say);
        Outcome outcome;
        if (step.at)
            outcome = let_pass(begun_ + evaluate(*step.at, units_));
        if (step.after && !outcome)
            outcome = let_pass(step_at + evaluate(*step.after, units_));
        step_at = stage_.world.now();
        if (!outcome)
            outcome = run_step(step);
        if (outcome)
            return outcome;
    }
    return std::nullopt;
}

Outcome Player::Implementation::run_step(const Step& step) {
    if (std::holds_alternative<Nothing>(step.action))
        return std::nullopt;
    if (const auto* repeat = std::get_if<Repeat>(&step.action)) {
        for (unsigned time = 0; time < repeat->times; ++time)
            if (Outcome outcome = run_steps(repeat->steps))
                return outcome;
        return std::nullopt;
    }
    if (const auto* wanted = std::get_if<Expect>(&step.action))
        return expect(wanted->expectations);
    // Marked before: what an action causes belongs to it.
    mark_action();
    tell_action(step.action, "");
    if (const auto refusal = std::visit([this](const auto& one) { return act(one); }, step.action))
        return Failure{step.line, *refusal};
    after_moment();
    if (Outcome outcome = let_pass(stage_.world.now() + options_.action_time))
        return outcome;
    if (std::holds_alternative<Start>(step.action))
        action_at_ = stage_.world.now();  // a process counts from when it runs
    if (options_.witness != nullptr && !output_.empty())
        options_.witness->on_output(stage_.world.now(), std::exchange(output_, {}));
    return std::nullopt;
}

void Player::Implementation::tell_action(const Action& action, const std::string& more) {
    if (options_.witness != nullptr)
        options_.witness->on_action(stage_.world.now(), describe(action) + more);
}

void Player::Implementation::mark_action() {
    action_at_ = stage_.world.now();
    stage_.capture.advance(action_at_);
    action_.frames = stage_.capture.mark();
    action_.lines.clear();
    for (const Actor& actor : stage_.actors())
        action_.lines.push_back(actor.log.size());
}

/// Errors nobody announced fail a scenario whose steps all held, and so do processes that ended.
Outcome Player::Implementation::check_logs() {
    const auto is_announced = [this](std::string_view mnemonic) {
        return std::ranges::find(scenario_.expect_errors, mnemonic) !=
                   scenario_.expect_errors.end() ||
               std::ranges::find(harmless_errors(), mnemonic) != harmless_errors().end();
    };
    for (const Actor& actor : stage_.actors()) {
        if (actor.refused && !may_end_.contains(actor.name))
            return Failure{{},
                           actor.name + " " + stage_.process(actor) + ": " +
                               actor.log.line(actor.log.size() - 1)};
        for (std::size_t line = 0; line < actor.log.size(); ++line)
            if (actor.log.severity(line) <= 3 && !is_announced(actor.log.mnemonic(line)))
                return Failure{
                    {},
                    actor.name + " logs an error that is not announced: " + actor.log.line(line)};
    }
    return std::nullopt;
}

Player::Player(const Scenario& scenario, PlayOptions options)
    : implementation_(std::make_unique<Implementation>(scenario, std::move(options))) {}
Player::~Player() = default;

World& Player::world() {
    return implementation_->stage_.world;
}
const Units& Player::units() const {
    return implementation_->units_;
}
Verdict Player::play() {
    return implementation_->play();
}
std::vector<std::string> Player::log(const std::string& node) const {
    const Actor* actor = std::as_const(implementation_->stage_).find(node);
    return actor == nullptr ? std::vector<std::string>{} : actor->log.all();
}
std::string Player::process(const std::string& node) const {
    const Actor* actor = std::as_const(implementation_->stage_).find(node);
    return actor == nullptr ? "no such node" : implementation_->stage_.process(*actor);
}

}  // namespace sim::play
