// The main loop as other threads meet it: work is done on the loop, and its end keeps nobody
// waiting.
#include "libha/runtime/main_loop.hpp"

#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <numeric>
#include <thread>
#include <vector>

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

TEST_CASE("work posted by other threads is done once, each thread's in its order") {
    MainLoop loop;
    constexpr int kEach = 1000;
    std::vector<std::vector<int>> done(3);
    std::vector<std::thread> threads;
    int ended = 0;
    for (std::vector<int>& own : done) {
        threads.emplace_back([&] {
            for (int number = 0; number < kEach; ++number)
                loop.post([&own, number] { own.push_back(number); });
            loop.post([&] {
                if (++ended == 3)
                    loop.post([&] { loop.stop(); });  // from the loop itself
            });
        });
    }
    loop.run();
    for (std::thread& thread : threads)
        thread.join();
    std::vector<int> expected(kEach);
    std::iota(expected.begin(), expected.end(), 0);
    for (const std::vector<int>& own : done)
        CHECK(own == expected);
}

TEST_CASE("nothing that was posted is done after the loop was stopped") {
    MainLoop loop;
    bool late = false;
    loop.post([&] { loop.stop(); });
    loop.post([&] { late = true; });
    loop.run();
    CHECK_FALSE(late);
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

// A supervisor that starts anew closes its files first, and that may take a while: found as a
// `systemctl stop` that nothing came of.
TEST_CASE("a SIGTERM after the end of one loop stops the next") {
    sigset_t before{};
    ::pthread_sigmask(SIG_BLOCK, nullptr, &before);
    ha::runtime::hold_signals();
    int stops = 0;
    {
        MainLoop loop;
        loop.on_signals([&] { ++stops; }, [] {});
        loop.post([&] {
            loop.stop();
            ::raise(SIGTERM);
        });
        loop.run();
    }
    CHECK(stops == 0);
    MainLoop loop;
    loop.on_signals(
        [&] {
            ++stops;
            loop.stop();
        },
        [] {});
    loop.context().run_for(10s);
    CHECK(stops == 1);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}
