// The management addresses: on the interface while this supervisor is active, nowhere else, and
// known to the network at once (BEHAVIOUR SW-5).
//
// An address is held by a lease in the kernel, renewed while this process runs. A killed or frozen
// active therefore loses it by itself, where others leave it behind on the dead node and two nodes
// answer for it. The lease outlasts every stall that does not cost the active role: T and one
// renewal more.
//
// It is announced at once and repeated, when it is taken, on announce(), and when the interface
// comes back: the first announcement is often lost to a switch that is still learning. An address
// that somebody else removes is put back and told.
//
// It never decides who is active. Thread: the one that runs the loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libha/base/time.hpp"
#include "libha/catalog/catalog.hpp"
#include "libha/runtime/interface_address.hpp"
#include "libha/runtime/scheduling.hpp"

namespace boost::asio {
class io_context;
}

namespace ha::runtime {

struct LinkState;

struct AddressKeeperOptions {
    std::string interface_name;
    std::vector<InterfaceAddress> addresses;
    Duration loss_interval{std::chrono::seconds{15}};  ///< T: how long a stall may last unpunished
    SchedulingSettings scheduling{};                   ///< of the thread that asks the kernel
};

/// How a lease follows from T. It is renewed every `renewal`, in whole seconds as the kernel has
/// it.
struct AddressLease {
    std::uint32_t seconds = 0;
    Duration renewal{};
};
AddressLease lease_for(Duration loss_interval);

class AddressKeeper {
public:
    using Reporter = std::function<void(const catalog::Report&)>;

    AddressKeeper(boost::asio::io_context& loop, const AddressKeeperOptions& options,
                  Reporter report);
    /// Leaves held addresses to their lease: release() first where that is not meant.
    ~AddressKeeper();
    AddressKeeper(const AddressKeeper&) = delete;
    AddressKeeper& operator=(const AddressKeeper&) = delete;

    /// Removes what a crashed predecessor left behind. Trouble is reported, here and everywhere,
    /// once per cause, and the work goes on when the cause is gone.
    void start();

    /// Takes the addresses. Never waits: a thread of its own asks the kernel, in the order of these
    /// calls, because the kernel can take hundreds of milliseconds over it (address_worker.hpp).
    void hold();
    /// Says again where they are. Does nothing unless they are held.
    void announce();
    /// Other addresses from now on: those that are no longer among them are given up, and while
    /// they are held new ones are taken and announced. After start().
    void set_addresses(const std::vector<InterfaceAddress>& addresses);
    /// Gives them up; the destructor waits until that has been done.
    void release();

    void link_changed(const LinkState& link);

    [[nodiscard]] bool is_holding() const;
    /// All addresses are on the interface, as far as has been heard.
    [[nodiscard]] bool is_present() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
