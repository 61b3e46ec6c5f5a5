#include "test/unit/replication/lossy_link.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "libha/wire/codec.hpp"
#include "test/unit/wire/samples.hpp"

namespace ha::replication::test {
namespace {

constexpr Incarnation kSender{0x200000003};

/// As the other side reads it.
wire::Message over_the_wire(wire::Message message) {
    const wire::Frame frame = wire::test::frame_of(std::move(message));
    const wire::Bytes payload = wire::encode(frame);
    REQUIRE(payload.size() <= wire::kMaximumPayload - wire::kSealSize);
    auto decoded = wire::decode(payload);
    REQUIRE(decoded);
    REQUIRE(decoded->message == frame.message);
    return std::move(decoded->message);
}

}  // namespace

wire::Bytes message_of(std::uint32_t number, std::size_t size) {
    wire::Bytes bytes(size);
    std::uint32_t state = number * 2654435761U + 1;
    for (std::uint8_t& octet : bytes) {
        state = state * 1664525U + 1013904223U;
        octet = static_cast<std::uint8_t>(state >> 24U);
    }
    return bytes;
}

LossyLink::LossyLink(ChannelOptions options, std::uint64_t seed)
    : sender(options), receiver(options), options_(options), random_(seed) {
    sender.open(stream_, now_);
}

bool LossyLink::send(std::size_t size) {
    return send(message_of(++messages_, size));
}

bool LossyLink::send(wire::Bytes message) {
    if (!sender.send(message, now_))
        return false;
    expected_.push_back(std::move(message));
    return true;
}

void LossyLink::open(std::uint32_t stream) {
    stream_ = stream;
    known_life_ = receiver_life_;
    sender.open(stream, now_);
    expected_.clear();
    came_out_ = 0;
}

void LossyLink::restart_receiver() {
    receiver_life_ = Incarnation{static_cast<std::uint64_t>(receiver_life_) + 1};
    receiver = ChannelReceiver(options_);
}

void LossyLink::put(const wire::ChannelData& frame) {
    launch(data, {false, frame});
}

void LossyLink::launch(const Weather& weather, Flight flight) {
    const std::size_t copies = 1 + (below(1000) < weather.doubled ? 1 : 0);
    for (std::size_t copy = 0; copy < copies; ++copy) {
        if (weather.cut || below(1000) < weather.lost)
            continue;
        const auto jitter = static_cast<std::uint64_t>(weather.jitter.count()) + 1;
        const Duration more{static_cast<Duration::rep>(below(jitter))};
        flights_.emplace(now_ + weather.delay + more, flight);
    }
}

/// Both owners look at their deadlines.
void LossyLink::turn() {
    while (sender.next_deadline() <= now_) {
        const auto frames = sender.take_due(now_, frames_per_turn);
        REQUIRE(frames.size() <= frames_per_turn);
        for (wire::ChannelData frame : frames) {
            REQUIRE(frame.bytes.size() <= options_.fragment_bytes);
            frame.names = known_life_;
            ++data_frames_;
            launch(data, {false, over_the_wire(frame)});
        }
        if (frames.empty()) {  // a timer that had nothing to send must have been set anew
            REQUIRE(sender.next_deadline() > now_);
        }
    }
    REQUIRE((sender.idle() || sender.next_deadline() < kNever));
    if (auto ack = receiver.take_ack(now_)) {
        ack->names = kSender;
        ++ack_frames_;
        launch(acks, {true, over_the_wire(*ack)});
    }
    REQUIRE(receiver.next_deadline() > now_);
}

void LossyLink::arrive(const Flight& flight) {
    if (flight.is_ack)
        return sender.acknowledge(std::get<wire::ChannelAck>(flight.message), now_);
    const auto& frame = std::get<wire::ChannelData>(flight.message);
    if (frame.names != receiver_life_)
        return;
    const auto messages = receiver.receive(frame, now_);
    if (frame.stream != stream_)
        return;  // of a stream that its sender has given up: whatever it still completes
    for (const wire::Bytes& message : messages) {
        REQUIRE(came_out_ < expected_.size());
        // Not CHECK on the bytes: nobody wants to read two megabytes of them.
        const bool same = message == expected_[came_out_];
        INFO("message " << came_out_ << " of " << expected_[came_out_].size() << " bytes, got "
                        << message.size());
        REQUIRE(same);
        ++came_out_;
    }
    const auto counters = receiver.counters();
    REQUIRE(counters.held_bytes <=
            std::max(options_.receive_limit, 2 * options_.message_limit) + options_.message_limit);
}

Instant LossyLink::next() const {
    const Instant flight = flights_.empty() ? kNever : flights_.begin()->first;
    return std::min({flight, sender.next_deadline(), receiver.next_deadline()});
}

void LossyLink::step_to(Instant instant) {
    now_ = std::max(now_, instant);
    while (!flights_.empty() && flights_.begin()->first <= now_) {
        const auto flight = flights_.extract(flights_.begin());
        arrive(flight.mapped());
        if (receiver.next_deadline() <= now_)
            turn();
    }
    turn();
}

void LossyLink::run(Duration limit) {
    const Instant end = now_ + limit;
    turn();
    while (next() <= end)
        step_to(next());
    now_ = end;
}

Duration LossyLink::run_until_idle(Duration limit) {
    const Instant begun = now_;
    turn();
    while (!sender.idle() && next() <= begun + limit)
        step_to(next());
    if (!sender.idle())
        now_ = begun + limit;
    return now_ - begun;
}

}  // namespace ha::replication::test
