// A domain, or many, in virtual time: supervisors and modules on a control and a mgmt network,
// with every fault that cables, hosts, disks and clocks are capable of. It runs the very classes
// the daemons run and stands in for their runtimes: a stall is noticed, queued frames are read
// before a timer fires, an address is held by a lease, a write takes its time.
//
// Deterministic: equal options and equal calls give equal runs, frame by frame. Pure: no clock, no
// file, no thread. One thread at a time may use a world. It must never look inside the machines.
//
// Time: calls and observers use the world's time, which begins at kBeginning. Each node's machine
// sees its own clock, which may begin elsewhere and run at another rate.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libsim/world/settings.hpp"

namespace sim {

inline constexpr Instant kBeginning{std::chrono::seconds{1000}};

/// A frame on its way.
struct Frame {
    Instant at;  ///< sent, or arrived
    PortKind port = PortKind::control;
    NodeIndex from = kNoNode;  ///< kNoNode: injected
    NodeIndex to = kNoNode;    ///< of an arrival
    ha::MacAddress source;
    ha::MacAddress destination;
    const ha::wire::Bytes* payload = nullptr;  ///< valid during the call
};

/// Why a frame did not arrive at a node it was meant for.
enum class Loss : std::uint8_t {
    cut,
    chance,
    no_carrier,
    interface_down,
    no_process,
    queue_full,
    other_vlan,
};
std::string_view to_string(Loss loss);

/// Told what happens, as it happens. Must not change the world while it is told.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void on_sent(const Frame& /*frame*/) {}
    /// At a process that runs, before it takes it; one that woke gets what waited, with its times.
    virtual void on_arrived(const Frame& /*frame*/) {}
    virtual void on_lost(const Frame& /*frame*/, Loss /*why*/) {}
    /// Before a supervisor's machine is made of `options` at `now` of the node's clock.
    virtual void on_made(NodeIndex /*node*/, const ha::supervisor::Options& /*options*/,
                         Instant /*now*/) {}
    /// Before a machine takes an input; times in it are the node's own.
    virtual void on_input(NodeIndex /*node*/, const ha::supervisor::Input& /*input*/) {}
    /// After a supervisor took an input, before its effects are carried out.
    virtual void on_effects(NodeIndex /*node*/, const ha::supervisor::Effects& /*effects*/) {}
    virtual void on_effects(NodeIndex /*node*/, const vem::module::Effects& /*effects*/) {}
    /// After a node's step is complete: what its machine says of itself may be looked at.
    virtual void on_stepped(NodeIndex /*node*/) {}
    /// A process begins, ends, freezes …: its new state, and what happened ("restarts: reload").
    virtual void on_process(NodeIndex /*node*/, ProcessState /*state*/,
                            const std::string& /*what*/) {}
    /// Its cables, interfaces or disk were changed from outside.
    virtual void on_changed(NodeIndex /*node*/) {}
};

/// A line of a node's log; survives its restarts.
struct LogEntry {
    Instant at;
    ha::catalog::Report report;
};

class World {
public:
    explicit World(WorldOptions options);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // -- what there is. Nodes are plugged in when they are added, and down until started.
    NodeIndex add_supervisor(const std::string& name, SupervisorSettings settings);
    NodeIndex add_module(const std::string& name, ModuleSettings settings);
    /// Takes effect when the node is started next.
    void configure(NodeIndex node, SupervisorSettings settings);
    void configure(NodeIndex node, ModuleSettings settings);
    /// Does not own them. Called in the order they were added.
    void add_observer(Observer& observer);

    [[nodiscard]] std::size_t nodes() const;
    [[nodiscard]] const std::string& name(NodeIndex node) const;
    /// kNoNode when there is none of this name.
    [[nodiscard]] NodeIndex find(const std::string& name) const;
    [[nodiscard]] bool is_supervisor(NodeIndex node) const;
    [[nodiscard]] ProcessState process(NodeIndex node) const;
    /// Null while it does not run, and of a node of the other kind. Frozen ones run.
    [[nodiscard]] const ha::supervisor::Supervisor* supervisor(NodeIndex node) const;
    [[nodiscard]] const vem::module::Module* module(NodeIndex node) const;
    [[nodiscard]] const ha::supervisor::StoredState& stored(NodeIndex node) const;
    [[nodiscard]] const std::vector<LogEntry>& log(NodeIndex node) const;
    /// The ports of a module, as they are on its host: its process need not run.
    [[nodiscard]] const std::vector<ha::wire::PortState>& module_ports(NodeIndex node) const;
    [[nodiscard]] const WorldOptions& options() const;
    /// As they will be for the next life. The node must be of that kind.
    [[nodiscard]] const SupervisorSettings& supervisor_settings(NodeIndex node) const;
    [[nodiscard]] const ModuleSettings& module_settings(NodeIndex node) const;
    [[nodiscard]] const ha::MacAddress& mac(NodeIndex node, PortKind port) const;
    [[nodiscard]] bool is_disk_full(NodeIndex node) const;
    /// How often the disk lost what it held (DiskFault::torn).
    [[nodiscard]] std::uint64_t disks_torn(NodeIndex node) const;
    /// The mgmt addresses are on its interface (SW-5).
    [[nodiscard]] bool has_address(NodeIndex node) const;
    /// Frames can go from one node to the other now, chance aside: cables, interfaces, partitions.
    /// kNoNode: somebody else on the network, in the other's VLAN.
    [[nodiscard]] bool is_connected(NodeIndex from, NodeIndex to, PortKind port) const;

