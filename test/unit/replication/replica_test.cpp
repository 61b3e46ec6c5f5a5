// What the standby holds is what the active holds: at the end of the snapshot, whatever changed
// meanwhile, and after every transaction (BEHAVIOUR SYNC-1).
#include "libha/replication/replica.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "libha/records/encoding.hpp"
#include "libha/wire/cursor.hpp"

using namespace ha;
using namespace ha::replication;
using namespace std::chrono_literals;
using records::Change;
using records::Changes;
using records::Database;
using records::Space;

namespace {

Change set(Space space, const std::string& name, const std::string& value) {
    return {{space, name}, value};
}

/// An active and a standby, with a channel in between that loses nothing.
struct Replicas {
    ReplicaSender sender{ChannelOptions{}};
    ReplicaReceiver receiver{ChannelOptions{}};
    Database active;
    Database standby;
    Instant now{1s};
    std::uint64_t revision = 0;
    std::uint64_t applied = 0;
    std::string refused;

    void commit(const Changes& changes) {
        active.apply(changes);
        REQUIRE(sender.append({++revision, std::nullopt, changes}, now));
    }
    /// At most `frames`; false when nothing was left to send.
    bool exchange(std::size_t frames = 1000) {
        sender.pump(active, {revision, 5s, {}}, now);
        const auto sent = sender.channel().take_due(now, frames);
        for (const wire::ChannelData& data : sent)
            for (const wire::Bytes& message : receiver.channel().receive(data, now))
                take(message);
        if (const auto ack = receiver.channel().take_ack(now))
            sender.channel().acknowledge(*ack, now);
        now += 10ms;
        return !sent.empty();
    }
    void take(const wire::Bytes& message) {
        const auto taken = receiver.take(message, standby);
        if (!taken) {
            refused = taken.error();
        } else if (*taken) {
            standby.apply((*taken)->changes);
            applied = (*taken)->revision;
        }
    }
    void settle() {
        for (unsigned round = 0; round < 100'000 && (exchange() || !sender.channel().idle());)
            ++round;
    }
};

wire::Bytes message(std::uint8_t kind, const Changes& changes = {}, std::uint64_t revision = 1) {
    wire::Bytes bytes{kind};
    wire::Writer writer(bytes);
    if (kind == 1)
        writer.number(static_cast<std::uint16_t>(revision));
    if (kind >= 3) {
        writer.number(revision);
        writer.number(~std::uint64_t{0});
    }
    records::encode(changes, bytes);
    return bytes;
}

}  // namespace

TEST_CASE("A fresh standby gets everything that is replicated and keeps its own", "[SYNC-1]") {
    Replicas pair;
    for (unsigned number = 0; number < 3000; ++number)
        pair.active.apply({set(Space::checkpoints, std::to_string(number), std::string(100, 'x'))});
    pair.active.apply({set(Space::identity, "boots", "7")});
    pair.standby.apply({set(Space::identity, "boots", "2"), set(Space::modules, "old", "3")});
    pair.revision = 41;
    pair.sender.begin(pair.now);
    pair.settle();
    CHECK(pair.sender.snapshot_sent());
    CHECK(pair.applied == 41);
    CHECK(pair.standby.replicate(pair.active).empty());
    CHECK(*pair.standby.find({Space::identity, "boots"}) == "2");
    pair.commit({set(Space::modules, "new", "3")});
    pair.settle();
    CHECK(pair.applied == 42);
    CHECK(pair.standby.replicate(pair.active).empty());
}

TEST_CASE("Changes while the snapshot is under way are neither lost nor undone", "[SYNC-1]") {
    std::minstd_rand random;
    for (unsigned round = 0; round < 50; ++round) {
        Replicas pair;
        const auto change = [&] {
            const std::string name = std::to_string(random() % 500);
            if (random() % 3 == 0)
                return Change{{Space::checkpoints, name}, std::nullopt};
            return set(Space::checkpoints, name, std::string(random() % 4000, 'y'));
        };
        for (unsigned number = 0; number < 400; ++number)
            pair.active.apply({change()});
        pair.sender.begin(pair.now);
        for (unsigned step = 0; step < 200; ++step) {
            pair.exchange(1 + random() % 20);
            if (random() % 2 == 0)
                pair.commit({change(), change()});
        }
        pair.settle();
        INFO("round " << round);
        CHECK(pair.applied == pair.revision);
        CHECK(pair.standby.replicate(pair.active).empty());
    }
}

TEST_CASE("The snapshot takes little memory and lets transactions pass", "[HB-5]") {
    Replicas pair;
    for (unsigned number = 0; number < 40; ++number)
        pair.active.apply({set(Space::checkpoints, std::to_string(number),
                               std::string(records::kMaximumValue, 'z'))});
    pair.sender.begin(pair.now);
    pair.sender.pump(pair.active, {}, pair.now);
    CHECK(pair.sender.channel().backlog_bytes() < 3 * records::kMaximumValue);
    CHECK_FALSE(pair.sender.snapshot_sent());
}

TEST_CASE("A standby says so when the buffer for changes is full", "[HB-5]") {
    ChannelOptions options;
    options.buffer_limit = 10'000;
    ReplicaSender sender{options};
    CHECK(sender.append({1, std::nullopt, {set(Space::modules, "a", "b")}}, Instant{1s}));
    sender.begin(Instant{1s});
    CHECK_FALSE(sender.append(
        {2, std::nullopt, {set(Space::modules, "a", std::string(20'000, 'b'))}}, Instant{1s}));
}

TEST_CASE("A standby stays out of what it cannot read, and says why", "[ANY-1]") {
    const Changes own{set(Space::identity, "boots", "9")};
    const auto [messages, why] = GENERATE_COPY(table<std::vector<wire::Bytes>, std::string>({
        {{message(1, {}, 2)}, "the active sends format 2 and this supervisor reads format 1"},
        {{message(4)}, "a message of kind 4 out of place"},
        {{message(1), message(3), message(2)}, "a message of kind 2 out of place"},
        {{message(1), message(9)}, "a message of kind 9 out of place"},
        {{message(1), {}}, "a message of kind 0 out of place"},
        {{message(1), message(2, own)}, "a record of the space identity, which is not replicated"},
        {{message(1), message(3), message(4, own)},
         "a record of the space identity, which is not replicated"},
        {{message(1), message(3, {}, 7), message(4, {}, 6)}, "revision 6 after revision 7"},
        {{message(1), {3, 0, 0}}, "a transaction that is cut off"},
        {{message(1), {2, 4, 1, 0}}, "a change that is cut off at byte 0"},
    }));
    Replicas pair;
    for (const wire::Bytes& bytes : messages)
        pair.take(bytes);
    CHECK(pair.refused == why);
    CHECK(pair.standby.size() == 0);
    // Nothing of it is taken in any more, until it begins anew.
    pair.refused.clear();
    pair.take(message(4, {set(Space::modules, "a", "b")}, 9));
    CHECK(pair.refused.empty());
    CHECK(pair.standby.size() == 0);
    pair.receiver.reset();
    pair.take(message(1));
    pair.take(message(3, {set(Space::modules, "a", "b")}));
    CHECK(pair.standby.size() == 1);
}
