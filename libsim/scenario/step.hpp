// What a scenario does, step by step. Plain data; docs/scenarios.md is the reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/mac_address.hpp"
#include "libha/wire/codec.hpp"
#include "libha/wire/frame.hpp"
#include "libsim/scenario/expectation.hpp"

namespace sim::scenario {

enum class Cable : std::uint8_t { control, mgmt, all };
/// The ports of a cable.
std::vector<ha::PortKind> ports_of(Cable cable);
/// As the node sees it.
enum class Direction : std::uint8_t { both, in, out };
/// A chance in millionths: 1 percent is 10 000.
using Chance = std::uint32_t;
inline constexpr Chance kCertain = 1'000'000;

/// A step that only says something, or lets time pass.
struct Nothing {
    friend bool operator==(const Nothing&, const Nothing&) = default;
};

/// A node that does not exist yet is plugged in first. `config` is merged over its configuration,
/// for this start only.
struct Start {
    std::vector<std::string> nodes{};
    std::optional<Setting> config{};
    friend bool operator==(const Start&, const Start&) = default;
};

struct Signal {
    enum class Kind : std::uint8_t {
        stop,     ///< SIGTERM, and wait for its end
        kill,     ///< SIGKILL, to its guardian as well: nobody tells of it
        freeze,   ///< SIGSTOP
        thaw,     ///< SIGCONT
        hang_up,  ///< SIGHUP: keys and what can change live are read again
        crash,    ///< SIGKILL to the daemon alone: its guardian says the dying gasp (HB-8)
    };
    Kind kind = Kind::stop;
    std::vector<std::string> nodes{};
    friend bool operator==(const Signal&, const Signal&) = default;
};

/// The host dies at once, and its addresses with it.
struct PowerOff {
    enum class Disk : std::uint8_t {
        kept,  ///< the write that is under way reaches the disk
        lost,  ///< it does not: the disk holds what it held before
        torn,  ///< the stored file is damaged
    };
    std::string node{};
    Disk disk = Disk::kept;
    friend bool operator==(const PowerOff&, const PowerOff&) = default;
};

/// The disk of a node takes no writes any more, or does again.
struct Disk {
    std::string node{};
    bool full = true;
    friend bool operator==(const Disk&, const Disk&) = default;
};

struct Clock {
    std::string node{};
    std::optional<std::int32_t> drift_ppm{};  ///< of its monotonic clock, from now on
    std::optional<Duration> step{};           ///< of its wall clock, once
    friend bool operator==(const Clock&, const Clock&) = default;
};

struct Cut {
    std::string node{};
    Cable cable = Cable::all;
    Direction direction = Direction::both;
    bool carrier = false;  ///< the node loses its carrier too
    std::string from{};    ///< another node: only what goes between the two; empty: everything
    friend bool operator==(const Cut&, const Cut&) = default;
};

/// Nodes of different groups do not hear each other; one in no group hears everybody. Adds to what
/// is cut already.
struct Partition {
    std::vector<std::vector<std::string>> groups{};
    Cable cable = Cable::all;
    friend bool operator==(const Partition&, const Partition&) = default;
};

/// Cuts (of pairs of nodes too), carrier and quality of this cable.
struct Heal {
    std::string node{};
    Cable cable = Cable::all;
    friend bool operator==(const Heal&, const Heal&) = default;
};

/// Heals all cables of all nodes and puts their interfaces up or back, makes room on disks and
/// ends drifts, thaws what is frozen and starts what was started before and does not run.
struct Mend {
    friend bool operator==(const Mend&, const Mend&) = default;
};

/// What a cable does to frames. Each of the four sets its own part and leaves the others alone.
struct Loss {
    std::string node{};
    Cable cable = Cable::all;
    Chance chance = 0;
    Direction direction = Direction::both;
    friend bool operator==(const Loss&, const Loss&) = default;
};

struct Delay {
    std::string node{};
    Cable cable = Cable::all;
    Duration delay{};
    Duration jitter{};     ///< nothing to this much is added, evenly
    bool reorder = false;  ///< jitter may change the order
    Direction direction = Direction::both;
    friend bool operator==(const Delay&, const Delay&) = default;
};

struct Duplicate {
    std::string node{};
    Cable cable = Cable::all;
    Chance chance = 0;
    Direction direction = Direction::both;
    friend bool operator==(const Duplicate&, const Duplicate&) = default;
};

/// Flips bits.
struct Corrupt {
    std::string node{};
    Cable cable = Cable::all;
    Chance chance = 0;
    Direction direction = Direction::both;
    friend bool operator==(const Corrupt&, const Corrupt&) = default;
};

/// Frames carry the number of another version of the wire format: the programs at both ends of the
/// cable are of releases that do not understand each other. No proof of a key survives it.
struct WireVersion {
    std::string node{};
    Cable cable = Cable::all;
    std::uint8_t number = 1;  ///< 1, this version: as they were sent
    Direction direction = Direction::both;
    friend bool operator==(const WireVersion&, const WireVersion&) = default;
};

/// The node's own interface is set up or down.
struct Link {
    std::string node{};
    Cable cable = Cable::all;
    bool up = true;
    friend bool operator==(const Link&, const Link&) = default;
};

/// The interface vanishes.
struct Unplug {
    std::string node{};
    Cable cable = Cable::all;
    friend bool operator==(const Unplug&, const Unplug&) = default;
};

/// It comes back, with another MAC if there is one.
struct Plug {
    std::string node{};
    Cable cable = Cable::all;
    std::optional<ha::MacAddress> mac{};
    friend bool operator==(const Plug&, const Plug&) = default;
};

/// Lines of one session, in their order.
struct Command {
    std::string node{};
    std::vector<std::string> run{};
    int exit = 0;  ///< what it must end with
    bool print = false;
    /// Otherwise the next step does not wait for the answer, whatever it is.
    bool wait = true;
    friend bool operator==(const Command&, const Command&) = default;
};

enum class InjectKind : std::uint8_t {
    replayed,
    reflected,
    corrupted,
    truncated,
    random,
    wrong_length,
    wrong_version,
    foreign_domain,
    unlearnt_mac,
    wrong_port,
    clashing_role,
};

/// Frames to a node, made from the latest one of node `like`, or of given bytes.
struct Inject {
    ha::PortKind port = ha::PortKind::control;
    std::string to{};
    std::optional<InjectKind> kind{};  ///< without: `bytes`
    ha::wire::Bytes bytes{};           ///< all after the EtherType
    std::string like{};                ///< empty: the node itself (reflected)
    std::optional<ha::wire::FrameType> type{};
    unsigned count = 1;
    friend bool operator==(const Inject&, const Inject&) = default;
};

/// Steady traffic. Endpoints: "vem-3-vm1", "station", or an address.
struct Ping {
    std::string name{};
    std::string from{};
    std::string to{};
    Duration interval{std::chrono::milliseconds{10}};
    friend bool operator==(const Ping&, const Ping&) = default;
};

/// One or more that are watched together.
struct Expect {
    std::vector<Expectation> expectations{};
    friend bool operator==(const Expect&, const Expect&) = default;
};

struct Step;

struct Repeat {
    unsigned times = 1;
    std::vector<Step> steps;
    friend bool operator==(const Repeat&, const Repeat&);
};

using Action = std::variant<Nothing, Start, Signal, PowerOff, Disk, Clock, Cut, Partition, Heal,
                            Mend, Loss, Delay, Duplicate, Corrupt, WireVersion, Link, Unplug, Plug,
                            Command, Inject, Ping, Repeat, Expect>;

struct Step {
    Line line{};
    std::string say{};                      ///< a heading above it
    std::optional<TimeExpression> at{};     ///< that long after the first step
    std::optional<TimeExpression> after{};  ///< that long after the step before began
    Action action{};
    friend bool operator==(const Step&, const Step&) = default;
};

/// "cut control of vsm-a, in only": for a timeline. Empty for Nothing, Repeat and Expect.
std::string describe(const Action& action);

}  // namespace sim::scenario
