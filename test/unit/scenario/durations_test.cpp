// Times in the product's own units: read, printed, summed up.
#include "libsim/scenario/durations.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace sim::scenario;
using namespace std::chrono_literals;

const Units kUnits{50ms, 200ms, 750ms};

Duration length_of(const std::string& text) {
    const auto time = parse_time(text);
    INFO(text);
    REQUIRE(time);
    return evaluate(*time, kUnits);
}

}  // namespace

TEST_CASE("times are sums in units of the lab's timers", "[scenario]") {
    CHECK(length_of("T + 2h - 10 ms") == 290ms);
    CHECK(length_of("0.5T") == 100ms);
    CHECK(length_of("h") == 50ms);
    CHECK(length_of("H-3h") == 600ms);
    CHECK(length_of(" 1.5 s ") == 1500ms);
    CHECK(length_of("10 min") == 10min);
    CHECK(length_of("0.125h") == 6250us);
    CHECK(length_of("2h - T") == -100ms);
    CHECK(length_of("100000min") == 100000min);
    CHECK(evaluate({}, kUnits) == 0ms);
}

TEST_CASE("what is no time is told, with times as they look", "[scenario]") {
    for (const char* wrong :
         {"",        " ",        "2",          "T2",       "h h",
          "s",       "1 day",    "soon",       "2T h",     "1.h",
          ".5T",     "1e3 ms",   "- ms",       "2 T + ",   "0x1h",
          "1.2.3 s", "100001 h", "100000.5 s", "0.0001 s", "9999999999999999999999 s"}) {
        INFO(wrong);
        const auto time = parse_time(wrong);
        REQUIRE_FALSE(time);
        CHECK(time.error().find("like 3T") != std::string::npos);
    }
    std::string many = "h";
    for (int i = 0; i < 20; ++i)
        many += " + h";
    CHECK_FALSE(parse_time(many));
}

TEST_CASE("a printed time is read as the same time", "[scenario]") {
    for (const char* text : {"3T", "0.5T + h", "T - 2h", "500 ms", "1.5 s", "10 min", "-2h + T",
                             "0.125h", "0 ms", "1 ms"}) {
        const auto time = parse_time(text);
        REQUIRE(time);
        CHECK(to_string(*time) == text);
    }
    CHECK(to_string(times(2, Unit::loss_interval)) == "2T");
    CHECK(to_string(exactly(1234567890ns)) == "1234.568 ms");
    CHECK(to_string({}) == "0 ms");
}
