// See look.hpp.
#include "libsim/play/look.hpp"

#include <nlohmann/json.hpp>

#include "libha/cli/state_words.hpp"
#include "libsim/scenario/path.hpp"
#include "libsim/scenario/words.hpp"

namespace sim::play {

using namespace sim::scenario;
using ha::redundancy::PairState;
using vem::registry::Attachment;

namespace {

constexpr const char* kNoAnswer = "no answer";
constexpr std::size_t kMostShown = 97;

/// The node that a subject names; null for subjects about more than one.
const std::string* node_of(const Subject& subject) {
    return std::visit(
        [](const auto& one) -> const std::string* {
            if constexpr (requires { one.node; })
                return &one.node;
            else
                return nullptr;
        },
        subject);
}

std::string cut(std::string text) {
    if (text.size() <= kMostShown + 3)
        return text;
    return text.substr(0, kMostShown) + "…";
}

std::string status_of(const StatusIs& status, const ha::supervisor::Brief& brief) {
    switch (status.key) {
        case StatusIs::Key::state:
            return ha::cli::words_of_this(brief.state).internal;
        case StatusIs::Key::redundancy:
            return ha::cli::words_of_this(brief.state).redundancy;
        case StatusIs::Key::mode:
            return std::string(ha::cli::mode_words(brief.state));
        case StatusIs::Key::degraded:
            return brief.degraded ? "true" : "false";
    }
    return {};
}

/// As `show module` has it; empty: there is no such line.
std::string status_of_module(const ha::supervisor::Supervisor& supervisor, unsigned module) {
    switch (supervisor.attachment(static_cast<ha::Slot>(module))) {
        case Attachment::absent:
            return {};
        case Attachment::storing:
            return "powered-up";
        case Attachment::online:
            return "ok";
    }
    return {};
}

}  // namespace

Look::Look(const Expectation& expectation, Stage& stage, const Beginnings& action)
    : expectation_(expectation), stage_(stage) {
    const std::string* node = node_of(expectation.subject);
    if (node != nullptr)
        actor_ = stage.find(*node);
    if (const auto* frames = std::get_if<FramesSeen>(&expectation.subject)) {
        wanted_.emplace(*frames);
        first_frame_ = frames->since == Since::start ? 0 : action.frames;
    } else if (const auto* log = std::get_if<LogHas>(&expectation.subject)) {
        if (log->since == Since::action)
            next_line_ = action.lines;
        next_line_.resize(stage.actors().size());
    }
}

bool Look::is_stale() const {
    return looked_at_ != (actor_ != nullptr ? actor_->version : stage_.version());
}

bool Look::holds() {
    looked_at_ = actor_ != nullptr ? actor_->version : stage_.version();
    return std::visit([this](const auto& subject) { return holds_now(subject); },
                      expectation_.subject);
}

std::string Look::seen() {
    return std::visit([this](const auto& subject) { return words_now(subject); },
                      expectation_.subject);
}

bool Look::holds_now(const StatusIs& status) {
    const auto* supervisor = actor_ != nullptr ? stage_.supervisor(*actor_) : nullptr;
    return supervisor != nullptr && status_of(status, supervisor->brief()) == status.wanted;
}
std::string Look::words_now(const StatusIs& status) {
    const auto* supervisor = actor_ != nullptr ? stage_.supervisor(*actor_) : nullptr;
    return supervisor == nullptr ? kNoAnswer : status_of(status, supervisor->brief());
}

bool Look::holds_now(const ModuleIs& module) {
    const auto* supervisor = actor_ != nullptr ? stage_.supervisor(*actor_) : nullptr;
    if (supervisor == nullptr)
        return false;
    if (module.module < ha::kFirstModuleNumber)
        return ask(long_form(module)).holds;
    const std::string status = status_of_module(*supervisor, module.module);
    return module.status == "absent" ? status.empty() : status == module.status;
}
std::string Look::words_now(const ModuleIs& module) {
    const auto* supervisor = actor_ != nullptr ? stage_.supervisor(*actor_) : nullptr;
    if (supervisor == nullptr || module.module < ha::kFirstModuleNumber)
        return ask(long_form(module)).words;
    const std::string status = status_of_module(*supervisor, module.module);
    return status.empty() ? "absent" : status;
}

Look::Seen Look::ask(const CommandShows& shown) {
    if (actor_ == nullptr)
        return {false, kNoAnswer};
    const auto answer =
        stage_.ask(*actor_, shown.path.empty() ? shown.command : shown.command + " | json");
    if (!answer)
        return {false, kNoAnswer};
    if (answer->exit_status != 0)
        return {scenario::holds(shown.check, answer->error), "refused: " + cut(answer->error)};
    if (shown.path.empty())
        return {scenario::holds(shown.check, answer->output), cut(answer->output)};
    const auto document = nlohmann::json::parse(answer->output, nullptr, false);
    if (document.is_discarded())
        return {false, "the answer is no JSON"};
    const auto value = follow(document, shown.path);
    if (!value)
        return {shown.check.kind == Check::Kind::absent, value.error()};
    return {scenario::holds(shown.check, *value), cut(*value)};
}

bool Look::holds_now(const CommandShows& shown) {
    return ask(shown).holds;
}
std::string Look::words_now(const CommandShows& shown) {
    return ask(shown).words;
}

bool Look::has_line(const Actor& actor, const std::string& words) {
    if (next_line_.size() <= actor.node)
        next_line_.resize(actor.node + 1);
    for (std::size_t& next = next_line_[actor.node]; next < actor.log.size(); ++next) {
        std::string line = actor.log.line(next);
        if (line.find(words) != std::string::npos) {
            line_ = std::move(line);
            return true;
        }
    }
    return false;
}

bool Look::holds_now(const LogHas& log) {
    if (!line_.empty())
        return true;
    if (log.node != kAnyNode)
        return actor_ != nullptr && has_line(*actor_, log.words);
    for (const Actor& actor : stage_.actors())
        if (has_line(actor, log.words))
            return true;
    return false;
}
std::string Look::words_now(const LogHas&) {
    return line_.empty() ? "not in the log" : line_;
}

/// How many of the lab's addresses are on its interface.
std::size_t Look::held_addresses() const {
    return actor_ != nullptr && actor_->installation.is_supervisor() &&
                   stage_.world.has_address(actor_->node)
               ? actor_->installation.lab_addresses
               : 0;
}

bool Look::holds_now(const AddressIs& address) {
    return held_addresses() == (address.held ? lab_addresses().size() : 0);
}
std::string Look::words_now(const AddressIs&) {
    std::string text = "holds ";
    for (std::size_t index = 0; index < held_addresses(); ++index) {
        const std::string& address = lab_addresses()[index];
        text += (index == 0 ? "" : " and ") + address.substr(0, address.find('/'));
    }
    return held_addresses() == 0 ? text + "none" : text;
}

bool Look::holds_now(const ProcessIs& process) {
    return actor_ != nullptr &&
           stage_.process(*actor_).starts_with(word_of(kProcessWords, process.state));
}
std::string Look::words_now(const ProcessIs&) {
    return actor_ == nullptr ? "no such node" : stage_.process(*actor_);
}

bool Look::holds_now(const FramesSeen& frames) {
    stage_.capture.advance(stage_.world.now());
    return scenario::holds(frames.check,
                           std::to_string(stage_.capture.count(*wanted_, first_frame_)));
}
std::string Look::words_now(const FramesSeen&) {
    return std::to_string(stage_.capture.count(*wanted_, first_frame_)) + " frames";
}

bool Look::holds_now(const PingLost& ping) {
    const Pings::Count count = stage_.pings.count(ping.name);
    return count.sent > 0 && scenario::holds(ping.check, std::to_string(count.lost));
}
std::string Look::words_now(const PingLost& ping) {
    const Pings::Count count = stage_.pings.count(ping.name);
    return std::to_string(count.lost) + " of " + std::to_string(count.sent) + " lost";
}

bool Look::holds_now(const DomainWhole&) {
    return what_is_not_whole(stage_).empty();
}
std::string Look::words_now(const DomainWhole&) {
    const std::string fault = what_is_not_whole(stage_);
    return fault.empty() ? "whole" : fault;
}

std::string what_is_not_whole(const Stage& stage) {
    const ha::supervisor::Supervisor* active = nullptr;
    std::size_t actives = 0;
    std::size_t standbys = 0;
    for (const Actor& actor : stage.actors()) {
        const auto* supervisor = stage.supervisor(actor);
        if (supervisor == nullptr)
            continue;
        const PairState state = supervisor->brief().state;
        if (state == PairState::active_ha) {
            active = supervisor;
            ++actives;
        } else if (state == PairState::standby_ha) {
            ++standbys;
        }
    }
    if (actives != 1)
        return std::to_string(actives) + " supervisors are active with HA standby";
    if (standbys != 1)
        return std::to_string(standbys) + " supervisors are HA standby";
    const ha::Incarnation incarnation = active->brief().incarnation;
    for (const Actor& actor : stage.actors()) {
        const auto* module = stage.module(actor);
        if (module == nullptr)
            continue;
        if (module->state() != vem::module::State::attached ||
            module->supervisor_incarnation() != incarnation)
            return actor.name + " is not attached to the active";
        if (active->attachment(module->number()) != Attachment::online)
            return "the active does not show " + actor.name + " as ok";
    }
    return {};
}

}  // namespace sim::play
