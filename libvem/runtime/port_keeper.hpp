// Keeps the ports of a module as configured and ordered while the agent runs, on a thread of its
// own: at start, whenever one of the interfaces changes, and every few seconds in case a change was
// missed. Relates to port_setup.hpp, which does one pass. Ending it leaves every port as it is
// (VEM-6).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "libha/catalog/catalog.hpp"
#include "libvem/runtime/port_setup.hpp"

namespace vem::runtime {

/// What changed between two passes: every port that is newly, or differently, wrong.
std::vector<ha::catalog::Report> new_failures(const std::vector<PortStatus>& before,
                                              const std::vector<PortStatus>& after);

class PortKeeper {
public:
    /// Called on the keeper's thread after the first pass and after each that found a change.
    using Handler = std::function<void(const std::vector<PortStatus>& ports,
                                       const std::vector<ha::catalog::Report>& reports)>;

    /// `orders`: those that the module holds from before.
    PortKeeper(const PortOptions& options, PortOrders orders, Handler on_change);
    ~PortKeeper();
    PortKeeper(const PortKeeper&) = delete;
    PortKeeper& operator=(const PortKeeper&) = delete;

    /// Carries these orders out at once, and from now on (VEM-8). Safe from any thread.
    void set_orders(PortOrders orders);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace vem::runtime
