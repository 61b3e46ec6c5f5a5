// Answers of the control socket that come later: given once, and none is waited for for ever.
#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "libha/runtime/control_client.hpp"
#include "libha/runtime/control_socket.hpp"
#include "test/support/temporary_directory.hpp"

using namespace ha::runtime;
using namespace std::chrono_literals;

namespace {

constexpr auto kLimit = 10s;

ControlAnswer answer(int status, const std::string& output) {
    ControlAnswer answer;
    answer.exit_status = status;
    answer.output = output;
    return answer;
}

}  // namespace

TEST_CASE("While one client waits for its answer the others are served", "[SYNC-2][ANY-1]") {
    const test::TemporaryDirectory folder;
    ControlSocket::Completion waiting;
    std::atomic<bool> begun = false;
    ControlSocketOptions options{folder.path() + "/control.sock"};
    auto socket = ControlSocket::listen(options, [&](const ControlRequest& request) {
        ControlSocket::Reply reply;
        reply.answer = answer(0, request.command);
        if (request.command == "slow") {
            reply.begin = [&](ControlSocket::Completion completion) {
                waiting = std::move(completion);
                begun = true;
            };
        }
        return reply;
    });
    REQUIRE(socket);
    auto slow = ControlClient::connect(folder.path(), kLimit);
    auto quick = ControlClient::connect(folder.path(), kLimit);
    REQUIRE((slow && quick));
    std::string output;
    std::thread asking([&] { output = slow->ask({"slow"}, kLimit)->output; });
    while (!begun)
        std::this_thread::yield();
    CHECK(quick->ask({"quick"}, kLimit)->output == "quick");
    waiting(answer(0, "done"));
    waiting(answer(0, "twice"));
    asking.join();
    CHECK(output == "done");
    CHECK(slow->ask({"again"}, kLimit)->output == "again");
    socket->reset();
    waiting(answer(0, "nobody is there"));
}

TEST_CASE("An answer that comes later is whole, however long, and the next one follows it",
          "[SYNC-2]") {
    const test::TemporaryDirectory folder;
    ControlSocketOptions options{folder.path() + "/control.sock"};
    std::vector<std::thread> threads;
    auto socket = ControlSocket::listen(options, [&](const ControlRequest& request) {
        ControlSocket::Reply reply;
        reply.begin = [&threads, request](const ControlSocket::Completion& completion) {
            threads.emplace_back([request, completion] {
                completion(answer(0, std::string(std::stoul(request.command), 'x')));
            });
        };
        return reply;
    });
    REQUIRE(socket);
    auto client = ControlClient::connect(folder.path(), kLimit);
    for (const std::size_t length : {0U, 1U, 4095U, 4096U, 2'000'000U, 3U, 100'000U, 5U}) {
        const auto given = client->ask({std::to_string(length)}, kLimit);
        REQUIRE(given);
        CHECK(given->output == std::string(length, 'x'));
    }
    socket->reset();
    for (std::thread& thread : threads)
        thread.join();
}

TEST_CASE("A client that goes away before its answer comes is harmless", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    std::promise<ControlSocket::Completion> begun;
    ControlSocketOptions options{folder.path() + "/control.sock"};
    auto socket = ControlSocket::listen(options, [&](const ControlRequest& request) {
        ControlSocket::Reply reply;
        reply.answer = answer(0, request.command);
        if (request.command == "slow")
            reply.begin = [&](const ControlSocket::Completion& one) { begun.set_value(one); };
        return reply;
    });
    REQUIRE(socket);
    auto waiting = begun.get_future();
    {
        auto client = ControlClient::connect(folder.path(), kLimit);
        CHECK_FALSE(client->ask({"slow"}, 0s));  // it does not wait
    }
    REQUIRE(waiting.wait_for(kLimit) == std::future_status::ready);
    waiting.get()(answer(0, "nobody is there"));
    auto next = ControlClient::connect(folder.path(), kLimit);
    CHECK(next->ask({"next"}, kLimit)->output == "next");
}

TEST_CASE("A request that is not complete in time has failed, and a late answer is dropped",
          "[SYNC-2][ANY-1]") {
    const test::TemporaryDirectory folder;
    ControlSocket::Completion waiting;
    ControlSocketOptions options{folder.path() + "/control.sock"};
    options.completion_seconds = 0;
    auto socket = ControlSocket::listen(options, [&](const ControlRequest& request) {
        ControlSocket::Reply reply;
        reply.answer = answer(1, "too late");
        if (request.command == "slow")
            reply.begin = [&](ControlSocket::Completion one) { waiting = std::move(one); };
        return reply;
    });
    REQUIRE(socket);
    auto client = ControlClient::connect(folder.path(), kLimit);
    CHECK(client->ask({"slow"}, kLimit)->output == "too late");
    waiting(answer(0, "done"));
    CHECK(client->ask({"next"}, kLimit)->output == "too late");
}
