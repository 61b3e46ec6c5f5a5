// The few route requests that addresses and links need, each one synchronous: the kernel has done
// it when the call returns. The time of a takeover ends with add(); nothing slow may be added to
// it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "libha/runtime/interface_address.hpp"

struct nl_sock;

namespace ha::runtime {

struct CloseNetlink {
    void operator()(nl_sock* socket) const;
};
using NetlinkSocket = std::unique_ptr<nl_sock, CloseNetlink>;

class AddressRequests {
public:
    tl::expected<void, std::string> open();

    /// Adds the address, or renews its lease when it is there. It leaves by itself, in the kernel,
    /// `lease_seconds` after the last call. The error is a whole reason.
    tl::expected<void, std::string> add(const std::string& interface_name,
                                        const InterfaceAddress& address,
                                        std::uint32_t lease_seconds);
    /// Removes it. True when it was there; its absence, and the interface's, are no errors.
    tl::expected<bool, std::string> remove(const std::string& interface_name,
                                           const InterfaceAddress& address);
    /// Removing an IPv4 address takes along the others of its subnet that were added after it,
    /// unless the interface promotes them. Ours must never take the node's own along.
    void promote_secondaries(const std::string& interface_name);
    /// Sets the interface up or down, as `ip link set` does. The error is a whole reason.
    tl::expected<void, std::string> set_link(const std::string& interface_name, bool up);
    /// Empty when this process may do all that, or what is missing.
    std::string missing_permission();

private:
    int set_link(int interface_index, bool up);

    NetlinkSocket socket_;
};

/// Tells of addresses that left an interface.
class AddressEvents {
public:
    using OnRemoved = std::function<void(int interface_index, const InterfaceAddress&)>;

    tl::expected<void, std::string> open(OnRemoved on_removed);
    [[nodiscard]] int descriptor() const;
    /// Handles what is queued. False: events were lost, so any address may have left.
    bool receive();

private:
    NetlinkSocket socket_;
    OnRemoved on_removed_;
};

}  // namespace ha::runtime
