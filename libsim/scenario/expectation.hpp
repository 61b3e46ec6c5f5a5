// What a scenario expects to observe: a subject, what it must be, and for how long. Plain data;
// docs/scenarios.md is the reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "libha/base/identity.hpp"
#include "libsim/scenario/durations.hpp"
#include "libsim/scenario/setting.hpp"

namespace sim::scenario {

/// Compares what was observed, as text (true, 3, HA), with `wanted`.
struct Check {
    enum class Kind : std::uint8_t {
        equals,
        not_equals,
        matches,   ///< a regular expression (RE2) finds it somewhere
        contains,  ///< it is part of it
        at_least,  ///< both are numbers
        at_most,
        absent,  ///< the path leads nowhere
    };
    Kind kind = Kind::equals;
    std::string wanted{};  ///< empty for absent
    friend bool operator==(const Check&, const Check&) = default;
};

/// Whether `observed` is what `check` wants; false for absent, which only who looks can know.
bool holds(const Check& check, const std::string& observed);
/// "is ok", "at least 3", "is absent".
std::string describe(const Check& check);

/// Whether a count or a search begins with the scenario or with the last thing that was done.
enum class Since : std::uint8_t { action, start };

/// A value of `show system redundancy status | json`.
struct StatusIs {
    enum class Key : std::uint8_t { state, redundancy, mode, degraded };
    std::string node{};
    Key key = Key::state;
    std::string wanted{};  ///< "Active with HA standby"; degraded: "true" or "false"
    friend bool operator==(const StatusIs&, const StatusIs&) = default;
};

/// A line of `show module`.
struct ModuleIs {
    std::string node{};
    unsigned module = 0;
    std::string status{};  ///< "ok"; "absent": there is no such line
    friend bool operator==(const ModuleIs&, const ModuleIs&) = default;
};

/// The answer to a command: its text, or what `path` leads to in the data of `COMMAND | json`. A
/// command that is refused answers with its error.
struct CommandShows {
    std::string node{};
    std::string command{};
    std::string path{};  ///< empty: the text
    Check check{};
    friend bool operator==(const CommandShows&, const CommandShows&) = default;
};

struct LogHas {
    std::string node{};  ///< or "any"
    std::string words{};
    Since since = Since::action;
    friend bool operator==(const LogHas&, const LogHas&) = default;
};
inline constexpr const char* kAnyNode = "any";

/// The mgmt addresses are on the node's interface: all of them, or none.
struct AddressIs {
    std::string node{};
    bool held = true;
    friend bool operator==(const AddressIs&, const AddressIs&) = default;
};

struct ProcessIs {
    enum class State : std::uint8_t {
        running,
        frozen,
        stopped,  ///< ended with exit status 0
        killed,   ///< by the scenario
        crashed,
        failed,  ///< ended with another exit status
        not_started,
    };
    std::string node{};
    State state = State::running;
    friend bool operator==(const ProcessIs&, const ProcessIs&) = default;
};

/// How many such frames were sent, whatever became of them; what is empty matches all.
struct FramesSeen {
    std::optional<ha::PortKind> port{};
    std::string from{};  ///< node
    std::string to{};    ///< node (then `port` is given), "broadcast" or "unicast"
    std::string type{};  ///< "heartbeat-request", …, "gratuitous-arp", "neighbor-advertisement"
    Since since = Since::action;
    Check check{};
    friend bool operator==(const FramesSeen&, const FramesSeen&) = default;
};

/// How many packets of a `ping` step were lost.
struct PingLost {
    std::string name{};
    Check check{};
    friend bool operator==(const PingLost&, const PingLost&) = default;
};

/// Exactly one supervisor is "Active with HA standby", exactly one "HA standby", and each module
/// that runs is attached to the active, which shows it as ok.
struct DomainWhole {
    friend bool operator==(const DomainWhole&, const DomainWhole&) = default;
};

using Subject = std::variant<StatusIs, ModuleIs, CommandShows, LogHas, AddressIs, ProcessIs,
                             FramesSeen, PingLost, DomainWhole>;

/// How long it is watched. Times count from the last thing that was done, or from the end of an
/// always_for or never_for before.
struct Watching {
    enum class Mode : std::uint8_t {
        within,      ///< must come true before `time` is over
        always_for,  ///< must be true at every look
        never_for,   ///< must not be true at any look
    };
    Mode mode = Mode::within;
    TimeExpression time = times(2, Unit::loss_interval);
    std::optional<TimeExpression> not_before{};  ///< with within: must not be true earlier
    friend bool operator==(const Watching&, const Watching&) = default;
};

struct Expectation {
    Line line{};
    Subject subject{};
    Watching watching{};
    friend bool operator==(const Expectation&, const Expectation&) = default;
};

/// The command that the short forms StatusIs and ModuleIs stand for.
CommandShows long_form(const StatusIs& status);
CommandShows long_form(const ModuleIs& module);
/// "vsm-a: internal state is HA standby": for a timeline or a failure.
std::string describe(const Expectation& expectation);

}  // namespace sim::scenario
