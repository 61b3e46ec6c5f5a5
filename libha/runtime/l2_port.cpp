#include "libha/runtime/l2_port.hpp"

#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/ethernet.hpp"
#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/link_monitor.hpp"

namespace ha::runtime {

namespace {

constexpr int kSnapLength = 1600;
constexpr Duration kFirstRetry = std::chrono::milliseconds{10};
constexpr Duration kRetry = std::chrono::seconds{1};
/// drain() stops here even if frames arrive faster than they are handled.
constexpr std::size_t kDrainLimit = 8192;
/// The kernel is asked for lost frames after no fewer than this: asking costs as much as a frame.
constexpr std::size_t kSuspiciousBatch = 16;
/// Frames this close together are a stream: the next one is waited for so long without going to
/// sleep, for falling asleep and being woken costs both ends more than the frame.
constexpr Duration kStream = std::chrono::microseconds{30};
constexpr Duration kLinger = std::chrono::microseconds{20};

struct CloseCapture {
    void operator()(pcap_t* capture) const { pcap_close(capture); }
};
using Capture = std::unique_ptr<pcap_t, CloseCapture>;

ClockReading read_clocks() {
    return {.wall = wall_clock_reading(), .monotonic = monotonic_now()};
}

/// In the kernel: our EtherType, with any tag or none, to us. The tag is judged by parse_frame(): a
/// frame of another VLAN has to be counted, and libpcap has put the tag back by then.
std::string filter_text(std::uint16_t ether_type, const MacAddress& own) {
    const std::string type = "ether proto " + std::to_string(ether_type);
    return "(ether dst " + own.to_string() + " or ether broadcast) and (" + type +
           " or (vlan and " + type + "))";
}

/// Takes none of the kernel's configuration locks. True when in doubt.
bool is_up(const std::string& interface_name) {
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    interface_name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    const bool asked = descriptor >= 0 && ioctl(descriptor, SIOCGIFFLAGS, &request) == 0;
    if (descriptor >= 0)
        close(descriptor);
    return !asked || (request.ifr_flags & IFF_UP) != 0;
}

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

class L2Port::Implementation {
public:
    Implementation(boost::asio::io_context& loop, L2PortOptions options, L2PortHandlers handlers)
        : options_(std::move(options)),
          handlers_(std::move(handlers)),
          framing_{.ether_type = options_.ether_type, .vlan = options_.vlan},
          watch_(loop),
          retry_(loop),
          state_text_("interface " + options_.interface_name + " is not opened yet") {
        if (!options_.clocks)
            options_.clocks = read_clocks;
    }

    ~Implementation() { release(); }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    tl::expected<void, std::string> open() {
        wanted_ = true;
        if (capture_)
            return {};
        reconcile(try_open(), kRetry);
        return capture_ ? tl::expected<void, std::string>{} : tl::unexpected(state_text_);
    }

    void close() {
        wanted_ = false;
        retry_.cancel();
        set_closed("interface " + options_.interface_name + " is closed");
    }

    void link_changed(const LinkState& link) {
        if (!wanted_)
            return;
        if (reading_) {
            // The frame being handled lies in the capture's ring: act once it is done with.
            retry_.arm_in(Duration::zero(), [this] { look_again(); });
            return;
        }
        const bool ours = capture_ && link.index == index_;
        if (link.present && ours) {
            adapt(link);
        } else if (link.present && link.admin_up) {
            reopen();
        } else {
            read(kDrainLimit, monotonic_now());  // what arrived before still counts
            set_closed(link.reason.empty() ? "interface " + options_.interface_name + " is not up"
                                           : link.reason);
            retry_.arm_in(kRetry, [this] { look_again(); });
        }
    }

    bool drain() {
        if (!capture_ || reading_)
            return true;
        read(kDrainLimit, monotonic_now());
        look_at_drops();
        return !std::exchange(overflowed_, false);
    }

