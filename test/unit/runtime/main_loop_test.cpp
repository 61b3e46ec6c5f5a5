// The main loop as other threads meet it: work is done on the loop, and its end keeps nobody
// waiting.
#include "libha/runtime/main_loop.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

using namespace std::chrono_literals;
using ha::runtime::MainLoop;

TEST_CASE("work called from another thread is done on the loop") {
    MainLoop loop;
    std::thread::id where;
    auto caller = std::async(std::launch::async, [&] {
        const bool done = loop.call([&] { where = std::this_thread::get_id(); }, 10s);
        loop.stop();
        return done;
    });
    loop.run();
    CHECK(caller.get());
    CHECK(where == std::this_thread::get_id());
}

// A program that polls the control socket must not hold up a reload: found as takeovers that came
// back a second late.
TEST_CASE("a stopped loop keeps no caller waiting", "[HB-8]") {
    MainLoop loop;
    std::promise<void> begun;
    auto caller = std::async(std::launch::async, [&] {
        begun.set_value();
        return loop.call([] {}, 60s);
    });
    begun.get_future().wait();
    loop.stop();  // before or after the call begins to wait: it never ran
    const auto answer = caller.wait_for(10s);
    REQUIRE(answer == std::future_status::ready);
    CHECK_FALSE(caller.get());
    CHECK_FALSE(loop.call([] {}, 60s));
}

TEST_CASE("a loop that is busy for longer than the limit is given up") {
    MainLoop loop;  // not running at all
    CHECK_FALSE(loop.call([] {}, 1ms));
}
