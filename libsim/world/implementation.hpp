// The inside of World; see world.hpp for what each call means. Private to this folder.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "libsim/world/chance.hpp"
#include "libsim/world/node.hpp"
#include "libsim/world/world.hpp"

namespace sim {

class World::Implementation {
public:
    explicit Implementation(WorldOptions options) : options_(options), chance_(options.seed) {}

    // world.cpp
    NodeIndex add(const std::string& name);
    void install(NodeIndex index);
    bool run_until(Instant until);
    bool run_until(const std::function<bool()>& condition, Duration limit);
    [[nodiscard]] bool has_address(NodeIndex index) const;
    [[nodiscard]] ha::WallTime wall_time(const Node& node) const;

    // hosts.cpp
    void start(NodeIndex index);
    void stop(NodeIndex index);
    void die(NodeIndex index, DiskFault disk, bool host_dies);
    void crash(NodeIndex index);
    void freeze(NodeIndex index);
    void thaw(NodeIndex index);
    void step(NodeIndex index, const ha::supervisor::Input& input);
    void step(NodeIndex index, const vem::module::Input& input);
    void rearm(NodeIndex index);
    void tell_changed(NodeIndex index);
    void plan_link_news(NodeIndex index, PortKind port);
    /// Sets the ports of a module as ordered; what is as it is is not touched.
    void obey_orders(NodeIndex index);
    void tell_ports(NodeIndex index);

    // wires.cpp
    void transmit(NodeIndex from, PortKind port, const ha::MacAddress& destination,
                  ha::wire::Bytes payload);
    /// What goes onto the network is seen by the observers.
    void emit(const std::shared_ptr<const Transit>& transit);
    void carry(const std::shared_ptr<const Transit>& transit, NodeIndex to, const WireQuality* out);
    [[nodiscard]] std::shared_ptr<const Transit> wrap(NodeIndex from, PortKind port,
                                                      const ha::MacAddress& destination,
                                                      ha::wire::Bytes payload) const;
    void broadcast(const std::shared_ptr<const Transit>& transit, const WireQuality* out);
    void index_addresses();
    [[nodiscard]] bool is_connected(NodeIndex from, NodeIndex to, PortKind port) const;

    WorldOptions options_;
    Chance chance_;
    Instant now_ = kBeginning;
    Agenda agenda_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::map<std::string, NodeIndex> by_name_;
    std::vector<Observer*> observers_;
    std::set<std::tuple<NodeIndex, NodeIndex, PortKind>> separated_;
    std::optional<std::string> stuck_;

private:
    // world.cpp
    void happen(const Event& event);
    bool one_moment();

    // hosts.cpp
    void boot(NodeIndex index, const std::string& what);
    static void use_ports_as_configured(Node& node);
    void boot_supervisor(NodeIndex index);
    void boot_module(NodeIndex index);
    void finish_write(Node& node, DiskFault disk);
    void end_process(NodeIndex index, ProcessState state, const std::string& what);
    void tell_process(NodeIndex index, const std::string& what);
    void tell_link(NodeIndex index, PortKind port);
    void tell_stall(NodeIndex index);
    void tick(NodeIndex index);
    void on_wake(NodeIndex index, Instant at);
    void on_stored(NodeIndex index, std::uint64_t token);
    void carry_out(NodeIndex index, const ha::supervisor::Effect& effect);
    void carry_out(NodeIndex index, const vem::module::Effect& effect);
    void store(NodeIndex index, const ha::supervisor::Persist& effect);
    [[nodiscard]] Instant lease_end(const Node& node) const;

    // wires.cpp
    void on_arrival(const Event& event);
    void take_frame(NodeIndex index, const Transit& transit, Instant arrived);
    void plan_arrival(const std::shared_ptr<const Transit>& transit, NodeIndex to,
                      const WireQuality* out, const WireQuality& in);
    /// What arrives of a frame where a cable says that programs of other versions are at its ends.
    static std::shared_ptr<const Transit> relabel(const std::shared_ptr<const Transit>& transit,
                                                  const WireQuality* out, const WireQuality& in);
    std::shared_ptr<const Transit> spoil(const std::shared_ptr<const Transit>& transit);
    void tell_lost(const Transit& transit, NodeIndex to, Loss why);
    [[nodiscard]] std::optional<Loss> obstacle(const Transit& transit, NodeIndex to) const;

    /// Who listens to an address, so that a frame need not ask a thousand nodes.
    std::array<std::map<ha::MacAddress, std::vector<NodeIndex>>, ha::kPortCount> listeners_;
    /// Wires keep the order unless they are told not to: the latest arrival planned on each.
    std::map<std::tuple<NodeIndex, NodeIndex, PortKind>, Instant> latest_arrival_;
};

}  // namespace sim
