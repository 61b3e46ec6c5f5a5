// A channel over a link as bad as links get: what comes out is what went in, in order, once; and
// when the link is whole again, everything comes out soon.
#include "libha/replication/channel.hpp"

#include <catch2/catch.hpp>

#include "test/unit/replication/lossy_link.hpp"

using namespace ha;
using namespace ha::replication;
using namespace ha::replication::test;

namespace {

/// Small limits, so that small transfers reach them.
ChannelOptions small() {
    ChannelOptions options;
    options.buffer_limit = 256 << 10U;
    options.message_limit = 32 << 10U;
    options.receive_limit = 64 << 10U;
    return options;
}

}  // namespace

TEST_CASE("A message of any size comes out as it went in", "[replication][channel][SYNC-1]") {
    LossyLink link({}, 1);
    for (const std::size_t size :
         {0UL, 1UL, 1399UL, 1400UL, 1401UL, 2799UL, 2800UL, 2801UL, 100'000UL, 2UL << 20U, 0UL})
        REQUIRE(link.send(size));
    CHECK(link.run_until_idle(5s) < 100ms);
    CHECK(link.came_out() == 11);
    CHECK(link.sender.backlog_bytes() == 0);
    CHECK(link.sender.counters().frames_retransmitted == 0);
    CHECK(link.sender.next_deadline() == kNever);
    CHECK(link.receiver.next_deadline() == kNever);
}

TEST_CASE("Fragments of any size make whole messages", "[replication][channel]") {
    for (const std::size_t fragment : {1UL, 2UL, 7UL, 100UL, 1400UL}) {
        ChannelOptions options = small();
        options.fragment_bytes = fragment;
        LossyLink link(options, fragment);
        link.data.lost = link.acks.lost = 50;
        for (std::size_t size = 0; size < 40; ++size)
            REQUIRE(link.send(size));
        link.run_until_idle(60s);
        CHECK(link.came_out() == 40);
    }
}

TEST_CASE("A message is acknowledged after one round trip", "[replication][channel][SYNC-2]") {
    LossyLink link({}, 1);
    for (int round = 0; round < 20; ++round) {
        REQUIRE(link.send(200));
        CHECK(link.run_until_idle(1s) == 200us);
        link.run(50ms);
    }
    CHECK(link.data_frames() == 20);
    CHECK(link.ack_frames() == 20);
}

TEST_CASE("Any mixture of faults: everything comes out, in order, once",
          "[replication][channel][SYNC-1]") {
    for (std::uint64_t seed = 0; seed < 2500; ++seed) {
        INFO("seed " << seed);
        LossyLink link(small(), seed);
        const auto weather = [&link] {
            Weather made;
            const std::uint64_t bad = link.below(3);
            made.lost = static_cast<unsigned>(bad == 0 ? 0 : link.below(bad == 1 ? 50 : 500));
            made.doubled = static_cast<unsigned>(link.below(2) * link.below(300));
            const std::uint64_t far = link.below(8);
            made.delay = far == 0 ? Duration{1ms * static_cast<int>(link.below(1000))} : 100us;
            if (link.below(2) == 0)
                made.jitter = made.delay * static_cast<int>(link.below(4));
            return made;
        };
        link.data = weather();
        link.acks = weather();
        link.frames_per_turn = 1 + link.below(64);
        for (std::uint64_t action = 0, actions = 1 + link.below(20); action < actions; ++action) {
            switch (link.below(8)) {
                default:
                    for (std::uint64_t count = 1 + link.below(10); count > 0; --count)
                        (void)link.send(link.below(3000));  // or the buffer is full
                    break;
                case 3:
                    (void)link.send(link.below(small().message_limit + 1));
                    break;
                case 4:
                    link.data.cut = link.below(2) == 0;
                    link.acks.cut = link.below(2) == 0;
                    break;
                case 5:
                    link.data = weather();
                    link.acks = weather();
                    break;
                case 6:
                    link.run(1ms * static_cast<int>(link.below(3000)));
                    break;
                case 7:
                    link.run(1us * static_cast<int>(link.below(3000)));
                    break;
            }
        }
        // The faults end, and what was caused by them with them.
        link.data = link.acks = Weather{};
        CHECK(link.run_until_idle(20s) < 8s);
        CHECK(link.came_out() == link.went_in());
        CHECK(link.sender.backlog_bytes() == 0);
    }
}

TEST_CASE("Half of all frames lost in both directions is slow, not wrong",
          "[replication][channel]") {
    LossyLink link(small(), 5);
    link.data.lost = link.acks.lost = 500;
    for (int count = 0; count < 100; ++count)
        REQUIRE(link.send(2000));
    link.run_until_idle(300s);
    CHECK(link.came_out() == 100);
}

TEST_CASE("A cut in either direction heals by itself", "[replication][channel][HB-5]") {
    for (const int direction : {1, 2, 3}) {
        INFO("direction " << direction);
        LossyLink link(small(), 5);
        REQUIRE(link.send(10'000));
        link.run_until_idle(1s);
        link.data.cut = (direction & 1) != 0;
        link.acks.cut = (direction & 2) != 0;
        const Instant begun = link.now();
        REQUIRE(link.send(30'000));
        REQUIRE(link.send(10));
        link.run(60s);
        CHECK_FALSE(link.sender.idle());
        CHECK(link.sender.stuck_since() == begun);
        // While nothing gets through little is sent: a question every two seconds.
        CHECK(link.data_frames() < 100);
        link.data.cut = link.acks.cut = false;
        CHECK(link.run_until_idle(10s) <= 2100ms);
        CHECK(link.came_out() == 3);
    }
}

TEST_CASE("A receiver that is full stops the sender, and nothing is lost",
          "[replication][channel]") {
    // The first frame gets lost again and again, so everything behind it has to be kept.
    LossyLink link(small(), 5);
    REQUIRE(link.send(1));
    link.run_until_idle(1s);
    link.data.cut = true;
    REQUIRE(link.send(100));
    link.run(1ms);
    link.data.cut = false;
    std::size_t count = 0;
    while (link.send(1000))
        ++count;
    CHECK(count == (256 << 10U) / 1000);
    CHECK(link.sender.backlog_bytes() <= small().buffer_limit);
    CHECK_FALSE(link.send(1000));
    CHECK(link.run_until_idle(10s) < 3s);
    CHECK(link.came_out() == count + 2);
    CHECK(link.send(1000));
}

TEST_CASE("Bytes beyond the buffer are refused, and what was taken comes out",
          "[replication][channel][HB-5]") {
    LossyLink link(small(), 5);
    CHECK_FALSE(link.send(small().message_limit + 1));
    for (int count = 0; count < 8; ++count)
        REQUIRE(link.send(small().message_limit));
    CHECK(link.sender.backlog_bytes() == small().buffer_limit);
    CHECK_FALSE(link.send(1));
    CHECK(link.send(0));
    link.run_until_idle(10s);
    CHECK(link.came_out() == 9);
    // Empty messages take memory as well.
    std::size_t empty = 0;
    while (link.send(0))
        ++empty;
    CHECK(empty == small().buffer_limit / 64);
    link.run_until_idle(10s);
    CHECK(link.came_out() == 9 + empty);
}

TEST_CASE("A closed channel takes nothing and sends nothing", "[replication][channel]") {
    ChannelSender sender({});
    const Instant now{5s};
    CHECK_FALSE(sender.is_open());
    CHECK_FALSE(sender.send({1}, now));
    CHECK(sender.idle());
    CHECK(sender.take_due(now, 10).empty());
    CHECK(sender.next_deadline() == kNever);
    sender.open(1, now);
    CHECK(sender.is_open());
    CHECK(sender.send({1}, now));
    CHECK(sender.next_deadline() <= now);
    CHECK(sender.take_due(now, 0).empty());
    CHECK(sender.next_deadline() <= now);
    CHECK(sender.take_due(now, 10).size() == 1);
    CHECK(sender.next_deadline() == now + 100ms);
    sender.close();
    CHECK(sender.idle());
    CHECK(sender.next_deadline() == kNever);
    CHECK(sender.counters().frames_sent == 1);
}

TEST_CASE("What is due is handed out in turns of the owner's size", "[replication][channel]") {
    ChannelSender sender({});
    const Instant now{5s};
    sender.open(1, now);
    REQUIRE(sender.send(wire::Bytes(140'000), now));
    std::size_t frames = 0;
    while (sender.next_deadline() <= now) {
        const auto due = sender.take_due(now, 7);
        REQUIRE(due.size() <= 7);
        REQUIRE(!due.empty());
        frames += due.size();
        // Only the last one that can go for now asks for an answer.
        CHECK(due.back().answer == (sender.next_deadline() > now));
    }
    CHECK(frames == CongestionWindow::kFirst);
}

TEST_CASE("A new life of the receiver gets nothing of the old stream, and the new one whole",
          "[replication][channel][SYNC-1]") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        INFO("seed " << seed);
        LossyLink link(small(), seed);
        link.data.lost = link.acks.lost = 100;
        link.data.jitter = 2ms;
        link.data.doubled = 200;
        for (int count = 0; count < 30; ++count)
            REQUIRE(link.send(link.below(5000)));
        link.run(1us * static_cast<int>(link.below(20'000)));
        link.restart_receiver();
        const std::size_t came_out = link.came_out();
        link.run(3s);
        CHECK(link.came_out() == came_out);
        CHECK((link.sender.idle() || link.sender.stuck_since() < link.now() - 2s));
        link.open(2);
        for (int count = 0; count < 30; ++count)
            REQUIRE(link.send(link.below(5000)));
        link.run_until_idle(10s);
        CHECK(link.came_out() == 30);
    }
}

TEST_CASE("Streams never mix, however late the frames of an old one are",
          "[replication][channel][SYNC-1]") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        INFO("seed " << seed);
        LossyLink link(small(), seed);
        link.data.delay = link.acks.delay = 1ms;
        link.data.jitter = 30ms;
        link.data.doubled = 300;
        link.data.lost = link.acks.lost = 100;
        for (std::uint32_t stream = 2; stream < 7; ++stream) {
            for (std::uint64_t count = link.below(20); count > 0; --count)
                REQUIRE(link.send(link.below(4000)));
            link.run(1us * static_cast<int>(link.below(40'000)));
            link.open(stream);
        }
        for (int count = 0; count < 10; ++count)
            REQUIRE(link.send(link.below(4000)));
        link.run_until_idle(60s);
        CHECK(link.came_out() == 10);
    }
}

TEST_CASE("The time without progress is known, and may be forgiven",
          "[replication][channel][HB-5]") {
    LossyLink link({}, 5);
    CHECK(link.sender.stuck_since() == kNever);
    link.data.cut = true;
    const Instant begun = link.now();
    REQUIRE(link.send(100));
    link.run(5s);
    REQUIRE(link.send(100));  // more of the same is no progress
    CHECK(link.sender.stuck_since() == begun);
    link.sender.forgive(link.now());
    CHECK(link.sender.stuck_since() == link.now());
    link.data.cut = false;
    link.run_until_idle(10s);
    CHECK(link.sender.stuck_since() == kNever);
    link.run(7s);
    link.acks.cut = true;
    REQUIRE(link.send(100));
    CHECK(link.sender.stuck_since() == link.now());
}

TEST_CASE("A stuck receiver is stuck even while parts of it answer", "[replication][channel]") {
    ChannelSender sender({});
    const Instant begun{5s};
    sender.open(1, begun);
    REQUIRE(sender.send(wire::Bytes(10'000), begun));
    (void)sender.take_due(begun, 100);
    Instant now = begun;
    for (int second = 0; second < 20; ++second) {
        now += 1s;
        (void)sender.take_due(now, 100);
        sender.acknowledge({Incarnation{1}, 1, 1, 100'000, {}}, now);
    }
    CHECK(sender.stuck_since() == begun);
}

TEST_CASE("A window of zero is asked for room, ever more rarely, and opened again",
          "[replication][channel]") {
    ChannelSender sender({});
    Instant now{5s};
    sender.open(1, now);
    REQUIRE(sender.send({1}, now));
    REQUIRE(sender.take_due(now, 100).size() == 1);
    sender.acknowledge({Incarnation{1}, 1, 2, 0, {}}, now + 1ms);
    REQUIRE(sender.idle());
    REQUIRE(sender.send({2}, now + 2ms));
    REQUIRE(sender.send({3}, now + 2ms));
    std::vector<Instant> asked;
    for (const Instant end = now + 10s; sender.next_deadline() <= end;) {
        now = sender.next_deadline();
        const auto frames = sender.take_due(now, 100);
        REQUIRE(frames.size() == 1);
        CHECK(frames[0].number == 2);  // the same one again and again, and no other
        CHECK(frames[0].answer);
        asked.push_back(now);
        sender.acknowledge({Incarnation{1}, 1, 2, 0, {}}, now + 1ms);
    }
    CHECK(asked.size() >= 6);
    CHECK(asked.size() <= 14);
    CHECK(asked.back() - asked[asked.size() - 2] == 2s);
    sender.acknowledge({Incarnation{1}, 1, 3, 100'000, {}}, now + 2ms);
    const auto frames = sender.take_due(now + 2ms, 100);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].number == 3);
}
