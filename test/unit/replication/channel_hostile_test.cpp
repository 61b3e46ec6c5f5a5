// What a peer that lies can do to a channel: spoil its own stream, and nothing else. Neither side
// grows, hangs, or lets anything into another stream.
#include <catch2/catch.hpp>
#include <random>

#include "test/unit/replication/lossy_link.hpp"

using namespace ha;
using namespace ha::replication;
using namespace ha::replication::test;

namespace {

constexpr Incarnation kPeer{0x500000007};
constexpr Instant kNow{5s};

ChannelOptions small() {
    ChannelOptions options;
    options.buffer_limit = 64 << 10U;
    options.message_limit = 8 << 10U;
    options.receive_limit = 16 << 10U;
    return options;
}

wire::ChannelData data(std::uint64_t number, bool first, bool last, std::size_t size,
                       std::uint32_t stream = 1) {
    return {kPeer, stream, number, first, last, false, wire::Bytes(size, 0x77)};
}
wire::ChannelData whole(std::uint64_t number, std::uint32_t stream = 1) {
    return data(number, true, true, 10, stream);
}

/// A sender with 40 frames on their way, 1 to 40, each a message.
ChannelSender busy_sender() {
    ChannelSender sender(small());
    sender.open(3, kNow);
    for (std::uint32_t number = 1; number <= 40; ++number)
        REQUIRE(sender.send(message_of(number, 100), kNow));
    REQUIRE(sender.take_due(kNow, 100).size() == 40);
    return sender;
}

}  // namespace

TEST_CASE("After a reset only the first frame of a stream opens it", "[replication][channel]") {
    ChannelReceiver receiver(small());
    CHECK(receiver.receive(whole(2), kNow).empty());
    CHECK(receiver.receive(whole(1000, 9), kNow).empty());
    CHECK(receiver.next_deadline() == kNever);  // nothing to say about streams unknown
    CHECK(receiver.receive(whole(1, 5), kNow).size() == 1);
    CHECK(receiver.receive(whole(2, 5), kNow).size() == 1);
    // Lower ones are over; a higher one is new, whichever of its frames is the first to come.
    CHECK(receiver.receive(whole(3, 4), kNow).empty());
    CHECK(receiver.receive(whole(1, 1), kNow).empty());
    CHECK(receiver.receive(whole(2, 6), kNow).empty());
    CHECK(receiver.receive(whole(3, 5), kNow).empty());
    CHECK(receiver.receive(whole(1, 6), kNow).size() == 2);
    CHECK(receiver.counters().refused == 5);
    receiver.reset();
    CHECK(receiver.next_deadline() == kNever);
    CHECK(receiver.receive(whole(3, 6), kNow).empty());
    CHECK(receiver.receive(whole(1, 2), kNow).size() == 1);
    CHECK(receiver.take_ack(kNow + 1s)->stream == 2);
}

TEST_CASE("Frames of a lower stream are not acknowledged", "[replication][channel]") {
    ChannelReceiver receiver(small());
    receiver.receive(whole(1, 5), kNow);
    REQUIRE(receiver.take_ack(kNow + 1s));
    receiver.receive(whole(1, 4), kNow + 1s);
    CHECK(receiver.next_deadline() == kNever);
}

TEST_CASE("Acknowledgements come when they are of use", "[replication][channel]") {
    ChannelReceiver receiver(small());
    for (std::uint64_t number = 1; number < 16; ++number)
        receiver.receive(whole(number), kNow);
    CHECK(receiver.next_deadline() == kNow + 5ms);
    CHECK_FALSE(receiver.take_ack(kNow + 4ms));
    receiver.receive(whole(16), kNow + 4ms);
    REQUIRE(receiver.next_deadline() <= kNow + 4ms);
    CHECK(receiver.take_ack(kNow + 4ms)->next == 17);
    CHECK(receiver.next_deadline() == kNever);

    const Instant now = kNow + 10ms;
    receiver.receive(whole(1), now);  // again
    CHECK(receiver.take_ack(now));
    receiver.receive(whole(18), now);  // a gap
    const auto gap = receiver.take_ack(now);
    REQUIRE(gap);
    CHECK(gap->next == 17);
    CHECK(gap->ranges == std::vector<wire::ChannelRange>{{18, 18}});
    receiver.receive(whole(17), now);  // closed
    const auto closed = receiver.take_ack(now);
    REQUIRE(closed);
    CHECK(closed->next == 19);
    CHECK(closed->ranges.empty());
    auto asking = whole(19);
    asking.answer = true;
    receiver.receive(asking, now);
    CHECK(receiver.take_ack(now));
}

