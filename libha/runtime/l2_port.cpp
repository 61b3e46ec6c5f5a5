#include "libha/runtime/l2_port.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "libha/runtime/bulk_queue.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/ethernet.hpp"
#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/frame_capture.hpp"
#include "libha/runtime/link_monitor.hpp"

namespace ha::runtime {

namespace {

constexpr Duration kFirstRetry = std::chrono::milliseconds{10};
constexpr Duration kRetry = std::chrono::seconds{1};
/// drain() stops here even if frames arrive faster than they are handled.
constexpr std::size_t kDrainLimit = 8192;
/// The kernel is asked for lost frames after no fewer than this: asking costs as much as a frame.
constexpr std::size_t kSuspiciousBatch = 16;
/// Frames this close together are a stream: the next one is waited for so long without going to
/// sleep, for falling asleep and being woken costs both ends more than the frame. Whoever looks all
/// the time takes the queue's lock from the one who fills it.
constexpr Duration kStream = std::chrono::microseconds{30};
constexpr Duration kLinger = std::chrono::microseconds{20};
constexpr Duration kLook = std::chrono::microseconds{5};
/// Others have the processor meanwhile. Should one of them keep it for longer than this, then for
/// some time nobody waits: who sleeps and is woken has his turn sooner than who gave it away.
constexpr Duration kKept = std::chrono::milliseconds{2};
constexpr Duration kNoLinger = std::chrono::milliseconds{100};

ClockReading read_clocks() {
    return {.wall = wall_clock_reading(), .monotonic = monotonic_now()};
}

/// What has to be known of an interface to open it. Asking takes none of the kernel's configuration
/// locks, and pcap_activate() takes milliseconds to say that an interface is down.
struct Interface {
    bool up = false;
    MacAddress mac;
};

tl::expected<Interface, std::string> look_at(const std::string& name) {
    const FileDescriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq flags{};
    name.copy(flags.ifr_name, sizeof flags.ifr_name - 1);
    ifreq address = flags;
    if (ioctl(socket.get(), SIOCGIFFLAGS, &flags) != 0 ||
        ioctl(socket.get(), SIOCGIFHWADDR, &address) != 0)
        return tl::unexpected("interface " + name + " cannot be opened: " + std::strerror(errno));
    Interface interface;
    interface.up = (flags.ifr_flags & IFF_UP) != 0;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(address.ifr_hwaddr.sa_data), 6,
                interface.mac.octets.begin());
    return interface;
}

/// One of the kernel's queues, as it is read.
struct Lane {
    explicit Lane(boost::asio::io_context& loop) : watch(loop) {}

    ReadableWatch watch;
    std::optional<ReceiveTimes> times;
    Instant latest;        ///< when the frame before arrived
    bool lingers = false;  ///< it was one of a stream
    Instant linger_from;   ///< not before: the processor was kept by somebody
};

using Frames = tl::expected<std::span<const StampedFrame>, std::string>;

/// The next frames; in a stream they are waited for a little.
template <typename Source>
Frames read_next(Source& source, Lane& lane, std::size_t limit) {
    Frames frames = source.read(limit);
    if (!frames || !frames->empty() || !std::exchange(lane.lingers, false))
        return frames;
    const Instant begun = monotonic_now();
    Instant now = begun;
    while (frames && frames->empty() && now < begun + kLinger && now >= lane.linger_from) {
        for (const Instant look = now + kLook; now < look; now = monotonic_now())
            sched_yield();
        frames = source.read(limit);
        if (now - begun > kKept)
            lane.linger_from = now + kNoLinger;
    }
    return frames;
}

}  // namespace

class L2Port::Implementation {
public:
    Implementation(boost::asio::io_context& loop, L2PortOptions options, L2PortHandlers handlers)
        : options_(std::move(options)),
          handlers_(std::move(handlers)),
          framing_{.ether_type = options_.ether_type, .vlan = options_.vlan},
          capture_lane_(loop),
          bulk_lane_(loop),
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
            read_all();  // what arrived before still counts
            set_closed(link.reason.empty() ? "interface " + options_.interface_name + " is not up"
                                           : link.reason);
            retry_.arm_in(kRetry, [this] { look_again(); });
        }
    }

    bool drain() {
        if (!capture_ || reading_)
            return true;
        read_all();
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
        const auto sent = capture_->send(frame);
        if (sent) {
            ++counters_.sent;
            return {};
        }
        const int error = sent.error();
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
        return counters_;
    }

    [[nodiscard]] bool is_open() const { return capture_.has_value() && !down_; }
    [[nodiscard]] const MacAddress& mac() const { return mac_; }
    [[nodiscard]] const std::string& state_text() const { return state_text_; }

