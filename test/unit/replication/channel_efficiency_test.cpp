// What a channel costs, in frames and in round trips, as figures that are the same in every run.
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "test/unit/replication/lossy_link.hpp"

using namespace ha;
using namespace ha::replication;
using namespace ha::replication::test;

namespace {

struct Transfer {
    double seconds = 0;
    double repeated = 0;  ///< frames sent more than once for every frame there is
    double acks = 0;      ///< acknowledgements for every frame there is
    std::uint64_t timeouts = 0;
};

/// Sends `megabytes` in messages of `size`, as fast as the sender takes them.
Transfer transfer(const Weather& there, const Weather& back, double megabytes,
                  std::size_t size = 64 << 10U) {
    LossyLink link({}, 7);
    link.data = there;
    link.acks = back;
    const auto messages = static_cast<std::size_t>(megabytes * 1e6) / size;
    for (std::size_t count = 0; count < messages; ++count)
        REQUIRE(link.send(size));
    const Duration took = link.run_until_idle(1000s);
    REQUIRE(link.came_out() == messages);
    const auto counters = link.sender.counters();
    const double frames = static_cast<double>(counters.frames_sent - counters.frames_retransmitted);
    return {std::chrono::duration<double>(took).count(),
            static_cast<double>(counters.frames_retransmitted) / frames,
            static_cast<double>(link.ack_frames()) / frames, counters.timeouts};
}

Weather losing(unsigned lost) {
    Weather weather;
    weather.lost = lost;
    return weather;
}

}  // namespace

TEST_CASE("Without loss nothing is sent twice, and acknowledgements are few",
          "[replication][channel]") {
    const Transfer bulk = transfer({}, {}, 10);
    CHECK(bulk.repeated == 0);
    CHECK(bulk.timeouts == 0);
    CHECK(bulk.acks < 0.08);
    // 200 us there and back, 256 frames in each: 1.8 GB/s is what the limit allows.
    CHECK(bulk.seconds < 0.008);
}

TEST_CASE("What is lost is sent again, and hardly anything else", "[replication][channel]") {
    // A little more is sent twice than is lost: what was lost can be lost again.
    const Transfer one = transfer(losing(10), losing(10), 10);
    CHECK(one.repeated < 0.011);
    CHECK(one.timeouts <= 2);
    CHECK(one.seconds < 0.2);
    const Transfer ten = transfer(losing(100), losing(100), 10);
    CHECK(ten.repeated < 0.13);
    CHECK(ten.seconds < 1.0);
    const Transfer half = transfer(losing(500), losing(500), 1);
    CHECK(half.repeated < 1.6);
}

TEST_CASE("Lost acknowledgements alone cost nothing", "[replication][channel]") {
    const Transfer bulk = transfer({}, losing(200), 10);
    CHECK(bulk.repeated < 0.001);
}

TEST_CASE("Frames that overtake each other are soon no reason to send them again",
          "[replication][channel]") {
    Weather mixed;
    mixed.jitter = 20us;
    CHECK(transfer(mixed, mixed, 10).repeated < 0.05);
}

TEST_CASE("A path as slow as a second is used without sending everything twice",
          "[replication][channel]") {
    Weather far;
    far.delay = 900ms;
    const Transfer bulk = transfer(far, far, 2);
    CHECK(bulk.repeated < 0.02);
    CHECK(bulk.seconds < 20);
}

TEST_CASE("One lost frame of a running transfer is repaired within a few round trips",
          "[replication][channel]") {
    ChannelSender sender({});
    ChannelReceiver receiver({});
    Instant now{5s};
    sender.open(1, now);
    REQUIRE(sender.send(wire::Bytes(1'000'000), now));
    std::uint64_t rounds = 0;
    std::size_t repeated_in = 0;
    for (bool lost = false; !sender.idle(); now += 100us) {
        ++rounds;
        for (const auto& frame : sender.take_due(now, 1000)) {
            if (frame.number == 100 && !std::exchange(lost, true))
                continue;
            if (frame.number == 100)
                repeated_in = rounds;
            receiver.receive(frame, now);
            if (const auto ack = receiver.take_ack(now))
                sender.acknowledge(*ack, now);
        }
    }
    CHECK(repeated_in <= 3);
    CHECK(sender.counters().timeouts == 0);
    CHECK(sender.counters().frames_retransmitted == 1);
}

TEST_CASE("A transfer across a break of a minute goes on at full speed", "[replication][channel]") {
    LossyLink link({}, 3);
    for (int count = 0; count < 300; ++count)
        REQUIRE(link.send(64 << 10U));
    link.run(2ms);
    REQUIRE_FALSE(link.sender.idle());
    link.data.cut = link.acks.cut = true;
    link.run(60s);
    const std::size_t during = link.data_frames();
    link.data.cut = link.acks.cut = false;
    CHECK(link.run_until_idle(10s) < 2200ms);
    CHECK(link.came_out() == 300);
    CHECK(link.sender.counters().frames_retransmitted < 300);
    CHECK(link.data_frames() > during);
}

TEST_CASE("Sets of numbers hold what was added, as ranges", "[replication]") {
    std::mt19937_64 random(3);  // NOLINT: the same in every run
    for (int story = 0; story < 200; ++story) {
        NumberSet set;
        std::set<std::uint64_t> model;
        for (int step = 0; step < 100; ++step) {
            const std::uint64_t first = 1 + random() % 60;
            const std::uint64_t last = first + random() % 8;
            switch (random() % 4) {
                default:
                    set.add(first, last, [&](std::uint64_t from, std::uint64_t to) {
                        for (; from <= to; ++from) {
                            REQUIRE((from >= first && from <= last));
                            REQUIRE(model.insert(from).second);
                        }
                    });
                    for (std::uint64_t number = first; number <= last; ++number)
                        REQUIRE(model.contains(number));
                    break;
                case 2:
                    set.remove(first);
                    model.erase(first);
                    break;
                case 3:
                    if (random() % 8 != 0)
                        break;
                    set.remove_below(first);
                    model.erase(model.begin(), model.lower_bound(first));
                    break;
            }
            std::set<std::uint64_t> held;
            std::uint64_t below = 0;
            for (const auto& [from, to] : set.ranges()) {
                REQUIRE((below == 0 || from > below + 1));
                for (std::uint64_t number = from; number <= to; ++number)
                    held.insert(number);
                below = to;
            }
            REQUIRE(held == model);
            REQUIRE(set.contains(first) == model.contains(first));
        }
    }
}
