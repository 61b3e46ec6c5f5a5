// What a virtual world and its nodes are made of, and what can be done to them. Plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "libha/supervisor/supervisor.hpp"
#include "libha/wire/layout.hpp"
#include "libvem/module/module.hpp"

namespace sim {

using ha::Duration;
using ha::Instant;
using ha::PortKind;

/// A node of a world, in the order they were added.
using NodeIndex = std::size_t;
inline constexpr NodeIndex kNoNode = ~NodeIndex{0};

/// One direction of one cable. Chances are per million, so that equal seeds mean equal runs on
/// every machine.
struct WireQuality {
    std::uint32_t loss_ppm = 0;
    std::uint32_t duplicate_ppm = 0;
    std::uint32_t corrupt_ppm = 0;  ///< flips one to eight bits
    /// What frames carry as the version of the wire format; ours: as they were sent.
    std::uint8_t wire_version = ha::wire::kVersion;
    Duration delay{};      ///< on top of the world's own
    Duration jitter{};     ///< 0 to this is added, evenly
    bool reorder = false;  ///< jitter may change the order
    friend bool operator==(const WireQuality&, const WireQuality&) = default;
};

/// Seen from the node.
enum class Direction : std::uint8_t { in, out, both };

/// What a host that dies leaves of the write that is under way.
enum class DiskFault : std::uint8_t {
    kept,  ///< it reaches the disk
    lost,  ///< the disk holds what it held before
    torn,  ///< the stored file is damaged: the next start sets it aside and begins with nothing
};

/// As `scripts/lab status` has it.
enum class ProcessState : std::uint8_t { not_started, running, frozen, stopped, killed };
std::string_view to_string(ProcessState state);

/// An L2 interface as it is installed.
struct Interface {
    bool exists = true;  ///< false: the node has no such port
    ha::MacAddress mac;
    std::string name = "control0";
    std::uint16_t vlan = 0;  ///< 0: untagged. Nodes hear only their own VLAN
    std::uint16_t ether_type = ha::wire::kDefaultEtherType;
};

struct SupervisorSettings {
    /// All but pair.incarnation and stored: the world counts lives and keeps the disk.
    ha::supervisor::Options options;
    std::array<Interface, ha::kPortCount> interfaces;  ///< by index_of(PortKind)
    /// How long the mgmt address outlives a process that cannot give it up, and how often the
    /// lease is renewed (SW-5).
    Duration address_lease{std::chrono::seconds{21}};
    Duration address_renewal{std::chrono::seconds{5}};
};

struct ModuleSettings {
    /// All but incarnation and what is remembered.
    vem::module::Options options;
    Interface control;
    /// That carry traffic: they are there, up and linked until somebody says otherwise.
    std::size_t ports = 0;
};

struct WorldOptions {
    std::uint64_t seed = 1;
    Duration wire_delay{std::chrono::microseconds{50}};     ///< of every frame
    Duration link_delay{std::chrono::microseconds{100}};    ///< until a node learns of its link
    Duration store_delay{std::chrono::milliseconds{2}};     ///< until a write is durable
    Duration store_jitter{};                                ///< 0 to this on top
    Duration restart_delay{std::chrono::milliseconds{20}};  ///< of a process that starts anew
    Duration gasp_delay{std::chrono::milliseconds{2}};      ///< until a guardian speaks
    Duration gasp_jitter{};                                 ///< 0 to this on top
    Duration wake_jitter{};                                 ///< timers fire up to this late
    Duration clock_spread{std::chrono::hours{1000}};        ///< nodes' clocks begin this far apart
    std::size_t queue_limit = 4096;  ///< frames the kernel keeps for a frozen process
};

}  // namespace sim