TEST_CASE("The ranges of an acknowledgement have the news and the lowest",
          "[replication][channel]") {
    ChannelReceiver receiver({});
    receiver.receive(whole(1), kNow);
    for (std::uint64_t number = 10; number <= 400; number += 10)
        receiver.receive(whole(number), kNow);
    REQUIRE(receiver.take_ack(kNow));
    receiver.receive(whole(300 + 5), kNow);
    const auto ack = receiver.take_ack(kNow);
    REQUIRE(ack);
    REQUIRE(ack->ranges.size() == wire::kMaximumChannelRanges);
    for (std::uint64_t index = 0; index + 1 < wire::kMaximumChannelRanges; ++index)
        CHECK(ack->ranges[index] == wire::ChannelRange{10 + 10 * index, 10 + 10 * index});
    CHECK(ack->ranges.back() == wire::ChannelRange{305, 305});
}

TEST_CASE("Frames that do not fit together are as good as lost", "[replication][channel][ANY-1]") {
    ChannelReceiver receiver(small());
    CHECK(receiver.receive(data(1, false, true, 10), kNow).empty());  // an end without a beginning
    CHECK(receiver.receive(data(1, false, false, 10), kNow).empty());
    CHECK(receiver.receive(data(1, true, false, 0), kNow).empty());  // a beginning of nothing
    CHECK(receiver.counters().refused == 3);
    CHECK(receiver.receive(data(1, true, false, 10), kNow).empty());
    CHECK(receiver.receive(data(2, true, false, 10), kNow).empty());  // another beginning
    CHECK(receiver.receive(data(2, true, true, 10), kNow).empty());
    CHECK(receiver.receive(data(2, false, true, 0), kNow).empty());  // an end of nothing
    CHECK(receiver.take_ack(kNow + 1s)->next == 2);
    // The true ones still come through.
    const auto messages = receiver.receive(data(2, false, true, 5), kNow);
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].size() == 15);
    // What waits behind a gap is judged when its turn comes, and asked for again.
    CHECK(receiver.receive(data(4, false, true, 10), kNow).empty());
    CHECK(receiver.receive(whole(5), kNow).empty());
    CHECK(receiver.receive(whole(3), kNow).size() == 1);
    const auto ack = receiver.take_ack(kNow);
    REQUIRE(ack);
    CHECK(ack->next == 4);
    CHECK(ack->ranges == std::vector<wire::ChannelRange>{{5, 5}});
    CHECK(receiver.receive(whole(4), kNow).size() == 2);
}

TEST_CASE("A message without an end takes no more than a message may", "[replication][channel]") {
    ChannelReceiver receiver(small());
    receiver.receive(data(1, true, false, 1000), kNow);
    for (std::uint64_t number = 2; number < 1000; ++number)
        CHECK(receiver.receive(data(number, false, false, 1000), kNow).empty());
    CHECK(receiver.counters().held_bytes <= small().message_limit + small().receive_limit);
    CHECK(receiver.receive(data(9, false, true, 192), kNow).size() == 1);
}

TEST_CASE("Frames behind a gap have a limit, however many and however far",
          "[replication][channel][ANY-1]") {
    for (const std::size_t size : {0UL, 1UL, 1400UL}) {
        ChannelReceiver receiver(small());
        receiver.receive(whole(1), kNow);
        for (std::uint64_t count = 0; count < 5000; ++count)
            receiver.receive(data(3 + count * 0x1000000000ULL, true, true, size), kNow);
        CHECK(receiver.counters().held_bytes <= small().receive_limit);
        CHECK(receiver.counters().refused > 4000);
        const auto ack = receiver.take_ack(kNow);
        REQUIRE(ack);
        CHECK(ack->next == 2);
        CHECK(ack->window < 1500);
        CHECK(ack->ranges.size() == (size < 1400 ? wire::kMaximumChannelRanges : 11));
        // The one that is missing is always taken.
        CHECK(receiver.receive(data(2, true, true, 1400), kNow).size() == 2);
    }
    ChannelReceiver receiver(small());
    receiver.receive(whole(1), kNow);
    receiver.receive(whole(wire::kMaximumChannelNumber), kNow);
    receiver.receive(whole(wire::kMaximumChannelNumber + 1), kNow);
    receiver.receive(whole(~std::uint64_t{0}), kNow);
    receiver.receive(whole(0), kNow);
    CHECK(receiver.counters().frames == 2);
}

