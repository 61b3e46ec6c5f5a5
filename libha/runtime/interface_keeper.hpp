// The interfaces control0 and mgmt0 as the active supervisor wants them: the addresses that it
// holds, up or shut down (BEHAVIOUR SW-5). While a supervisor is not active both are up, and
// without address: a standby with control shut down could not hear of `no shutdown`.
//
// Thread: the one that runs the loop. What the kernel is asked for is asked by other threads.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/runtime/address_keeper.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/link_monitor.hpp"
#include "libha/runtime/link_switch.hpp"
#include "libha/runtime/testament.hpp"

namespace ha::runtime {

struct InterfaceOrder {
    std::vector<InterfaceAddress> addresses;
    bool is_shut_down = false;
    friend bool operator==(const InterfaceOrder&, const InterfaceOrder&) = default;
};
/// By index_of(PortKind).
using InterfaceOrders = std::array<InterfaceOrder, kPortCount>;

/// "control0", "mgmt0".
std::string interface_name_of(PortKind port);

class InterfaceKeeper {
public:
    /// Begins with the addresses of the file. `report` may be called from any thread.
    InterfaceKeeper(boost::asio::io_context& loop, const SupervisorConfiguration& configuration,
                    AddressKeeper::Reporter report);
    InterfaceKeeper(const InterfaceKeeper&) = delete;
    InterfaceKeeper& operator=(const InterfaceKeeper&) = delete;

    /// Takes away what a predecessor that crashed has left behind.
    void start();
    /// What the configuration says, from now on.
    void obey(const InterfaceOrders& orders);
    /// This supervisor is active.
    void hold();
    void announce();
    /// It is not, or not any more.
    void release();
    void link_changed(PortKind port, const LinkState& link);
    /// The addresses that are held now, or about to be taken.
    [[nodiscard]] std::vector<Testament::Address> held() const;

private:
    struct Interface {
        std::string name;  ///< of the host, empty: there is none
        InterfaceOrder order;
        LinkState link;
        std::optional<AddressKeeper> addresses;
        bool holding = false;    ///< the addresses
        bool shut_down = false;  ///< by us
    };
    void obey(PortKind port);
    void give_addresses(Interface& one);

    boost::asio::io_context& loop_;
    Duration loss_interval_;
    SchedulingSettings scheduling_;
    AddressKeeper::Reporter report_;
    LinkSwitch switch_;
    std::array<Interface, kPortCount> interfaces_;
    bool active_ = false;
};

}  // namespace ha::runtime
