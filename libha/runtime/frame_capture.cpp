#include "libha/runtime/frame_capture.hpp"

#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "libha/runtime/ethernet.hpp"

namespace ha::runtime {

namespace {

/// One sentence for what pcap_activate() said.
std::string explain_activation(int status, const std::string& interface_name, pcap_t* capture) {
    switch (status) {
        case PCAP_ERROR_NO_SUCH_DEVICE:
            return "interface " + interface_name + " does not exist";
        case PCAP_ERROR_IFACE_NOT_UP:
            return "interface " + interface_name + " is administratively down";
        case PCAP_ERROR_PERM_DENIED:
            return "interface " + interface_name +
                   ": raw frames need the capability CAP_NET_RAW, which this process does not have";
        default: {
            const std::string detail = pcap_geterr(capture);
            return "interface " + interface_name +
                   " cannot be opened: " + (detail.empty() ? pcap_statustostr(status) : detail);
        }
    }
}

}  // namespace

void FrameCapture::Close::operator()(pcap* capture) const {
    pcap_close(capture);
}

FrameCapture::FrameCapture(std::string interface_name, pcap* capture)
    : interface_name_(std::move(interface_name)), capture_(capture) {}

tl::expected<FrameCapture, std::string> FrameCapture::open(const CaptureOptions& options,
                                                           const std::string& filter) {
    char complaint[PCAP_ERRBUF_SIZE] = "";
    FrameCapture capture(options.interface_name,
                         pcap_create(options.interface_name.c_str(), complaint));
    if (!capture.capture_)
        return tl::unexpected("interface " + options.interface_name +
                              " cannot be opened: " + complaint);
    if (const auto active = capture.activate(options, filter); !active)
        return tl::unexpected(active.error());
    return capture;
}

tl::expected<void, std::string> FrameCapture::activate(const CaptureOptions& options,
                                                       const std::string& filter) {
    const std::string& name = interface_name_;
    pcap_t* capture = capture_.get();
    pcap_set_snaplen(capture, kSnapLength);
    pcap_set_promisc(capture, options.promiscuous ? 1 : 0);
    pcap_set_immediate_mode(capture, 1);
    pcap_set_buffer_size(capture, static_cast<int>(options.buffer_bytes));
    pcap_set_tstamp_precision(capture, PCAP_TSTAMP_PRECISION_NANO);
    if (const int status = pcap_activate(capture); status < 0)
        return tl::unexpected(explain_activation(status, name, capture));
    if (pcap_datalink(capture) != DLT_EN10MB)
        return tl::unexpected("interface " + name + " is not an Ethernet interface");

    // Both only spare work: what we send is refused by its direction in any case, and the
    // priority puts heartbeats first in the queue of a busy link.
    const int on = 1;
    setsockopt(pcap_fileno(capture), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    pcap_setdirection(capture, PCAP_D_IN);
    const int priority = kTagPriority;
    setsockopt(pcap_fileno(capture), SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority);

    if (auto set = set_filter(filter); !set)
        return set;
    char complaint[PCAP_ERRBUF_SIZE] = "";
    if (pcap_setnonblock(capture, 1, complaint) != 0)
        return tl::unexpected("interface " + name + " cannot be opened: " + complaint);
    return {};
}

tl::expected<void, std::string> FrameCapture::set_filter(const std::string& filter) {
    bpf_program program{};
    int status = pcap_compile(capture_.get(), &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN);
    if (status == 0) {
        status = pcap_setfilter(capture_.get(), &program);
        pcap_freecode(&program);
    }
    if (status != 0)
        return tl::unexpected("interface " + interface_name_ +
                              ": filter: " + pcap_geterr(capture_.get()));
    return {};
}

tl::expected<std::span<const StampedFrame>, std::string> FrameCapture::read(std::size_t limit) {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int status = limit == 0 ? 0 : pcap_next_ex(capture_.get(), &header, &bytes);
    if (status < 0)
        return tl::unexpected("interface " + interface_name_ + ": " + pcap_geterr(capture_.get()));
    if (status == 0)
        return std::span<const StampedFrame>{};
    // With nanosecond precision tv_usec holds nanoseconds.
    frame_ = {
        {bytes, header->caplen},
        std::chrono::seconds{header->ts.tv_sec} + std::chrono::nanoseconds{header->ts.tv_usec}};
    return std::span<const StampedFrame>{&frame_, 1};
}

tl::expected<void, int> FrameCapture::send(std::span<const std::uint8_t> frame) {
    errno = 0;
    if (pcap_inject(capture_.get(), frame.data(), frame.size()) < 0)
        return tl::unexpected(errno);
    return {};
}

std::uint64_t FrameCapture::take_drops() {
    pcap_stat statistics{};
    if (pcap_stats(capture_.get(), &statistics) != 0)
        return 0;
    return statistics.ps_drop - std::exchange(told_drops_, statistics.ps_drop);
}

int FrameCapture::descriptor() const {
    return pcap_get_selectable_fd(capture_.get());
}

}  // namespace ha::runtime
