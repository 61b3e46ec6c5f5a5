// See syslog_servers.hpp.
#include "libha/runtime/syslog_servers.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace ha::runtime {
namespace {

constexpr std::size_t kQueuedLines = 1000;

std::string error_text() {
    return std::generic_category().message(errno);
}

}  // namespace

SyslogServers::SyslogServers() : queue_(kQueuedLines) {}

void SyslogServers::set(const std::vector<SyslogServer>& servers) {
    const std::scoped_lock lock(mutex_);
    std::vector<SyslogServerStatus> next;
    int wanted = -1;
    for (const SyslogServer& server : servers) {
        const auto known = std::ranges::find_if(servers_, [&server](const auto& one) {
            return one.server.address == server.address && one.server.port == server.port;
        });
        next.push_back(known == servers_.end() ? SyslogServerStatus{} : *known);
        next.back().server = server;
        wanted = std::max(wanted, server.severity);
    }
    servers_ = std::move(next);
    wanted_ = wanted;
}

void SyslogServers::send(int severity, std::shared_ptr<const std::string> line) {
    if (severity > wanted_) {
        return;
    }
    if (queue_.submit([this, severity, kept = std::move(line)] { transmit(severity, *kept); })) {
        return;
    }
    const std::scoped_lock lock(mutex_);
    for (SyslogServerStatus& one : servers_) {
        one.dropped += severity <= one.server.severity ? 1 : 0;
    }
}

std::vector<SyslogServerStatus> SyslogServers::status() const {
    const std::scoped_lock lock(mutex_);
    return servers_;
}

void SyslogServers::transmit(int severity, const std::string& line) {
    const std::string datagram =
        "<" + std::to_string(kSyslogFacility * 8 + std::clamp(severity, 0, 7)) + ">" + line;
    for (const SyslogServerStatus& one : status()) {
        if (severity > one.server.severity) {
            continue;
        }
        const std::string fault = transmit_to(one.server, datagram);
        const std::scoped_lock lock(mutex_);
        const auto still = std::ranges::find_if(
            servers_, [&one](const auto& other) { return other.server == one.server; });
        if (still != servers_.end()) {
            ++(fault.empty() ? still->sent : still->failed);
            still->fault = fault;
        }
    }
}

/// Not connected: the address that the datagrams come from is the one that this host has when it
/// sends, and the management address comes and goes.
std::string SyslogServers::transmit_to(const SyslogServer& server, const std::string& datagram) {
    if (!socket_.valid()) {
        socket_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket_.valid()) {
            return error_text();
        }
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server.port);
    if (::inet_pton(AF_INET, server.address.c_str(), &to.sin_addr) != 1) {
        return "'" + server.address + "' is not an IPv4 address";
    }
    const ssize_t sent = ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr*>(&to), sizeof to);
    return sent < 0 ? error_text() : std::string();
}

}  // namespace ha::runtime