TEST_CASE("Acknowledgements of what was never sent are ignored", "[replication][channel][ANY-1]") {
    const wire::ChannelAck absurd[] = {
        {kPeer, 3, 42, 1000, {}},                 // one more than was sent
        {kPeer, 3, ~std::uint64_t{0}, 1000, {}},  //
        {kPeer, 3, 0, 1000, {}},                  //
        {kPeer, 2, 41, 1000, {}},                 // of the stream before
        {kPeer, 4, 41, 1000, {}},                 // of one to come
        {kPeer, 3, 1, 1000, {{2, 41}}},           // the future in a range
        {kPeer, 3, 1, 1000, {{41, 41}}},          //
        {kPeer, 3, 1, 1000, {{1, 5}}},            // what it says is missing
        {kPeer, 3, 1, 1000, {{5, 4}}},            //
        {kPeer, 3, 1, 1000, {{5, 6}, {7, 8}}},    // ranges that touch
        {kPeer, 3, 1, 1000, {{20, 22}, {5, 6}}},  // not in order
        {kPeer, 3, 1, 1000, {{5, ~std::uint64_t{0}}}},
    };
    for (const wire::ChannelAck& ack : absurd) {
        ChannelSender sender = busy_sender();
        sender.acknowledge(ack, kNow + 1ms);
        INFO("next " << ack.next);
        CHECK(sender.backlog_bytes() == 4000);
        CHECK(sender.stuck_since() == kNow);
        CHECK(sender.counters().receiver_window != 1000);
        CHECK(sender.next_deadline() == kNow + 100ms);
        sender.acknowledge({kPeer, 3, 41, 1000, {}}, kNow + 2ms);
        CHECK(sender.idle());
    }
    ChannelSender sender = busy_sender();
    sender.acknowledge({kPeer, 3, 1, 1000, std::vector<wire::ChannelRange>(17, {5, 6})}, kNow);
    CHECK(sender.stuck_since() == kNow);
    sender.close();
    sender.acknowledge({kPeer, 0, 1, 1000, {}}, kNow);
    CHECK(sender.next_deadline() == kNever);
}

TEST_CASE("A receiver that takes back what it said it had gets it again",
          "[replication][channel][ANY-1]") {
    ChannelSender sender = busy_sender();
    sender.acknowledge({kPeer, 3, 1, 100'000, {{2, 40}}}, kNow + 1ms);
    const auto first = sender.take_due(kNow + 1ms, 100);
    REQUIRE(first.size() == 1);
    CHECK(first[0].number == 1);
    sender.acknowledge({kPeer, 3, 2, 100'000, {{3, 40}}}, kNow + 2ms);
    const auto second = sender.take_due(kNow + 2ms, 100);
    REQUIRE(second.size() == 1);
    CHECK(second[0].number == 2);
    sender.acknowledge({kPeer, 3, 41, 100'000, {}}, kNow + 3ms);
    CHECK(sender.idle());
}

TEST_CASE("A lying receiver makes a sender send little", "[replication][channel][ANY-1]") {
    std::mt19937_64 random(11);  // NOLINT: the same in every run
    for (int story = 0; story < 300; ++story) {
        ChannelSender sender(small());
        Instant now = kNow;
        sender.open(3, now);
        std::size_t sent = 0;
        std::size_t acks = 0;
        while (now < kNow + 2s) {
            while (sender.send(wire::Bytes(random() % 3000), now))
                continue;
            sent += sender.take_due(now, 1000).size();
            REQUIRE(sender.next_deadline() > now);
            REQUIRE(sender.backlog_bytes() <= small().buffer_limit);
            REQUIRE(sender.counters().frames_under_way <= 256 + 1);
            wire::ChannelAck ack{
                kPeer, 3, 1 + random() % 60, static_cast<std::uint32_t>(random()), {}};
            for (std::uint64_t at = ack.next; random() % 3 != 0 && ack.ranges.size() < 16;) {
                const std::uint64_t first = at + 2 + random() % 5;
                at = first + random() % 5;
                ack.ranges.push_back({first, at});
            }
            sender.acknowledge(ack, now);
            ++acks;
            now += 1ms * static_cast<int>(random() % 50);
        }
        CHECK(sent < 300 + 64 * acks);
    }
}

TEST_CASE("Random frames of a peer with a key never get a receiver to grow or to mix streams",
          "[replication][channel][ANY-1]") {
    std::mt19937_64 random(12);  // NOLINT: the same in every run
    for (int story = 0; story < 500; ++story) {
        ChannelReceiver receiver(small());
        Instant now = kNow;
        for (int step = 0; step < 300; ++step) {
            auto frame = data(1 + random() % 40, random() % 2 == 0, random() % 2 == 0,
                              random() % 1401, static_cast<std::uint32_t>(1 + random() % 3));
            frame.bytes.assign(frame.bytes.size(), static_cast<std::uint8_t>(frame.stream));
            for (const wire::Bytes& message : receiver.receive(frame, now)) {
                REQUIRE(message.size() <= small().message_limit);
                for (const std::uint8_t octet : message)
                    REQUIRE(octet == frame.stream);
            }
            REQUIRE(receiver.counters().held_bytes <=
                    small().receive_limit + small().message_limit);
            if (random() % 4 == 0)
                now += 5ms;
            if (const auto ack = receiver.take_ack(now)) {
                std::uint64_t below = ack->next;
                for (const wire::ChannelRange& range : ack->ranges) {
                    REQUIRE(range.first > below);
                    REQUIRE(range.last >= range.first);
                    below = range.last + 1;
                }
            }
        }
    }
}
