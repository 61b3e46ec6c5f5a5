#include "libvem/runtime/port_setup.hpp"

#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/socket.h>

#include <string_view>
#include <utility>

#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP (1U << 16U)
#endif

namespace vem::runtime {

namespace {

using ha::wire::PortOrder;

struct FreeSocket {
    void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct PutLink {
    void operator()(rtnl_link* link) const { rtnl_link_put(link); }
};
using Link = std::unique_ptr<rtnl_link, PutLink>;

std::string explain(std::string_view what, int status) {
    std::string text{what};
    if (status == -NLE_PERM)
        return text + ": not permitted, the capability CAP_NET_ADMIN is missing";
    return text + ": " + nl_geterror(status);
}

}  // namespace

class PortSetup::Implementation {
public:
    explicit Implementation(PortOptions options) : options_(std::move(options)) {}

    std::vector<PortStatus> apply(const PortOrders& orders) {
        std::vector<PortStatus> all;
        const auto bridge = connect().and_then([this] { return ensure_bridge(); });
        all.push_back(status_of(options_.bridge, bridge));
        for (std::size_t index = 0; index < options_.members.size(); ++index) {
            const PortOrder order = index < orders.size() ? orders[index] : PortOrder::none;
            all.push_back(apply(options_.members[index], bridge, order));
        }
        return all;
    }

private:
    /// An interface index, or what is wrong.
    using Outcome = tl::expected<int, std::string>;

    PortStatus apply(const std::string& name, const Outcome& bridge, PortOrder order) {
        const Outcome placed =
            bridge ? ensure_member(name, *bridge, order)
                   : Outcome(tl::unexpected(std::string{"there is no bridge for it"}));
        // An order is for the interface, wherever it stands.
        const auto obeyed = socket_ ? obey(name, order) : tl::expected<void, std::string>{};
        PortStatus status = status_of(name, placed);
        if (!obeyed) {
            status.ready = false;
            status.reason += (status.reason.empty() ? "" : "; ") + obeyed.error();
        }
        if (const Link member = socket_ ? find(name) : Link{}) {
            const unsigned flags = rtnl_link_get_flags(member.get());
            status.state.present = true;
            status.state.admin_up = (flags & IFF_UP) != 0;
            status.state.link = status.state.admin_up && (flags & IFF_LOWER_UP) != 0;
            status.state.forwards = bridge && rtnl_link_get_master(member.get()) == *bridge;
            status.state.disobeys = !obeyed;
        }
        return status;
    }

    tl::expected<void, std::string> obey(const std::string& name, PortOrder order) {
        const Link member = order == PortOrder::none ? Link{} : find(name);
        if (!member)
            return {};  // what is missing is told already, and obeys when it is there
        const bool is_up = (rtnl_link_get_flags(member.get()) & IFF_UP) != 0;
        if (is_up == (order == PortOrder::no_shutdown))
            return {};
        return is_up ? set_down(member.get()) : set_up(member.get());
    }

    static PortStatus status_of(const std::string& name, const Outcome& outcome) {
        return {name, outcome.has_value(), outcome ? std::string{} : outcome.error()};
    }

    tl::expected<void, std::string> connect() {
        if (socket_)
            return {};
        std::unique_ptr<nl_sock, FreeSocket> socket{nl_socket_alloc()};
        if (!socket)
            return tl::unexpected(std::string{"out of memory"});
        if (const int status = nl_connect(socket.get(), NETLINK_ROUTE); status < 0)
            return tl::unexpected(explain("cannot talk to the kernel", status));
        socket_ = std::move(socket);
        return {};
    }

    Link find(const std::string& name) {
        rtnl_link* link = nullptr;
        return rtnl_link_get_kernel(socket_.get(), 0, name.c_str(), &link) == 0 ? Link{link}
                                                                                : Link{};
    }

    Outcome ensure_bridge() {
        Link bridge = find(options_.bridge);
        if (!bridge) {
            const int status = rtnl_link_bridge_add(socket_.get(), options_.bridge.c_str());
            if (status < 0 && status != -NLE_EXIST)
                return tl::unexpected(explain("cannot be created", status));
            bridge = find(options_.bridge);
            if (!bridge)
                return tl::unexpected(std::string{"was removed while it was set up"});
            if (const auto up = set_up(bridge.get()); !up)
                return tl::unexpected(up.error());
        }
        if (rtnl_link_is_bridge(bridge.get()) == 0)
            return tl::unexpected(std::string{"exists and is no bridge"});
        return rtnl_link_get_ifindex(bridge.get());
    }

    Outcome ensure_member(const std::string& name, int bridge, PortOrder order) {
        const Link member = find(name);
        if (!member)
            return tl::unexpected(std::string{"the interface does not exist"});
        const int index = rtnl_link_get_ifindex(member.get());
        const int master = rtnl_link_get_master(member.get());
        if (master == bridge)
            return index;  // in place: not touched (VEM-6)
        if (master != 0)
            return tl::unexpected("belongs to " + name_of(master) + " already");
        if (const int status = rtnl_link_enslave_ifindex(socket_.get(), bridge, index); status < 0)
            return tl::unexpected(explain("cannot be added to " + options_.bridge, status));
        if (order == PortOrder::shutdown)
            return index;
        if (const auto up = set_up(member.get()); !up)
            return tl::unexpected(up.error());
        return index;
    }

    tl::expected<void, std::string> set_up(rtnl_link* link) {
        const Link change{rtnl_link_alloc()};
        if (!change)
            return tl::unexpected(std::string{"out of memory"});
        rtnl_link_set_flags(change.get(), IFF_UP);
        if (const int status = rtnl_link_change(socket_.get(), link, change.get(), 0); status < 0)
            return tl::unexpected(explain("cannot be set up", status));
        return {};
    }

    tl::expected<void, std::string> set_down(rtnl_link* link) {
        const Link change{rtnl_link_alloc()};
        if (!change)
            return tl::unexpected(std::string{"out of memory"});
        rtnl_link_unset_flags(change.get(), IFF_UP);
        if (const int status = rtnl_link_change(socket_.get(), link, change.get(), 0); status < 0)
            return tl::unexpected(explain("cannot be set down", status));
        return {};
    }

    std::string name_of(int index) {
        rtnl_link* found = nullptr;
        if (rtnl_link_get_kernel(socket_.get(), index, nullptr, &found) != 0)
            return "another bridge";
        const Link link{found};
        return rtnl_link_get_name(link.get());
    }

    PortOptions options_;
    std::unique_ptr<nl_sock, FreeSocket> socket_;
};

PortSetup::PortSetup(PortOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}
PortSetup::~PortSetup() = default;

std::vector<PortStatus> PortSetup::apply(const PortOrders& orders) {
    return implementation_->apply(orders);
}

}  // namespace vem::runtime
