// Whoever gets datagrams from the program: a UDP socket on loopback, on a port that was free.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "libha/runtime/file_descriptor.hpp"

namespace test {

class DatagramListener {
public:
    DatagramListener() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const raw = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(socket_.get(), raw, size) == 0);
        REQUIRE(::getsockname(socket_.get(), raw, &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// The next datagram, "" when none comes.
    [[nodiscard]] std::string next(
        std::chrono::milliseconds limit = std::chrono::seconds(10)) const {
        pollfd one{socket_.get(), POLLIN, 0};
        if (::poll(&one, 1, static_cast<int>(limit.count())) != 1)
            return {};
        std::string text(4096, '\0');
        const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text;
    }

private:
    ha::runtime::FileDescriptor socket_;
    std::uint16_t port_ = 0;
};

}  // namespace test