private:
    /// Opens, or says why not.
    tl::expected<void, std::string> try_open() {
        const std::string& name = options_.interface_name;
        index_ = static_cast<int>(if_nametoindex(name.c_str()));
        if (index_ == 0)
            return tl::unexpected("interface " + name + " does not exist");
        const auto interface = look_at(name);
        if (!interface)
            return tl::unexpected(interface.error());
        if (!interface->up)
            return tl::unexpected("interface " + name + " is administratively down");
        const ClockReading opened = options_.clocks();
        mac_ = interface->mac;
        // The queue of bulk first: who came first is given a frame last, and without a copy.
        std::optional<BulkQueue> bulk;
        if (options_.bulk) {
            auto queue = BulkQueue::open(index_, bulk_text(), options_.bulk_buffer_bytes);
            bulk_refusal_ = queue ? "" : "; bulk goes through the ring: " + queue.error();
            if (queue)
                bulk = std::move(*queue);
        }
        // A card drops the frames of VLANs that nobody registered with it, which only a VLAN device
        // does; those of others are sorted out by the filter.
        auto capture = FrameCapture::open({.interface_name = name,
                                           .buffer_bytes = options_.buffer_bytes,
                                           .promiscuous = options_.vlan.has_value()},
                                          capture_text(bulk.has_value()));
        if (!capture)
            return tl::unexpected(capture.error());
        adopt(std::move(*capture), std::move(bulk), opened);
        return {};
    }

    [[nodiscard]] std::string bulk_text() const {
        return bulk_filter(options_.ether_type, mac_, *options_.bulk);
    }

    [[nodiscard]] std::string capture_text(bool without_bulk) const {
        return capture_filter(options_.ether_type, mac_,
                              without_bulk ? options_.bulk : std::nullopt);
    }

    tl::expected<void, std::string> set_filters() {
        if (auto set = capture_->set_filter(capture_text(bulk_.has_value())); !set)
            return set;
        if (!bulk_)
            return {};
        return bulk_->set_filter(bulk_text());
    }

    /// The interface is the one that is open, and changed. The capture lives through it: making a
    /// new one takes tens of milliseconds, which the other port's heartbeats may not have.
    void adapt(const LinkState& link) {
        if (link.mac != mac_) {
            read_all();  // what arrived for the former MAC still counts
            if (!capture_)
                return;
            mac_ = link.mac;
            if (const auto set = set_filters(); !set) {
                lose(set.error());
                return;
            }
        }
        if (!link.admin_up)
            read_all();
        if (!capture_)
            return;
        down_ = !link.admin_up;
        set_state(down_ ? link.reason : open_text());
    }

    [[nodiscard]] std::string open_text() const {
        return "open on " + options_.interface_name + ", " + mac_.to_string() +
               (options_.vlan ? ", VLAN " + std::to_string(*options_.vlan) : "") + bulk_refusal_;
    }

    void adopt(FrameCapture capture, std::optional<BulkQueue> bulk, const ClockReading& opened) {
        capture_ = std::move(capture);
        bulk_ = std::move(bulk);
        overflowed_ = false;
        ++counters_.opened;
        capture_lane_.times.emplace(opened);
        capture_lane_.watch.start(capture_->descriptor(), [this] {
            read(capture_, capture_lane_, options_.frames_per_wakeup, kNever);
        });
        if (bulk_) {
            bulk_lane_.times.emplace(opened);
            bulk_lane_.watch.start(bulk_->descriptor(), [this] {
                read(bulk_, bulk_lane_, options_.frames_per_wakeup, kNever);
            });
        }
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
            read_all();
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
        capture_lane_.watch.stop();
        bulk_lane_.watch.stop();
        capture_.reset();
        bulk_.reset();
    }

    void set_closed(const std::string& reason) {
        release();
        set_state(reason);
    }

    void set_state(const std::string& text) {
        if (std::exchange(state_text_, text) != text && handlers_.on_state)
            handlers_.on_state();
    }

    /// Everything that arrived until now. Signs of life last: handling the bulk takes a while, and
    /// what came in that while counts before a loss is judged.
    void read_all() {
        read(bulk_, bulk_lane_, kDrainLimit, monotonic_now());
        read(capture_, capture_lane_, kDrainLimit, monotonic_now());
    }

    /// Reads up to `limit` frames, until the queue is empty or a frame is younger than `until`.
    template <typename Source>
    void read(std::optional<Source>& source, Lane& lane, std::size_t limit, Instant until) {
        if (!source || reading_)
            return;
        reading_ = true;
        const auto failure = read_frames(*source, lane, limit, until);
        reading_ = false;
        report_drops();
        if (failure)
            lose(*failure);
    }

    template <typename Source>
    std::optional<std::string> read_frames(Source& source, Lane& lane, std::size_t limit,
                                           Instant until) {
        std::size_t count = 0;
        bool younger = false;
        for (ClockReading before = options_.clocks(); count < limit && !younger;) {
            lane.lingers = lane.lingers && until == kNever;  // not for what is younger
            const Frames frames = read_next(source, lane, limit - count);
            if (!frames)
                return frames.error();
            if (frames->empty()) {
                lane.times->queue_was_empty(before);
                break;
            }
            before = options_.clocks();
            for (const StampedFrame& frame : *frames) {
                const Instant received_at = lane.times->received_at(frame.stamp, before);
                lane.lingers = received_at - lane.latest < kStream;
                lane.latest = received_at;
                younger = received_at > until;
                take(frame.bytes, received_at);
            }
            count += frames->size();
        }
        if (count >= kSuspiciousBatch)
            look_at_drops();
        return std::nullopt;
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

    void look_at_drops() {
        if (!capture_)
            return;
        const std::uint64_t more = capture_->take_drops();
        counters_.kernel_drops += more;
        overflowed_ = overflowed_ || more != 0;
        if (bulk_)
            counters_.bulk_drops += bulk_->take_drops();
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
    Lane capture_lane_;
    Lane bulk_lane_;
    Timer retry_;
    std::optional<FrameCapture> capture_;
    std::optional<BulkQueue> bulk_;  ///< beside a capture only
    FrameBuffer outgoing_{};
    MacAddress mac_;
    int index_ = 0;
    bool wanted_ = false;
    bool reading_ = false;
    bool down_ = false;        ///< the capture is there and waits for its interface to come up
    bool overflowed_ = false;  ///< frames were lost and no drain() has said so yet
    std::uint64_t told_vlan_mismatches_ = 0;
    std::uint64_t told_truncated_ = 0;
    L2PortCounters counters_;
    std::string state_text_;
    std::string bulk_refusal_;  ///< why there is no queue for bulk
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
