// Brings the ports of a module into the configured order: the bridge exists, each member belongs to
// it, and is up or down where that was ordered (VEM-8). One pass at a time, over libnl.
//
// It only ever adds: nothing is removed, and a port that is in place is not touched without an
// order, so that neither the start nor the end of the agent disturbs the traffic of the ports
// (BEHAVIOUR VEM-6). It never takes a member away from somebody else's bridge or bond.
//
// Thread: any, one at a time. It waits for the kernel, so not the one that answers heartbeats.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "libha/wire/frame.hpp"

namespace vem::runtime {

struct PortOptions {
    std::string bridge;
    /// Ports 1, 2, … of the module in this order; those beyond kMaximumModulePorts have no number
    /// and take no orders.
    std::vector<std::string> members;
};

/// Orders for the members, in their order; none for those beyond.
using PortOrders = std::vector<ha::wire::PortOrder>;

struct PortStatus {
    std::string name;
    bool ready = false;
    std::string reason;  ///< what is wrong, empty when ready
    /// Of a member, after the pass.
    ha::wire::PortState state{};
    friend bool operator==(const PortStatus&, const PortStatus&) = default;
};

class PortSetup {
public:
    explicit PortSetup(PortOptions options);
    ~PortSetup();
    PortSetup(const PortSetup&) = delete;
    PortSetup& operator=(const PortSetup&) = delete;

    /// One pass; the bridge comes first in the result, then the members in order.
    std::vector<PortStatus> apply(const PortOrders& orders = {});

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace vem::runtime
