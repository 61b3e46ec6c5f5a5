// Frames of 1500 bytes from one AF_PACKET socket to another, as fast as the kernel takes them:
// nothing that sends frames one by one gets further. Nobody repeats what is lost, so only what
// arrives counts.
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "test/bench/replication/transport.hpp"

namespace bench {
namespace {

constexpr std::uint16_t kEtherType = 0x88b6;  // the other experimental one
constexpr std::size_t kHeaderSize = 14;
constexpr std::size_t kPayload = 1500;
/// This long without a frame, the sender is done.
constexpr int kSilenceMs = 300;

int open_socket(const Place& place) {
    const int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(kEtherType));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(kEtherType);
    address.sll_ifindex = static_cast<int>(if_nametoindex(place.interface_name.c_str()));
    if (descriptor < 0 ||
        bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail("a packet socket on " + place.interface_name);
    const int size = 4 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    return descriptor;
}

Outcome send_raw(const Place& place, std::uint64_t bytes) {
    const int descriptor = open_socket(place);
    std::array<std::uint8_t, kHeaderSize + kPayload> frame{};
    std::ranges::copy(place.peer_mac.octets, frame.begin());
    frame[12] = kEtherType >> 8U;
    frame[13] = kEtherType & 0xffU;
    Outcome outcome;
    const double begun = now_seconds();
    while (outcome.bytes < bytes) {
        if (send(descriptor, frame.data(), frame.size(), 0) < 0) {
            if (errno == ENOBUFS)
                continue;
            fail("sending a raw frame");
        }
        outcome.bytes += kPayload;
        ++outcome.frames;
    }
    outcome.seconds = now_seconds() - begun;
    close(descriptor);
    return outcome;
}

Outcome receive_raw(const Place& place, std::uint64_t, const std::function<void()>& ready) {
    const int descriptor = open_socket(place);
    ready();
    Outcome outcome;
    double first = 0;
    double last = 0;
    std::array<std::uint8_t, 2048> buffer{};
    for (pollfd watched{descriptor, POLLIN, 0}; poll(&watched, 1, kSilenceMs) > 0;) {
        for (ssize_t size = 0;
             (size = recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;) {
            ++outcome.frames;
            outcome.bytes += static_cast<std::uint64_t>(size) - kHeaderSize;
        }
        last = now_seconds();
        first = first == 0 ? last : first;
    }
    outcome.seconds = last - first;
    close(descriptor);
    return outcome;
}

}  // namespace

const Transport kRaw{"raw", "frames of 1500 bytes, one packet socket to another: the limit",
                     send_raw, receive_raw, false};

}  // namespace bench