    tl::expected<void, std::string> send(const MacAddress& destination,
                                         std::span<const std::uint8_t> payload) {
        if (!capture_) {
            ++counters_.send_failures;
            return tl::unexpected(state_text_);
        }
        const auto frame = build_frame(outgoing_, framing_, destination, mac_, payload);
        if (frame.empty()) {
            ++counters_.send_failures;
            return tl::unexpected("a payload of " + std::to_string(payload.size()) +
                                  " bytes is longer than " + std::to_string(kMaximumFramePayload));
        }
        errno = 0;
        if (pcap_inject(capture_.get(), frame.data(), frame.size()) >= 0) {
            ++counters_.sent;
            return {};
        }
        const int error = errno;
        ++counters_.send_failures;
        // ENETDOWN: down; ENXIO: deleted. The link monitor says so as well; it may say it later.
        if ((error == ENXIO || error == ENODEV) && !reading_) {
            lose("interface " + options_.interface_name + " went away");
            return tl::unexpected(state_text_);
        }
        return tl::unexpected("interface " + options_.interface_name +
                              " did not take a frame: " + std::strerror(error));
    }

    [[nodiscard]] L2PortCounters counters() {
        look_at_drops();
        L2PortCounters counters = counters_;
        counters.kernel_drops = kernel_drops_;
        return counters;
    }

    [[nodiscard]] bool is_open() const { return capture_ != nullptr && !down_; }
    [[nodiscard]] const MacAddress& mac() const { return mac_; }
    [[nodiscard]] const std::string& state_text() const { return state_text_; }

private:
    /// Opens, or says why not.
    tl::expected<void, std::string> try_open() {
        const std::string& name = options_.interface_name;
        index_ = static_cast<int>(if_nametoindex(name.c_str()));
        if (index_ == 0)
            return tl::unexpected("interface " + name + " does not exist");
        // Cheaper to ask than to be told so by pcap_activate(), which takes milliseconds over it.
        if (!is_up(name))
            return tl::unexpected("interface " + name + " is administratively down");
        char complaint[PCAP_ERRBUF_SIZE] = "";
        Capture capture{pcap_create(name.c_str(), complaint)};
        if (!capture)
            return tl::unexpected("interface " + name + " cannot be opened: " + complaint);
        pcap_set_snaplen(capture.get(), kSnapLength);
        // A card drops the frames of VLANs that nobody registered with it, which only a VLAN device
        // does; those of others are sorted out by the filter.
        pcap_set_promisc(capture.get(), options_.vlan ? 1 : 0);
        pcap_set_immediate_mode(capture.get(), 1);
        pcap_set_buffer_size(capture.get(), static_cast<int>(options_.buffer_bytes));
        pcap_set_tstamp_precision(capture.get(), PCAP_TSTAMP_PRECISION_NANO);
        if (const int status = pcap_activate(capture.get()); status < 0)
            return tl::unexpected(explain_activation(status, name, capture.get()));
        if (pcap_datalink(capture.get()) != DLT_EN10MB)
            return tl::unexpected("interface " + name + " is not an Ethernet interface");
        if (auto set = set_up_socket(capture.get()); !set)
            return set;
        adopt(std::move(capture));
        return {};
    }

    tl::expected<void, std::string> set_up_socket(pcap_t* capture) {
        const std::string& name = options_.interface_name;
        const int descriptor = pcap_fileno(capture);
        ifreq request{};
        name.copy(request.ifr_name, sizeof request.ifr_name - 1);
        if (ioctl(descriptor, SIOCGIFHWADDR, &request) != 0)
            return tl::unexpected("interface " + name + " went away while it was being opened");
        std::copy_n(reinterpret_cast<const std::uint8_t*>(request.ifr_hwaddr.sa_data), 6,
                    mac_.octets.begin());

        // Both only spare work: what we send is refused by its direction in any case, and the
        // priority puts heartbeats first in the queue of a busy link.
        const int on = 1;
        setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
        pcap_setdirection(capture, PCAP_D_IN);
        const int priority = kTagPriority;
        setsockopt(descriptor, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority);

        if (auto set = set_filter(capture); !set)
            return set;
        char complaint[PCAP_ERRBUF_SIZE] = "";
        if (pcap_setnonblock(capture, 1, complaint) != 0)
            return tl::unexpected("interface " + name + " cannot be opened: " + complaint);
        return {};
    }

