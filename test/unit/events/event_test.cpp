// Events: one for each operator message, with names that scripts can rely on (BEHAVIOUR EVT-1).
#include "libha/events/event.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "libha/events/ring.hpp"

using namespace ha;
using namespace ha::events;
using catalog::MessageId;

namespace {

const WallTime kDate{std::chrono::milliseconds{1795257060123}};

Ring ring_of(std::size_t capacity, std::uint64_t first, std::uint64_t last) {
    Ring ring(capacity);
    for (std::uint64_t sequence = first; sequence <= last; ++sequence)
        ring.add({sequence, "role.active", std::make_shared<const std::string>("{}")});
    return ring;
}

}  // namespace

TEST_CASE("every message is an event with a name of its own and a name for each argument",
          "[EVT-1]") {
    static constexpr std::string_view kKinds[] = {"role",   "peer",          "link",
                                                  "module", "configuration", "service"};
    std::set<std::string_view> names;
    REQUIRE(catalog::event_entries().size() == catalog::entries().size());
    for (const catalog::EventEntry& entry : catalog::event_entries()) {
        INFO(entry.name);
        CHECK(names.insert(entry.name).second);
        CHECK(std::ranges::count(kKinds, entry.name.substr(0, entry.name.find('.'))) == 1);
        CHECK(entry.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz.-") ==
              std::string_view::npos);
        const std::string_view text = catalog::entry(entry.id).text;
        std::size_t holes = 0;
        for (auto at = text.find("{}"); at != std::string_view::npos; at = text.find("{}", at + 2))
            ++holes;
        const auto spaces = static_cast<std::size_t>(std::ranges::count(entry.fields, ' '));
        CHECK(holes == (entry.fields.empty() ? 0 : spaces + 1));
    }
}

TEST_CASE("an event names what its message says", "[EVT-1]") {
    const Event event =
        make_event({MessageId::supervisor_reset, {"2", "out of sync"}}, 7, kDate, "vsm-a");
    CHECK(to_json(event) ==
          R"({"sequence":7,"time":"2026-11-21T10:31:00.123Z","node":"vsm-a","event":"peer.reset",)"
          R"("severity":4,"message":"%REDUNDANCY-4-SUP_RESET: Supervisor 2 is told to reset: )"
          R"(out of sync","fields":{"slot":"2","reason":"out of sync"}})");
    const auto again = from_json(to_json(event));
    REQUIRE(again);
    CHECK(*again == event);
}

TEST_CASE("what a remote put into an argument stays one bounded line", "[EVT-1][ANY-1]") {
    const Event event = make_event(
        {MessageId::module_rejected, {std::string(5000, 'h'), "a\n\"b\"\x01\xff", "spare"}}, 1,
        kDate, "vsm-a");
    const std::string json = to_json(event);
    CHECK(json.size() < 3 * kMaximumText);
    CHECK(json.find('\n') == std::string::npos);
    REQUIRE(from_json(json));
    CHECK(from_json(json)->fields.size() == 2);
    CHECK(from_json(json)->fields[1].value == "a\n\"b\"\x01\xef\xbf\xbd");
}

TEST_CASE("what is no event is refused", "[EVT-1][ANY-1]") {
    const std::string good = to_json(make_event({MessageId::becoming_active, {}}, 7, kDate, "a"));
    REQUIRE(from_json(good));
    const auto [from, to] = GENERATE(table<std::string, std::string>({
        {"\"sequence\":7", "\"sequence\":0"},
        {"\"sequence\":7", "\"sequence\":-7"},
        {"\"severity\":2", "\"severity\":8"},
        {"2026-11-21", "2026-13-21"},
        {"2026-11-21", "2026-02-30"},
        {"10:31:00", "24:31:00"},
        {".123Z", ".1234Z"},
        {"T10:", "T+1:"},
        {"role.active", ""},
        {"{}", "[[[[[[]]]]]]}"},
    }));
    INFO(to);
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    const auto refused = from_json(bad);
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().empty());
}

TEST_CASE("patterns name one event, one kind or all", "[EVT-3]") {
    CHECK(matches("role.active", "role.active"));
    CHECK_FALSE(matches("role.active", "role.active-ha"));
    CHECK(matches("role.*", "role.active"));
    CHECK_FALSE(matches("role.*", "roles.active"));
    CHECK_FALSE(matches("role", "role.active"));
    CHECK_FALSE(matches(".*", "role.active"));
    CHECK(matches("*", "peer.lost"));
    CHECK(matches_any("peer.*"));
    CHECK_FALSE(matches_any("pair.*"));
    CHECK_FALSE(matches_any(""));
}

TEST_CASE("a ring keeps the newest events and gives them in order", "[EVT-1]") {
    const Ring ring = ring_of(4, 3, 9);
    CHECK(ring.oldest() == 6);
    CHECK(ring.newest() == 9);
    const auto batch = ring.after(7, 10);
    REQUIRE(batch.size() == 2);
    CHECK(batch.front().sequence == 8);
    CHECK(ring.after(0, 10).size() == 4);
    CHECK(ring.after(0, 3).back().sequence == 8);
    CHECK(ring.after(9, 10).empty());
    CHECK(ring.after(~std::uint64_t{0}, 10).empty());
    CHECK(Ring().newest() == 0);
    CHECK(Ring().after(0, 1).empty());
}
