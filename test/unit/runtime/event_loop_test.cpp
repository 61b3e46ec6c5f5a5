// The timer of the loop: at its time, once, however often it is set anew.
#include "libha/runtime/event_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "libha/runtime/clock.hpp"

using namespace ha;
using namespace ha::runtime;
using namespace std::chrono_literals;

namespace {

constexpr auto kNotCalled = [] { FAIL("a deadline that was replaced or cancelled"); };

}  // namespace

TEST_CASE("A timer set to later and later fires once, at the last", "[runtime]") {
    boost::asio::io_context loop;
    Timer timer(loop);
    const Instant begun = monotonic_now();
    int calls = 0;
    for (int step = 1; step < 20; ++step)
        timer.arm(begun + step * 1ms, kNotCalled);
    timer.arm(begun + 20ms, [&calls] { ++calls; });
    loop.run();
    CHECK(calls == 1);
    CHECK(monotonic_now() >= begun + 20ms);
}

TEST_CASE("A timer set to earlier fires then", "[runtime]") {
    boost::asio::io_context loop;
    Timer timer(loop);
    const Instant begun = monotonic_now();
    int calls = 0;
    timer.arm(begun + 1h, kNotCalled);
    timer.arm(begun + 10s, kNotCalled);
    timer.arm(begun + 1ms, [&calls] { ++calls; });
    loop.run();  // and nothing keeps the loop any longer
    CHECK(calls == 1);
    CHECK(monotonic_now() >= begun + 1ms);
    CHECK(monotonic_now() < begun + 10s);
}

TEST_CASE("A timer that is due fires without waiting, and never inside arm()", "[runtime]") {
    boost::asio::io_context loop;
    Timer timer(loop);
    int calls = 0;
    timer.arm(monotonic_now() - 1s, kNotCalled);
    timer.arm_in(0s, kNotCalled);
    timer.cancel();
    loop.run();
    loop.restart();
    std::function<void()> again = [&] {
        if (++calls < 1000)
            timer.arm_in(0s, [&again] { again(); });
    };
    timer.arm_in(0s, again);
    CHECK(calls == 0);
    loop.run();
    CHECK(calls == 1000);
}

TEST_CASE("A deadline that is past and was waited for as well fires once", "[runtime]") {
    boost::asio::io_context loop;
    Timer timer(loop);
    const Instant begun = monotonic_now();
    int calls = 0;
    timer.arm(begun + 1ms, kNotCalled);
    while (monotonic_now() < begun + 2ms)
        continue;
    timer.arm(begun + 1ms, [&calls] { ++calls; });
    loop.run();
    CHECK(calls == 1);
}

TEST_CASE("A timer without a deadline, or that is gone, calls nobody", "[runtime]") {
    boost::asio::io_context loop;
    {
        Timer timer(loop);
        timer.arm_in(1ms, kNotCalled);
        timer.arm(kNever, kNotCalled);
        loop.run();
        loop.restart();
        timer.arm_in(1ms, kNotCalled);
        timer.arm_in(0s, kNotCalled);
    }
    loop.run();
}
