#include "libha/runtime/link_monitor.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "libha/runtime/event_loop.hpp"

// The kernel's flag word; <linux/if.h> has it, and clashes with <net/if.h>.
#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP (1U << 16U)
#endif

namespace ha::runtime {

namespace {

constexpr int kReceiveBuffer = 512 * 1024;
constexpr int kDumpTimeoutMs = 2000;
/// A dump that was overtaken by changes is begun again, so often at most.
constexpr int kDumpAttempts = 5;

struct FreeSocket {
    void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};

/// The sentence for what is wrong with a link, empty when nothing is.
std::string reason_of(const LinkState& link) {
    if (!link.present)
        return "interface " + link.interface_name + " does not exist";
    if (!link.admin_up)
        return "interface " + link.interface_name + " is administratively down";
    if (!link.carrier)
        return "interface " + link.interface_name + " has no carrier";
    return {};
}

LinkState absent(const std::string& interface_name) {
    LinkState link;
    link.interface_name = interface_name;
    link.reason = reason_of(link);
    return link;
}

}  // namespace

class LinkMonitor::Implementation {
public:
    explicit Implementation(boost::asio::io_context& loop) : watch_(loop) {}

    ~Implementation() { watch_.stop(); }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    void watch(const std::string& interface_name, Handler handler) {
        for (Watched& watched : watched_) {
            if (watched.link.interface_name == interface_name) {
                watched.handlers.push_back(std::move(handler));
                return;
            }
        }
        watched_.push_back({absent(interface_name), false, {std::move(handler)}});
    }

    tl::expected<void, std::string> start() {
        socket_.reset(nl_socket_alloc());
        if (!socket_)
            return tl::unexpected(std::string{"links cannot be watched: out of memory"});
        nl_socket_disable_seq_check(socket_.get());
        nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, on_message, this);
        nl_socket_modify_cb(socket_.get(), NL_CB_FINISH, NL_CB_CUSTOM, on_dump_finished, this);
        nl_socket_modify_cb(socket_.get(), NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_dump_interrupted,
                            this);
        int status = nl_connect(socket_.get(), NETLINK_ROUTE);
        if (status == 0)
            status = nl_socket_set_buffer_size(socket_.get(), kReceiveBuffer, 0);
        if (status == 0)
            status = nl_socket_add_membership(socket_.get(), RTNLGRP_LINK);
        if (status == 0)
            status = nl_socket_set_nonblocking(socket_.get());
        if (status < 0)
            return tl::unexpected(std::string{"links cannot be watched: "} + nl_geterror(status));
        if (!dump())
            return tl::unexpected(
                std::string{"links cannot be watched: the kernel does not list them"});
        watch_.start(nl_socket_get_fd(socket_.get()), [this] { receive(); });
        return {};
    }

    [[nodiscard]] LinkState state(const std::string& interface_name) const {
        for (const Watched& watched : watched_)
            if (watched.link.interface_name == interface_name)
                return watched.link;
        return absent(interface_name);
    }

    [[nodiscard]] unsigned overruns() const { return overruns_; }

private:
    struct Watched {
        LinkState link;
        bool told = false;  ///< its handlers have been called at least once
        std::vector<Handler> handlers;
    };

    static int on_message(nl_msg* message, void* self) {
        static_cast<Implementation*>(self)->handle(nlmsg_hdr(message));
        return NL_OK;
    }
    static int on_dump_finished(nl_msg* /*message*/, void* self) {
        static_cast<Implementation*>(self)->dumping_ = false;
        return NL_STOP;
    }
    static int on_dump_interrupted(nl_msg* /*message*/, void* self) {
        static_cast<Implementation*>(self)->dump_interrupted_ = true;
        return NL_SKIP;
    }

    void receive() {
        for (;;) {
            const int status = nl_recvmsgs_default(socket_.get());
            if (status == -NLE_AGAIN)
                return;
            // ENOBUFS comes out as -NLE_NOMEM: events were lost, so ask for everything again.
            if (status == -NLE_NOMEM) {
                ++overruns_;
                dump();
            } else if (status < 0) {
                return;
            }
        }
    }

