// What two actives tell each other of their logs: the newest entries, within a fixed size, and
// nothing that is told makes the other side keep more (SB-4, ANY-1).
#include <algorithm>

#include <catch2/catch.hpp>

#include "libha/replication/log_exchange.hpp"

using namespace ha;
using namespace ha::replication;

namespace {

std::vector<std::string> numbered(std::size_t count, std::size_t size) {
    std::vector<std::string> entries;
    for (std::size_t index = 0; index < count; ++index) {
        entries.push_back(std::to_string(index));
        entries.back().resize(size, '.');
    }
    return entries;
}

}  // namespace

TEST_CASE("Logs that fit arrive whole, oldest first", "[SB-4]") {
    const Logs logs{numbered(20, 90), numbered(7, 130)};
    LogCollector collector;
    for (const wire::Bytes& message : messages_of(logs)) {
        CHECK(message.size() <= wire::kMaximumChannelBytes);
        CHECK_FALSE(collector.complete());
        CHECK(collector.take(message));
    }
    CHECK(collector.complete());
    for (const LogKind kind : kLogKinds) {
        CHECK(collector.entries(kind) == logs[index_of(kind)]);
        CHECK(collector.announced(kind) == logs[index_of(kind)].size());
    }
}

TEST_CASE("Of longer logs the newest entries arrive, and how many there were", "[SB-4]") {
    const Logs logs{numbered(2000, 100), numbered(256, 150)};
    LogCollector collector;
    std::size_t bytes = 0;
    for (const wire::Bytes& message : messages_of(logs)) {
        bytes += message.size();
        collector.take(message);
    }
    CHECK(bytes < 50 * 1024);
    CHECK(collector.complete());
    CHECK(collector.announced(LogKind::accounting) == 2000);
    const auto entries = collector.entries(LogKind::accounting);
    REQUIRE(entries.size() > 300);
    CHECK(entries.back() == logs[0].back());
    CHECK(std::ranges::equal(entries, std::span(logs[0]).last(entries.size())));
}

TEST_CASE("What comes of a part is the newest of both logs", "[SB-4]") {
    const Logs logs{numbered(200, 100), numbered(100, 100)};
    LogCollector collector;
    const auto messages = messages_of(logs);
    for (std::size_t index = 0; index < 3; ++index)
        collector.take(messages[index]);
    CHECK_FALSE(collector.complete());
    for (const LogKind kind : kLogKinds) {
        REQUIRE_FALSE(collector.entries(kind).empty());
        CHECK(collector.entries(kind).back() == logs[index_of(kind)].back());
    }
}

TEST_CASE("Whatever is told, a collector keeps no more than was announced and fits",
          "[SB-4][ANY-1]") {
    LogCollector collector;
    const auto messages = messages_of({numbered(3, 1000), {}});
    CHECK_FALSE(collector.take({}));
    CHECK_FALSE(collector.take(messages[1]));  // before its beginning
    REQUIRE(collector.take(messages.front()));
    CHECK(collector.take(messages[1]));
    for (int again = 0; again < 100; ++again)
        collector.take(messages[1]);
    CHECK(collector.entries(LogKind::accounting).size() <= 3);
    SECTION("of another log, cut off, or of another format") {
        wire::Bytes message = messages[1];
        message[1] = 9;
        CHECK_FALSE(collector.take(message));
        message = messages[1];
        message.pop_back();
        CHECK_FALSE(collector.take(message));
        message = messages.front();
        message[2] = 7;
        CHECK_FALSE(collector.take(message));
    }
    SECTION("a new beginning forgets the rest") {
        CHECK(collector.take(messages.front()));
        CHECK(collector.count() == 0);
        CHECK(collector.take(messages.back()));
        CHECK(collector.complete());
        CHECK_FALSE(collector.take(messages[1]));  // behind its end
    }
}
