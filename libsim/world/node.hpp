// One node of a world: a host with its interfaces, clocks and disk, and the process on it. Data of
// World::Implementation, private to this folder.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libha/base/stall_detector.hpp"
#include "libsim/world/agenda.hpp"
#include "libsim/world/clock.hpp"

namespace sim {

/// An interface and the cable that leads from it to the network.
struct Port {
    Interface interface;
    bool admin_up = true;
    bool carrier = true;
    bool cut_in = false;
    bool cut_out = false;
    WireQuality in;
    WireQuality out;

    [[nodiscard]] bool is_up() const { return interface.exists && admin_up; }
    [[nodiscard]] bool is_usable() const { return is_up() && carrier; }
};

/// A write under way.
struct Write {
    std::uint64_t token = 0;
    ha::records::Changes changes;
};

/// What reaches a process that does not run, in the order of its coming.
struct Waiting {
    struct Arrival {
        std::shared_ptr<const Transit> transit;
        Instant at;
    };
    std::deque<Arrival> frames;
    std::array<bool, ha::kPortCount> link_news{};
    std::optional<std::uint64_t> stored;  ///< token
    bool port_news = false;
    bool stop = false;
};

struct Node {
    Node(std::string its_name, Instant now, Instant local)
        : name(std::move(its_name)), clock(now, local), stalls(Duration{}) {}

    [[nodiscard]] bool is_alive() const { return supervisor != nullptr || module != nullptr; }
    [[nodiscard]] bool takes_inputs() const {
        return is_alive() && process == ProcessState::running;
    }
    Port& port(PortKind kind) { return ports[ha::index_of(kind)]; }
    [[nodiscard]] const Port& port(PortKind kind) const { return ports[ha::index_of(kind)]; }

    std::string name;
    std::optional<SupervisorSettings> supervisor_settings;  ///< one of the two is set
    std::optional<ModuleSettings> module_settings;
    std::array<Port, ha::kPortCount> ports;

    Clock clock;
    Duration wall_offset{};

    ProcessState process = ProcessState::not_started;
    std::uint64_t life = 0;  ///< counts processes, so that what was planned for one dies with it
    std::unique_ptr<ha::supervisor::Supervisor> supervisor;
    std::unique_ptr<vem::module::Module> module;
    ha::StallDetector stalls;
    Instant wake_at = ha::kNever;  ///< earliest planned wake
    std::size_t ticks_in_a_row = 0;
    Instant ticked_at;
    Waiting waiting;  ///< while frozen

    ha::supervisor::StoredState stored;  ///< on the disk
    ha::Slot remembered = ha::kNoSlot;
    std::optional<ha::DomainId> remembered_domain;
    std::vector<ha::wire::PortOrder> remembered_orders;
    std::vector<ha::wire::PortState> module_ports;
    std::uint32_t module_boots = 0;
    std::optional<Write> write;
    bool disk_full = false;
    bool torn = false;
    std::uint64_t times_torn = 0;

    bool holds_address = false;
    Instant held_since;
    Instant address_until;  ///< of a process that cannot renew its lease any more

    std::vector<LogEntry> log;
};

}  // namespace sim