    // -- processes. Calls that make no sense in the present state do nothing.
    void start(NodeIndex node);
    void stop(NodeIndex node);  ///< SIGTERM
    void kill(NodeIndex node);  ///< SIGKILL: the kernel completes the write under way
    /// SIGKILL to a daemon that has a guardian, which gives the address up and says its last words
    /// (HB-8). Of a module: kill().
    void crash(NodeIndex node);
    void freeze(NodeIndex node);  ///< SIGSTOP
    void thaw(NodeIndex node);
    /// The host dies, and its address with it at once.
    void power_off(NodeIndex node, DiskFault disk);
    /// For what an operator asks of a machine; `now` of the input is filled in.
    void request(NodeIndex node, ha::supervisor::Input input);
    void request(NodeIndex node, vem::module::Input input);

    // -- wires
    void cut(NodeIndex node, PortKind port, Direction direction);
    void set_carrier(NodeIndex node, PortKind port, bool carrier);
    void set_quality(NodeIndex node, PortKind port, Direction direction,
                     const WireQuality& quality);
    [[nodiscard]] WireQuality quality(NodeIndex node, PortKind port, Direction direction) const;
    /// `to` does not hear `from` any more, whatever their cables do.
    void separate(NodeIndex from, NodeIndex to, PortKind port);
    /// Mends cuts, carrier, quality and separations of this cable.
    void heal(NodeIndex node, PortKind port);
    void set_interface(NodeIndex node, PortKind port, bool up);
    /// Somebody on the host of a module sets one of its ports, counted from 1, up or down, or its
    /// cable comes or goes.
    void set_module_port(NodeIndex node, std::size_t number, bool admin_up, bool link);
    void unplug(NodeIndex node, PortKind port);
    void plug(NodeIndex node, PortKind port, const ha::MacAddress& mac);
    /// Puts a frame on the network as if it came from somewhere else; everybody it is for hears it.
    void inject(PortKind port, const ha::MacAddress& source, const ha::MacAddress& destination,
                ha::wire::Bytes payload, std::uint16_t vlan = 0);
    /// The same, for one node only.
    void inject_to(NodeIndex node, PortKind port, const ha::MacAddress& source,
                   const ha::MacAddress& destination, ha::wire::Bytes payload);

    // -- disks and clocks
    /// Writes fail from now on (a full disk), or succeed again.
    void set_disk_full(NodeIndex node, bool full);
    /// The node's monotonic clock runs faster (or slower) by `drift_ppm`, at most ±200 000.
    void set_drift(NodeIndex node, std::int32_t drift_ppm);
    /// The wall clock jumps. Only dates, and the count of lives of a host that lost its disk, see
    /// it.
    void step_wall_clock(NodeIndex node, Duration step);
    [[nodiscard]] Instant local_time(NodeIndex node) const;
    [[nodiscard]] ha::WallTime wall_time(NodeIndex node) const;
    /// The world's time of an instant of the node's clock.
    [[nodiscard]] Instant world_time(NodeIndex node, Instant local) const;

    // -- time
    [[nodiscard]] Instant now() const;
    /// Earliest time at which something will happen by itself.
    [[nodiscard]] Instant next_event() const;
    /// Everything up to and including `until` happens. False when the world is stuck.
    bool run_until(Instant until);
    bool run_for(Duration duration) { return run_until(now() + duration); }
    /// Until `condition` holds; it is asked after every moment at which something happened. False
    /// when it did not within `limit`.
    bool run_until(const std::function<bool()>& condition, Duration limit);
    /// Why the world cannot go on: a machine that asks for a tick again and again at the same
    /// moment.
    [[nodiscard]] const std::optional<std::string>& stuck() const;
    /// Even chances below `bound`, of the world's own generator.
    std::uint64_t pick(std::uint64_t bound);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace sim