    tl::expected<void, std::string> set_filter(pcap_t* capture) const {
        bpf_program program{};
        const std::string text = filter_text(options_.ether_type, mac_);
        int status = pcap_compile(capture, &program, text.c_str(), 1, PCAP_NETMASK_UNKNOWN);
        if (status == 0) {
            status = pcap_setfilter(capture, &program);
            pcap_freecode(&program);
        }
        if (status != 0)
            return tl::unexpected("interface " + options_.interface_name +
                                  ": filter: " + pcap_geterr(capture));
        return {};
    }

    /// The interface is the one that is open, and changed. The capture lives through it: making a
    /// new one takes tens of milliseconds, which the other port's heartbeats may not have.
    void adapt(const LinkState& link) {
        if (link.mac != mac_) {
            read(kDrainLimit, monotonic_now());  // what arrived for the former MAC still counts
            mac_ = link.mac;
            if (const auto set = set_filter(capture_.get()); !set) {
                lose(set.error());
                return;
            }
        }
        if (!link.admin_up)
            read(kDrainLimit, monotonic_now());
        if (!capture_)
            return;
        down_ = !link.admin_up;
        set_state(down_ ? link.reason : open_text());
    }

    [[nodiscard]] std::string open_text() const {
        return "open on " + options_.interface_name + ", " + mac_.to_string() +
               (options_.vlan ? ", VLAN " + std::to_string(*options_.vlan) : "");
    }

    void adopt(Capture capture) {
        capture_ = std::move(capture);
        times_.emplace(options_.clocks());
        pcap_drops_ = 0;
        overflowed_ = false;
        ++counters_.opened;
        watch_.start(pcap_get_selectable_fd(capture_.get()),
                     [this] { read(options_.frames_per_wakeup, kNever); });
        down_ = false;
        set_state(open_text());
    }

    void reconcile(const tl::expected<void, std::string>& attempt, Duration retry_in) {
        if (attempt)
            return;
        set_closed(attempt.error());
        retry_.arm_in(retry_in, [this] { look_again(); });
    }

    /// What reconciles the port with the interface when no event did, or an event came too early.
    void look_again() {
        if (!wanted_)
            return;
        if (!capture_)
            reconcile(try_open(), kRetry);
        else if (static_cast<int>(if_nametoindex(options_.interface_name.c_str())) != index_)
            reopen();
    }

    void reopen() {
        if (capture_) {
            read(kDrainLimit, monotonic_now());
            release();
        }
        reconcile(try_open(), kRetry);
    }

    /// The open capture failed.
    void lose(const std::string& reason) {
        set_closed(reason);
        // It may have come back already, its event handled before this was noticed.
        retry_.arm_in(kFirstRetry, [this] { look_again(); });
    }

    void release() {
        if (!capture_)
            return;
        look_at_drops();
        watch_.stop();
        capture_.reset();
    }

    void set_closed(const std::string& reason) {
        release();
        set_state(reason);
    }

    void set_state(const std::string& text) {
        if (std::exchange(state_text_, text) != text && handlers_.on_state)
            handlers_.on_state();
    }

    /// Reads up to `limit` frames, until the queue is empty or a frame is younger than `until`.
    void read(std::size_t limit, Instant until) {
        if (!capture_ || reading_)
            return;
        reading_ = true;
        std::string failure;
        std::size_t count = 0;
        ClockReading before = options_.clocks();
        for (; count < limit; ++count) {
            pcap_pkthdr* header = nullptr;
            const u_char* bytes = nullptr;
            const int status = next_frame(&header, &bytes);
            if (status == 0) {
                times_->queue_was_empty(before);
                break;
            }
            if (status < 0) {
                failure = pcap_geterr(capture_.get());
                break;
            }
            before = options_.clocks();
            // With nanosecond precision tv_usec holds nanoseconds.
            const Duration stamp = std::chrono::seconds{header->ts.tv_sec} +
                                   std::chrono::nanoseconds{header->ts.tv_usec};
            const Instant received_at = times_->received_at(stamp, before);
            linger_ = received_at - latest_ < kStream;
            latest_ = received_at;
            take({bytes, header->caplen}, received_at);
            if (received_at > until)
                break;
        }
        reading_ = false;
        if (count >= kSuspiciousBatch)
            look_at_drops();
        report_drops();
        if (!failure.empty())
            lose("interface " + options_.interface_name + ": " + failure);
    }