    /// Reads all links, in the same queue as the events and so in order with them.
    bool dump() {
        for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
            if (attempt_dump()) {
                for (const std::string& name : unseen_)
                    update(absent(name));
                return true;
            }
        }
        return false;
    }

    bool attempt_dump() {
        unseen_.clear();
        for (const Watched& watched : watched_)
            unseen_.insert(watched.link.interface_name);
        ifinfomsg request{};
        request.ifi_family = AF_UNSPEC;
        if (nl_send_simple(socket_.get(), RTM_GETLINK, NLM_F_DUMP, &request, sizeof request) < 0)
            return false;
        dumping_ = true;
        dump_interrupted_ = false;
        while (dumping_) {
            pollfd waiting{.fd = nl_socket_get_fd(socket_.get()), .events = POLLIN, .revents = 0};
            if (poll(&waiting, 1, kDumpTimeoutMs) == 0)
                return false;
            const int status = nl_recvmsgs_default(socket_.get());
            if (status == -NLE_NOMEM)
                ++overruns_;
            if (status == -NLE_DUMP_INTR)
                dump_interrupted_ = true;
            else if (status < 0 && status != -NLE_AGAIN)
                return false;
        }
        return !dump_interrupted_;
    }

    void handle(nlmsghdr* header) {
        if (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK)
            return;
        nlattr* attributes[IFLA_MAX + 1];
        if (nlmsg_parse(header, sizeof(ifinfomsg), attributes, IFLA_MAX, nullptr) != 0)
            return;
        const auto* information = static_cast<const ifinfomsg*>(nlmsg_data(header));
        // A bridge tells of its ports in messages of its own family, which say less than the rest.
        if (information->ifi_family != AF_UNSPEC || attributes[IFLA_IFNAME] == nullptr)
            return;
        LinkState link;
        link.interface_name = nla_get_string(attributes[IFLA_IFNAME]);
        link.index = information->ifi_index;
        const bool exists = header->nlmsg_type == RTM_NEWLINK;
        if (exists)
            unseen_.erase(link.interface_name);
        forget_former_name(link, exists);
        if (!exists) {
            // A late goodbye of an interface that has a successor of the same name changes nothing.
            if (state(link.interface_name).index == link.index)
                update(absent(link.interface_name));
            return;
        }
        link.present = true;
        link.admin_up = (information->ifi_flags & IFF_UP) != 0;
        link.carrier = link.admin_up && (information->ifi_flags & IFF_LOWER_UP) != 0;
        if (attributes[IFLA_ADDRESS] != nullptr && nla_len(attributes[IFLA_ADDRESS]) == 6)
            std::memcpy(link.mac.octets.data(), nla_data(attributes[IFLA_ADDRESS]), 6);
        link.reason = reason_of(link);
        update(link);
    }

    /// An interface that was renamed is no longer there under its old name.
    void forget_former_name(const LinkState& link, bool exists) {
        if (!exists)
            return;
        for (const Watched& watched : watched_) {
            if (watched.link.index == link.index &&
                watched.link.interface_name != link.interface_name) {
                update(absent(std::string{watched.link.interface_name}));
                return;
            }
        }
    }

    void update(const LinkState& link) {
        for (Watched& watched : watched_) {
            if (watched.link.interface_name != link.interface_name)
                continue;
            if (watched.told && watched.link == link)
                return;
            watched.link = link;
            watched.told = true;
            for (const Handler& handler : watched.handlers)
                handler(watched.link);
            return;
        }
    }

    ReadableWatch watch_;
    std::unique_ptr<nl_sock, FreeSocket> socket_;
    std::vector<Watched> watched_;
    std::set<std::string> unseen_;  ///< watched, and not in the dump so far
    bool dumping_ = false;
    bool dump_interrupted_ = false;
    unsigned overruns_ = 0;
};

LinkMonitor::LinkMonitor(boost::asio::io_context& loop)
    : implementation_(std::make_unique<Implementation>(loop)) {}

LinkMonitor::~LinkMonitor() = default;

void LinkMonitor::watch(const std::string& interface_name, Handler handler) {
    implementation_->watch(interface_name, std::move(handler));
}
tl::expected<void, std::string> LinkMonitor::start() {
    return implementation_->start();
}
LinkState LinkMonitor::state(const std::string& interface_name) const {
    return implementation_->state(interface_name);
}
unsigned LinkMonitor::overruns() const {
    return implementation_->overruns();
}

}  // namespace ha::runtime
