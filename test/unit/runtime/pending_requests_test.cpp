// Answers that come later: each to whom it belongs, once, and none is waited for for ever.
#include "libha/runtime/pending_requests.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "libha/runtime/control_client.hpp"
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

TEST_CASE("A request is completed once, with its own answer", "[SYNC-2]") {
    PendingRequests requests;
    std::vector<std::string> given;
    const auto note = [&given](ControlAnswer one) { given.push_back(one.output + one.error); };
    const auto first = requests.begin(note, answer(0, "first"), answer(1, ""));
    const auto second = requests.begin(note, answer(0, "second"), answer(1, ""));
    CHECK(first != second);
    requests.complete(second, "");
    requests.complete(first, "no standby holds it");
    requests.complete(first, "");
    requests.complete(77, "");
    CHECK(given == std::vector<std::string>{"second", "% no standby holds it\n"});
}

TEST_CASE("Requests that are never completed are given up, the oldest first", "[ANY-1]") {
    PendingRequests requests;
    int given = 0;
    for (std::size_t count = 0; count <= PendingRequests::kMaximum; ++count)
        requests.begin([&given](ControlAnswer) { ++given; }, answer(0, ""), answer(1, ""));
    requests.complete(1, "");
    CHECK(given == 0);
    requests.complete(2, "");
    CHECK(given == 1);
}

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