    int next_frame(pcap_pkthdr** header, const u_char** bytes) {
        int status = pcap_next_ex(capture_.get(), header, bytes);
        if (status != 0 || !std::exchange(linger_, false))
            return status;
        const Instant until = monotonic_now() + kLinger;
        while (status == 0 && monotonic_now() < until)
            status = pcap_next_ex(capture_.get(), header, bytes);
        return status;
    }

    void take(std::span<const std::uint8_t> bytes, Instant received_at) {
        const auto frame = parse_frame(bytes, framing_);
        if (!frame) {
            switch (frame.error()) {
                case FrameRefusal::truncated:
                    ++counters_.truncated;
                    break;
                case FrameRefusal::vlan_mismatch:
                    ++counters_.vlan_mismatches;
                    break;
                case FrameRefusal::not_ours:  // from before the filter was set
                    break;
            }
            return;
        }
        // The filter has seen to this; a frame from before it was set has not passed it.
        if (frame->destination != mac_ && frame->destination != kBroadcastMac)
            return;
        ++counters_.received;
        if (handlers_.on_frame)
            handlers_.on_frame({.source = frame->source,
                                .destination = frame->destination,
                                .payload = frame->payload,
                                .received_at = received_at});
    }

    /// The kernel's counter starts at zero with every capture.
    void look_at_drops() {
        pcap_stat statistics{};
        if (!capture_ || pcap_stats(capture_.get(), &statistics) != 0)
            return;
        const std::uint32_t more = statistics.ps_drop - pcap_drops_;
        pcap_drops_ = statistics.ps_drop;
        kernel_drops_ += more;
        overflowed_ = overflowed_ || more != 0;
    }

    void report_drops() {
        const auto report = [this](wire::DropReason reason, std::uint64_t now,
                                   std::uint64_t& told) {
            if (now != told && handlers_.on_dropped)
                handlers_.on_dropped(reason, now - told);
            told = now;
        };
        report(wire::DropReason::vlan_mismatch, counters_.vlan_mismatches, told_vlan_mismatches_);
        report(wire::DropReason::truncated, counters_.truncated, told_truncated_);
    }

    L2PortOptions options_;
    L2PortHandlers handlers_;
    Framing framing_;
    ReadableWatch watch_;
    Timer retry_;
    Capture capture_;
    std::optional<ReceiveTimes> times_;
    FrameBuffer outgoing_{};
    MacAddress mac_;
    int index_ = 0;
    Instant latest_;       ///< when the frame before arrived
    bool linger_ = false;  ///< it was one of a stream
    bool wanted_ = false;
    bool reading_ = false;
    bool down_ = false;        ///< the capture is there and waits for its interface to come up
    bool overflowed_ = false;  ///< frames were lost and no drain() has said so yet
    std::uint32_t pcap_drops_ = 0;
    std::uint64_t kernel_drops_ = 0;
    std::uint64_t told_vlan_mismatches_ = 0;
    std::uint64_t told_truncated_ = 0;
    L2PortCounters counters_;
    std::string state_text_;
};

L2Port::L2Port(boost::asio::io_context& loop, L2PortOptions options, L2PortHandlers handlers)
    : implementation_(
          std::make_unique<Implementation>(loop, std::move(options), std::move(handlers))) {}

L2Port::~L2Port() = default;

tl::expected<void, std::string> L2Port::open() {
    return implementation_->open();
}
void L2Port::close() {
    implementation_->close();
}
void L2Port::link_changed(const LinkState& link) {
    implementation_->link_changed(link);
}
bool L2Port::drain() {
    return implementation_->drain();
}
tl::expected<void, std::string> L2Port::send(const MacAddress& destination,
                                             std::span<const std::uint8_t> payload) {
    return implementation_->send(destination, payload);
}
bool L2Port::is_open() const {
    return implementation_->is_open();
}
const MacAddress& L2Port::mac() const {
    return implementation_->mac();
}
const std::string& L2Port::state_text() const {
    return implementation_->state_text();
}
L2PortCounters L2Port::counters() const {
    return implementation_->counters();
}

}  // namespace ha::runtime
