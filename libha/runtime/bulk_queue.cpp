#include "libha/runtime/bulk_queue.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pcap/pcap.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

#include "libha/runtime/ethernet.hpp"

namespace ha::runtime {

namespace {

constexpr std::size_t kTagSize = 4;
constexpr std::size_t kAddressesSize = 12;

tl::unexpected<std::string> refusal(const std::string& what) {
    return tl::unexpected(what + ": " + std::strerror(errno));
}

tl::expected<void, std::string> set(int socket, int level, int name, int value,
                                    const std::string& what) {
    if (setsockopt(socket, level, name, &value, sizeof value) != 0)
        return refusal(what);
    return {};
}

/// As much as was asked for or nothing: a queue shorter than what a sender has under way loses
/// frames where the capture's ring would not.
tl::expected<void, std::string> set_buffer(int socket, std::size_t bytes) {
    const int wanted = static_cast<int>(bytes);
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) == 0)
        return {};
    if (auto asked = set(socket, SOL_SOCKET, SO_RCVBUF, wanted, "a receive buffer"); !asked)
        return asked;
    int given = 0;  // the kernel tells twice what it was asked for
    socklen_t size = sizeof given;
    getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &given, &size);
    if (given / 2 < wanted)
        return tl::unexpected("a receive buffer of " + std::to_string(bytes) +
                              " bytes needs CAP_NET_ADMIN or a greater net.core.rmem_max");
    return {};
}

struct CloseCapture {
    void operator()(pcap_t* capture) const { pcap_close(capture); }
};

}  // namespace

struct BulkQueue::Buffers {
    struct Slot {
        std::array<std::uint8_t, kTagSize + kSnapLength> bytes;
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(tpacket_auxdata)) +
                                              CMSG_SPACE(sizeof(timespec))> control;
        iovec vector;
    };
    std::array<Slot, kBatch> slots;
    std::array<mmsghdr, kBatch> messages{};
    std::array<StampedFrame, kBatch> frames;

    Buffers();
    StampedFrame frame(std::size_t index);
};

void BulkQueue::FreeBuffers::operator()(Buffers* buffers) const {
    delete buffers;
}

BulkQueue::Buffers::Buffers() {
    for (std::size_t index = 0; index < kBatch; ++index) {
        Slot& slot = slots.at(index);
        slot.vector = {slot.bytes.data() + kTagSize, kSnapLength};
        msghdr& header = messages.at(index).msg_hdr;
        header.msg_iov = &slot.vector;
        header.msg_iovlen = 1;
        header.msg_control = slot.control.data();
    }
}

StampedFrame BulkQueue::Buffers::frame(std::size_t index) {
    Slot& slot = slots.at(index);
    mmsghdr& message = messages.at(index);
    std::uint8_t* begin = slot.bytes.data() + kTagSize;
    std::size_t size = std::min<std::size_t>(message.msg_len, kSnapLength);
    Duration stamp{0};
    for (cmsghdr* one = CMSG_FIRSTHDR(&message.msg_hdr); one != nullptr;
         one = CMSG_NXTHDR(&message.msg_hdr, one)) {
        if (one->cmsg_level == SOL_SOCKET && one->cmsg_type == SCM_TIMESTAMPNS) {
            timespec time{};
            std::memcpy(&time, CMSG_DATA(one), sizeof time);
            stamp = std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
        } else if (one->cmsg_level == SOL_PACKET && one->cmsg_type == PACKET_AUXDATA) {
            tpacket_auxdata told{};
            std::memcpy(&told, CMSG_DATA(one), sizeof told);
            if ((told.tp_status & TP_STATUS_VLAN_VALID) == 0 || size < kAddressesSize)
                continue;
            // The kernel has taken the tag out; it goes back to where it was on the wire.
            begin = std::copy_n(begin, kAddressesSize, slot.bytes.data()) - kAddressesSize;
            const bool knows = (told.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
            const std::array<std::uint16_t, 2> tag{
                htons(knows ? told.tp_vlan_tpid : std::uint16_t{ETHERTYPE_VLAN}),
                htons(told.tp_vlan_tci)};
            std::memcpy(begin + kAddressesSize, tag.data(), sizeof tag);
            size += kTagSize;
        }
    }
    return {{begin, size}, stamp};
}

BulkQueue::BulkQueue(FileDescriptor socket) : socket_(std::move(socket)), buffers_(new Buffers) {}

tl::expected<BulkQueue, std::string> BulkQueue::open(int interface_index, const std::string& filter,
                                                     std::size_t buffer_bytes) {
    // Of no protocol it receives nothing until it is bound, when filter and options are there.
    BulkQueue queue{FileDescriptor{socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}};
    const int socket = queue.descriptor();
    if (!queue.socket_.valid())
        return refusal("a packet socket");
    if (auto done = set_buffer(socket, buffer_bytes); !done)
        return tl::unexpected(done.error());
    if (auto done = set(socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "only what comes in"); !done)
        return tl::unexpected(done.error());
    if (auto done = set(socket, SOL_PACKET, PACKET_AUXDATA, 1, "VLAN tags"); !done)
        return tl::unexpected(done.error());
    if (auto done = set(socket, SOL_SOCKET, SO_TIMESTAMPNS, 1, "receive times"); !done)
        return tl::unexpected(done.error());
    if (auto done = queue.set_filter(filter); !done)
        return tl::unexpected(done.error());
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    // All of them, as the capture does: what a bridge or bond takes is given to no one protocol.
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = interface_index;
    if (bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return refusal("a packet socket");
    return queue;
}

tl::expected<void, std::string> BulkQueue::set_filter(const std::string& filter) {
    const std::unique_ptr<pcap_t, CloseCapture> ethernet{pcap_open_dead(DLT_EN10MB, kSnapLength)};
    bpf_program program{};
    if (pcap_compile(ethernet.get(), &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
        return tl::unexpected(std::string{"filter: "} + pcap_geterr(ethernet.get()));
    // libpcap's instructions are the kernel's, under other names.
    static_assert(sizeof(bpf_insn) == sizeof(sock_filter));
    const sock_fprog kernel{.len = static_cast<unsigned short>(program.bf_len),
                            .filter = reinterpret_cast<sock_filter*>(program.bf_insns)};
    const int status =
        setsockopt(descriptor(), SOL_SOCKET, SO_ATTACH_FILTER, &kernel, sizeof kernel);
    const int error = errno;
    pcap_freecode(&program);
    errno = error;
    if (status != 0)
        return refusal("filter");
    return {};
}

tl::expected<std::span<const StampedFrame>, std::string> BulkQueue::read(std::size_t limit) {
    const auto wanted = static_cast<unsigned>(std::min(limit, kBatch));
    for (unsigned index = 0; index < wanted; ++index)
        buffers_->messages.at(index).msg_hdr.msg_controllen =
            buffers_->slots.at(index).control.size();
    const int count =
        recvmmsg(descriptor(), buffers_->messages.data(), wanted, MSG_DONTWAIT, nullptr);
    if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
        return refusal("receiving bulk");
    const auto read = static_cast<std::size_t>(std::max(count, 0));
    for (std::size_t index = 0; index < read; ++index)
        buffers_->frames.at(index) = buffers_->frame(index);
    return std::span<const StampedFrame>{buffers_->frames}.first(read);
}

std::uint64_t BulkQueue::take_drops() {
    tpacket_stats statistics{};  // the kernel's start at zero with every asking
    socklen_t size = sizeof statistics;
    if (getsockopt(descriptor(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size) != 0)
        return 0;
    return statistics.tp_drops;
}

}  // namespace ha::runtime
