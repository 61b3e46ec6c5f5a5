// A TCP connection over the same cable, as it comes, and with the kernel's large segments taken
// from it: then it has to make one frame after the other as everybody else.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "test/bench/replication/transport.hpp"

namespace bench {
namespace {

constexpr std::uint16_t kPort = 7777;
constexpr std::size_t kChunk = 64 << 10U;

sockaddr_in address_of(const std::string& text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(kPort);
    inet_pton(AF_INET, text.c_str(), &address.sin_addr);
    return address;
}

int open_socket() {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        fail("a TCP socket");
    const int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return descriptor;
}

Outcome send_tcp(const Place& place, std::uint64_t bytes) {
    const int descriptor = open_socket();
    const sockaddr_in address = address_of(place.peer_address);
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail("connecting to " + place.peer_address);
    const std::vector<char> chunk(kChunk, 'x');
    Outcome outcome;
    const double begun = now_seconds();
    while (outcome.bytes < bytes) {
        const ssize_t written = write(descriptor, chunk.data(), chunk.size());
        if (written <= 0)
            fail("writing to " + place.peer_address);
        outcome.bytes += static_cast<std::uint64_t>(written);
    }
    shutdown(descriptor, SHUT_WR);
    char answer = 0;  // the other side has everything
    if (read(descriptor, &answer, 1) != 1)
        fail("the answer of " + place.peer_address);
    outcome.seconds = now_seconds() - begun;
    close(descriptor);
    return outcome;
}

Outcome receive_tcp(const Place& place, std::uint64_t, const std::function<void()>& ready) {
    const int listener = open_socket();
    const sockaddr_in address = address_of(place.address);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, 1) != 0)
        fail("listening on " + place.address);
    ready();
    const int descriptor = accept(listener, nullptr, nullptr);
    std::vector<char> chunk(kChunk);
    Outcome outcome;
    double begun = 0;
    for (ssize_t size = 0; (size = read(descriptor, chunk.data(), chunk.size())) > 0;) {
        begun = begun == 0 ? now_seconds() : begun;
        outcome.bytes += static_cast<std::uint64_t>(size);
    }
    outcome.seconds = now_seconds() - begun;
    if (write(descriptor, "x", 1) != 1)
        fail("answering");
    close(descriptor);
    close(listener);
    return outcome;
}

}  // namespace

const Transport kTcp{"tcp", "a TCP connection, with the kernel's large segments", send_tcp,
                     receive_tcp, false};
const Transport kTcpSingleSegments{"tcp-frames", "a TCP connection, one frame at a time", send_tcp,
                                   receive_tcp, true};

}  // namespace bench
