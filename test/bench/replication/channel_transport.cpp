// The channel over the ports of libha/runtime, with codec, gate and, for the sealed one, a key: all
// that a frame passes in a supervisor but its machine. Messages of 64 KiB; the receiver looks at
// each one's number and length.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstring>

#include "libha/replication/channel.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/l2_port.hpp"
#include "libha/wire/layout.hpp"
#include "libha/wire/receiver.hpp"
#include "test/bench/replication/transport.hpp"

namespace bench {
namespace {

using namespace ha;
using namespace std::chrono_literals;

constexpr std::size_t kMessage = 64 << 10U;
/// What is queued in advance: enough to keep the channel busy, and little enough for the caches.
constexpr std::size_t kBacklog = std::size_t{1} << 20U;
/// What an owner sends before it looks at what came in.
constexpr std::size_t kFramesPerTurn = 32;
constexpr Incarnation kSenderLife{0x100000001};
constexpr Incarnation kReceiverLife{0x200000002};

wire::Keyring keyring(bool sealed) {
    wire::Keyring ring;
    if (sealed) {
        ring.keys.emplace_back();
        ring.keys.back().id = 1;
        ring.keys.back().secret.fill(0x5a);
    }
    return ring;
}

/// A port with what a supervisor has around it.
class End {
public:
    End(const Place& place, Role role, Incarnation life, bool sealed)
        : peer_mac_(place.peer_mac),
          role_(role),
          life_(life),
          keyring_(keyring(sealed)),
          gate_(DomainId{100}, keyring_),
          timer_(loop_),
          port_(loop_,
                {.interface_name = place.interface_name,
                 .vlan = {},
                 .bulk = {{wire::kTypeOffset, static_cast<std::uint8_t>(wire::kBulkType)}},
                 .clocks = {}},
                {[this](const runtime::L2Frame& frame) { take(frame); }, {}, {}}) {
        if (const auto opened = port_.open(); !opened)
            fail(opened.error());
    }
    virtual ~End() = default;
    End(const End&) = delete;
    End& operator=(const End&) = delete;

protected:
    virtual void take(const wire::Message& message) = 0;

    void put(wire::Message message) {
        wire::Frame frame;
        frame.domain = DomainId{100};
        frame.role = role_;
        frame.slot = slot_of(role_);
        frame.incarnation = life_;
        frame.sequence = ++sequence_;
        frame.message = std::move(message);
        wire::Bytes payload = wire::encode(frame);
        wire::seal(payload, port_.mac(), keyring_);
        (void)port_.send(peer_mac_, payload);  // what the kernel does not take is lost
        ++frames_;
    }

    [[nodiscard]] std::uint64_t frames() const { return frames_; }
    [[nodiscard]] std::uint64_t ring_drops() const {
        const auto counters = port_.counters();
        return counters.kernel_drops + counters.bulk_drops;
    }

    boost::asio::io_context loop_;

private:
    void take(const runtime::L2Frame& frame) {
        auto received = gate_.receive(frame.payload, PortKind::control, frame.source, port_.mac());
        if (received)
            take(received->frame.message);
    }

    MacAddress peer_mac_;
    Role role_;
    Incarnation life_;
    wire::Keyring keyring_;
    wire::Receiver gate_;
    std::uint64_t sequence_ = 0;
    std::uint64_t frames_ = 0;

protected:
    runtime::Timer timer_;

private:
    runtime::L2Port port_;
};

class SendingEnd final : public End {
public:
    SendingEnd(const Place& place, std::uint64_t bytes, bool sealed)
        : End(place, Role::primary, kSenderLife, sealed), wanted_(bytes), sender_({}) {}

    Outcome run() {
        sender_.open(1, runtime::monotonic_now());
        const double begun = now_seconds();
        turn();
        loop_.run();
        const auto counters = sender_.counters();
        return {.bytes = offered_,
                .seconds = now_seconds() - begun,
                .frames = counters.frames_sent,
                .repeated = counters.frames_retransmitted,
                .ring_drops = ring_drops()};
    }

private:
    void take(const wire::Message& message) override {
        if (const auto* ack = std::get_if<wire::ChannelAck>(&message))
            sender_.acknowledge(*ack, runtime::monotonic_now());
        timer_.arm_in(0s, [this] { turn(); });
    }

    void turn() {
        const Instant now = runtime::monotonic_now();
        while (offered_ < wanted_ && sender_.backlog_bytes() < kBacklog) {
            wire::Bytes message(kMessage);
            std::memcpy(message.data(), &messages_, sizeof messages_);
            if (!sender_.send(std::move(message), now))
                break;
            ++messages_;
            offered_ += kMessage;
        }
        if (sender_.idle())
            return loop_.stop();
        for (wire::ChannelData& data : sender_.take_due(now, kFramesPerTurn)) {
            data.names = kReceiverLife;
            put(std::move(data));
        }
        timer_.arm(sender_.next_deadline(), [this] { turn(); });
    }

    std::uint64_t wanted_;
    std::uint64_t offered_ = 0;
    std::uint64_t messages_ = 0;
    replication::ChannelSender sender_;
};

class ReceivingEnd final : public End {
public:
    ReceivingEnd(const Place& place, std::uint64_t bytes, bool sealed)
        : End(place, Role::secondary, kReceiverLife, sealed), wanted_(bytes), receiver_({}) {}

    Outcome run() {
        loop_.run();
        return {.bytes = bytes_,
                .seconds = last_ - first_,
                .frames = receiver_.counters().frames,
                .ring_drops = ring_drops()};
    }

private:
    void take(const wire::Message& message) override {
        const auto* data = std::get_if<wire::ChannelData>(&message);
        if (data == nullptr)
            return;
        first_ = first_ == 0 ? now_seconds() : first_;
        const Instant now = runtime::monotonic_now();
        for (const wire::Bytes& taken : receiver_.receive(*data, now)) {
            std::uint64_t number = 0;
            std::memcpy(&number, taken.data(), sizeof number);
            if (taken.size() != kMessage || number != messages_++)
                fail("a message came out that was not the next one");
            bytes_ += taken.size();
        }
        acknowledge();
        if (bytes_ >= wanted_ && last_ == 0) {
            last_ = now_seconds();
            // The last acknowledgement may be lost and asked for again.
            timer_.arm_in(300ms, [this] { loop_.stop(); });
        }
    }

    void acknowledge() {
        const Instant now = runtime::monotonic_now();
        if (auto ack = receiver_.take_ack(now)) {
            ack->names = kSenderLife;
            put(std::move(*ack));
        }
        if (last_ == 0)
            timer_.arm(receiver_.next_deadline(), [this] { acknowledge(); });
    }

    std::uint64_t wanted_;
    std::uint64_t bytes_ = 0;
    std::uint64_t messages_ = 0;
    double first_ = 0;
    double last_ = 0;
    replication::ChannelReceiver receiver_;
};

template <bool sealed>
Outcome send_channel(const Place& place, std::uint64_t bytes) {
    return SendingEnd(place, bytes, sealed).run();
}

template <bool sealed>
Outcome receive_channel(const Place& place, std::uint64_t bytes,
                        const std::function<void()>& ready) {
    ReceivingEnd end(place, bytes, sealed);
    ready();
    return end.run();
}

}  // namespace

const Transport kChannel{"channel", "the channel", send_channel<false>, receive_channel<false>,
                         false};
const Transport kSealedChannel{"channel+key", "the channel, every frame proven and checked",
                               send_channel<true>, receive_channel<true>, false};

}  // namespace bench
