// The service manager hears that all is well only while every part gets on.
#include "libha/base/progress_watch.hpp"

#include <catch2/catch.hpp>

using namespace ha;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kLoop = 0;
constexpr std::size_t kSocket = 1;

Instant at(Duration since) {
    return Instant{since};
}

ProgressWatch watch_of_two() {
    return ProgressWatch({"the loop", "the socket"}, 2, at(0s));
}

}  // namespace

TEST_CASE("the watchdog is fed when all parts have progressed, once for each time") {
    ProgressWatch watch = watch_of_two();
    CHECK_FALSE(watch.feeds());
    watch.progressed(kLoop, at(1s));
    CHECK_FALSE(watch.feeds());
    watch.progressed(kSocket, at(1s));
    CHECK(watch.feeds());
    CHECK_FALSE(watch.feeds());
    // A part that is ahead does not make up for one that is stuck.
    for (int second = 2; second < 10; ++second) {
        watch.progressed(kLoop, at(second * 1s));
        CHECK_FALSE(watch.feeds());
    }
    watch.progressed(kSocket, at(10s));
    CHECK(watch.feeds());
}

TEST_CASE("a part with a deadline gets on unless the deadline is long past") {
    ProgressWatch watch({"the machine"}, 2, at(0s));
    watch.waits_until(0, kNever, 1s, at(5s));
    CHECK(watch.feeds());
    watch.waits_until(0, at(6s), 1s, at(5s));
    CHECK(watch.feeds());
    watch.waits_until(0, at(4s), 1s, at(5s));
    CHECK(watch.feeds());
    watch.waits_until(0, at(4s) - 1ns, 1s, at(5s));
    CHECK_FALSE(watch.feeds());
}

TEST_CASE("a part that shows nothing for too long is named, once for each time") {
    ProgressWatch watch = watch_of_two();
    watch.progressed(kLoop, at(1s));
    CHECK_FALSE(watch.feeds());
    CHECK_FALSE(watch.stuck(at(1s)));
    CHECK_FALSE(watch.feeds());
    const auto stuck = watch.stuck(at(2s));
    REQUIRE(stuck);
    CHECK(stuck->first == "the socket");
    CHECK(stuck->second == 2s);
    CHECK_FALSE(watch.feeds());
    CHECK_FALSE(watch.stuck(at(9s)));
    watch.progressed(kSocket, at(10s));
    CHECK(watch.feeds());
    CHECK_FALSE(watch.feeds());
    CHECK_FALSE(watch.stuck(at(11s)));
    CHECK_FALSE(watch.feeds());
    CHECK(watch.stuck(at(12s)));
}
