// Steady traffic between two places of a lab, and how much of it gets lost. The mgmt addresses
// answer as long as a kernel has them; what virtual machines send is forwarded by the bridge of
// their host, whatever its agent does (VEM-6).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "libsim/scenario/step.hpp"
#include "libsim/world/chance.hpp"
#include "libsim/world/world.hpp"

namespace sim::play {

class Pings {
public:
    /// `traffic`: modules have virtual machines.
    Pings(const World& world, bool traffic, std::uint64_t seed)
        : world_(&world), traffic_(traffic), chance_(seed) {}

    void start(const scenario::Ping& ping, const std::vector<std::string>& lab_addresses);
    /// To be called after every moment: packets since the last call fared as things stood then.
    void advance();
    /// A host without power has no virtual machines either.
    void set_power(NodeIndex node, bool on);
    [[nodiscard]] bool empty() const { return pings_.empty(); }
    /// When the next packet is due.
    [[nodiscard]] Instant next() const;

    struct Count {
        std::uint64_t sent = 0;  ///< answered or given up
        std::uint64_t lost = 0;
    };
    /// Zero of a ping nobody started.
    [[nodiscard]] Count count(const std::string& name) const;

private:
    enum class Path : std::uint8_t {
        none,      ///< no such place, or no route: nothing is sent
        address,   ///< from the station to the holder of the mgmt address
        machines,  ///< between virtual machines
        dead,      ///< sent, and nobody answers
    };
    struct Running {
        Path path = Path::none;
        NodeIndex from = kNoNode;  ///< hosts of virtual machines
        NodeIndex to = kNoNode;
        std::size_t from_port = 0;  ///< theirs at the modules of their hosts, from 1
        std::size_t to_port = 0;
        Duration interval{};
        Instant next;
        bool stands = false;         ///< the path, since the moment before
        NodeIndex holder = kNoNode;  ///< of the address, while it stands
        bool last_lost = false;      ///< a lost packet counts when the next one is sent
        Count count;
    };
    [[nodiscard]] NodeIndex host_of(const std::string& machine) const;
    [[nodiscard]] Path path_of(const Running& ping, const scenario::Ping& wanted,
                               const std::vector<std::string>& lab_addresses) const;
    void look(Running& ping) const;
    [[nodiscard]] bool ports_forward(const Running& ping) const;
    [[nodiscard]] bool survives_chance(const Running& ping);
    void send(Running& ping);

    const World* world_;
    bool traffic_;
    Chance chance_;
    std::set<NodeIndex> without_power_;
    std::map<std::string, Running> pings_;
};

}  // namespace sim::play
