// Records the supervisors of a virtual world into journals, as vsmd records itself: what was seen
// in the simulator can be printed, kept and run again like what was seen in the field.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libha/journal/journal.hpp"
#include "libsim/world/world.hpp"

namespace sim::recording {

class WorldJournals : public Observer {
public:
    /// Gets whole records, those of a node in their order.
    using Sink = std::function<void(NodeIndex node, const ha::wire::Bytes& record)>;

    /// `product_version` is what the journals say. The world must outlive this, and this the
    /// world's last step.
    WorldJournals(const World& world, std::string product_version, Sink sink);

    using Observer::on_effects;
    void on_made(NodeIndex node, const ha::supervisor::Options& options, Instant now) override;
    void on_input(NodeIndex node, const ha::supervisor::Input& input) override;
    void on_effects(NodeIndex node, const ha::supervisor::Effects& effects) override;

private:
    const World& world_;
    std::string product_version_;
    Sink sink_;
    std::vector<ha::journal::Step> steps_;  ///< by node: what waits for its effects
};

}  // namespace sim::recording
