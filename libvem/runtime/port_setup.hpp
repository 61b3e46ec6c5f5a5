// Brings the ports of a module into the configured order: the bridge exists, each member belongs to
// it. One pass at a time, over libnl.
//
// It only ever adds: nothing is removed, and a port that is in place is not touched, so that
// neither the start nor the end of the agent disturbs the traffic of the ports (BEHAVIOUR VEM-6).
// It never takes a member away from somebody else's bridge or bond.
//
// Thread: any, one at a time. It waits for the kernel, so not the one that answers heartbeats.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace vem::runtime {

struct PortOptions {
    std::string bridge;
    std::vector<std::string> members;
};

struct PortStatus {
    std::string name;
    bool ready = false;
    std::string reason;  ///< what is wrong, empty when ready
    friend bool operator==(const PortStatus&, const PortStatus&) = default;
};

class PortSetup {
public:
    explicit PortSetup(PortOptions options);
    ~PortSetup();
    PortSetup(const PortSetup&) = delete;
    PortSetup& operator=(const PortSetup&) = delete;

    /// One pass; the bridge comes first in the result, then the members in order.
    std::vector<PortStatus> apply();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace vem::runtime
