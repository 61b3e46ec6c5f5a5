// A blocking client of the control socket. See control_client.hpp.
#include "libha/runtime/control_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

using Clock = std::chrono::steady_clock;

/// False when `deadline` passes first.
bool wait_for(int socket, short events, Clock::time_point deadline) {
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd ready{socket, events, 0};
        const int polled = ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        if (polled >= 0 || errno != EINTR) {
            return polled > 0;
        }
    }
}

std::string connect_error(int code, const std::string& path) {
    switch (code) {
        case ENOENT:
        case ECONNREFUSED:
            return "no daemon is running here: nobody listens on " + path;
        case EACCES:
        case EPERM:
            return "permission denied on " + path +
                   ": be root, or a member of the group of this socket";
        case EAGAIN:
            return "the daemon does not take connections on " + path;
        default:
            return path + ": " + describe_error(code);
    }
}

}  // namespace

tl::expected<ControlClient, std::string> ControlClient::connect(const std::string& run_directory,
                                                                std::chrono::milliseconds limit) {
    const std::string path = run_directory + "/control.sock";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return tl::unexpected(path + " is too long for the path of a socket");
    }
    std::ranges::copy(path, address.sun_path);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.valid()) {
        return tl::unexpected("no socket can be made: " + describe_error(errno));
    }
    const auto deadline = Clock::now() + limit;
    // A full queue of the listener (EAGAIN) has no event to wait for.
    while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
           0) {
        if (errno != EAGAIN && errno != EINTR) {
            return tl::unexpected(connect_error(errno, path));
        }
        if (Clock::now() >= deadline) {
            return tl::unexpected(connect_error(EAGAIN, path));
        }
        ::poll(nullptr, 0, 10);
    }
    return ControlClient(std::move(socket));
}

void ControlClient::transmit(const std::string& line, Clock::time_point deadline) {
    std::string_view left = line;
    while (!left.empty() && wait_for(socket_.get(), POLLOUT, deadline)) {
        const ssize_t sent = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return;  // the daemon may have said why before it closed: read that
        }
        left.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
}

tl::expected<std::string, std::string> ControlClient::next_line(std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    std::array<char, 65536> buffer{};
    std::size_t end = received_.find('\n');
    while (end == std::string::npos) {
        if (!wait_for(socket_.get(), POLLIN, deadline)) {
            return std::string();
        }
        const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        if (got <= 0) {
            return tl::unexpected(std::string("the daemon closed the connection"));
        }
        const std::size_t known = received_.size();
        received_.append(buffer.data(), static_cast<std::size_t>(got));
        if (received_.size() > kMaximumAnswer) {
            return tl::unexpected(std::string("the daemon's answer is too long"));
        }
        end = received_.find('\n', known);
    }
    std::string line = received_.substr(0, end);
    received_.erase(0, end + 1);
    return line;
}

tl::expected<ControlAnswer, std::string> ControlClient::ask(const ControlRequest& request,
                                                            std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    transmit(to_line(request), deadline);
    const auto answer =
        next_line(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()));
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    if (answer->empty()) {
        return tl::unexpected(std::string("the daemon does not answer in time"));
    }
    return parse_answer(*answer);
}

void ControlClient::follow(std::optional<std::uint64_t> since, std::chrono::milliseconds limit) {
    ControlRequest request;
    request.follow = true;
    request.since = since;
    transmit(to_line(request), Clock::now() + limit);
}

}  // namespace ha::runtime
