// The sequence of events: every report of the log, numbered once, kept over restarts, and followed
// through the control socket (BEHAVIOUR EVT-1, EVT-2).
#include "libha/runtime/event_log.hpp"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <mutex>
#include <thread>

#include "libha/events/event.hpp"
#include "libha/runtime/control_client.hpp"
#include "libha/runtime/control_socket.hpp"
#include "libha/runtime/log.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/wait_for.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace std::chrono_literals;
using catalog::MessageId;
using ::test::TemporaryDirectory;
using ::test::wait_for;

constexpr auto kLimit = 20s;
constexpr std::size_t kAll = 100'000;

struct Node {
    TemporaryDirectory folder;
    Log log{{"vsmd", "vsm-a", 6, "", false}};
    std::unique_ptr<EventLog> events = begin();

    [[nodiscard]] std::unique_ptr<EventLog> begin() {
        return std::make_unique<EventLog>(folder.path() + "/state", log);
    }
    void restart() {
        events.reset();
        events = begin();
    }
    void online(unsigned module) {
        log.report({MessageId::module_online, {std::to_string(module)}});
    }
    [[nodiscard]] std::vector<events::Event> all() const {
        events->flush();
        std::vector<events::Event> read;
        for (const auto& kept : events->after(0, kAll).events) {
            const auto event = events::from_json(*kept.json);
            REQUIRE(event);
            CHECK(event->sequence == kept.sequence);
            read.push_back(*event);
        }
        return read;
    }
    [[nodiscard]] std::size_t logged(const std::string& text) const {
        std::size_t count = 0;
        for (const std::string& line : log.last())
            count += line.find(text) != std::string::npos ? 1 : 0;
        return count;
    }
};

/// A node whose events can be followed.
struct Server : Node {
    explicit Server(ControlSocketOptions options = {}) {
        options.path = folder.path() + "/control.sock";
        auto listening = ControlSocket::listen(
            options, [](const ControlRequest&) { return ControlSocket::Reply{}; }, events.get());
        REQUIRE(listening);
        socket = std::move(*listening);
    }
    [[nodiscard]] ControlClient follower(std::optional<std::uint64_t> since) const {
        auto client = ControlClient::connect(folder.path(), kLimit);
        REQUIRE(client);
        client->follow(since, kLimit);
        return std::move(*client);
    }
    std::unique_ptr<ControlSocket> socket;
};

FollowLine next(ControlClient& client) {
    const auto text = client.next_line(kLimit);
    REQUIRE(text);
    const auto line = parse_follow_line(*text);
    REQUIRE(line);
    return *line;
}

std::uint64_t next_event(ControlClient& client) {
    const FollowLine line = next(client);
    INFO(line.error);
    const auto event = events::from_json(line.event);
    REQUIRE(event);
    return event->sequence;
}

}  // namespace

TEST_CASE("each report is one event, and a restart goes on counting", "[EVT-1]") {
    Node node;
    node.online(3);
    node.log.report({MessageId::module_removed, {"3", "silent"}});
    node.log.line(4, "a line that is no message");
    node.restart();
    node.online(4);
    const auto events = node.all();
    REQUIRE(events.size() == 3);
    CHECK(events[0].sequence == 1);
    CHECK(events[1].name == "module.offline");
    CHECK(events[1].node == "vsm-a");
    CHECK(events[1].fields == std::vector<events::Field>{{"module", "3"}, {"reason", "silent"}});
    CHECK(events[2].sequence == 3);
    CHECK(events[2].message == "%VEM_MGR-2-MOD_ONLINE: Module 4 is online");
}

TEST_CASE("the threshold of the log hides no event", "[EVT-1]") {
    Node node;
    node.log.reconfigure({"vsmd", "other", 3, "", false});
    node.log.report({MessageId::program_started, {"vsmd", "1"}});
    const auto events = node.all();
    REQUIRE(events.size() == 1);
    CHECK(events[0].node == "other");
}

TEST_CASE("the newest ten thousand events are kept, on disk as well", "[EVT-1]") {
    Node node;
    const unsigned count = events::kMaximumEvents + 50;
    for (unsigned number = 1; number <= count; ++number) {
        node.online(number);
        if (number % 1000 == 0)
            node.events->flush();
    }
    node.events->flush();
    CHECK(node.events->after(0, 1).oldest == 51);
    node.restart();
    CHECK(node.events->after(0, 1).oldest == 51);
    CHECK(node.events->after(0, 1).newest == count);
}

TEST_CASE("threads that report at once get numbers without gaps, in the order on disk", "[EVT-1]") {
    Node node;
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread)
        threads.emplace_back([&node] {
            for (unsigned number = 0; number < 100; ++number)
                node.online(number);
        });
    for (std::thread& thread : threads)
        thread.join();
    node.restart();
    const auto events = node.all();
    REQUIRE(events.size() == 400);
    for (std::size_t index = 0; index < events.size(); ++index)
        CHECK(events[index].sequence == index + 1);
}

TEST_CASE("a store that is damaged or cannot be written is told once, and is an event",
          "[EVT-1][ANY-1]") {
    Node node;
    node.online(3);
    node.events.reset();
    node.folder.write("state/events.mdb", "garbage");
    node.events = node.begin();
    CHECK(node.logged("STATE_DAMAGED") == 1);
    CHECK(node.all().front().name == "service.store-damaged");
    std::filesystem::remove_all(node.folder.path() + "/state");
    node.folder.write("state", "in the way");
    for (unsigned number = 0; number < 20; ++number) {
        node.online(number);
        node.events->flush();
    }
    CHECK(node.logged("STORE_FAILED") == 1);
    CHECK(node.all().size() == 22);
    node.restart();  // without a folder: in memory alone
    CHECK(node.logged("STORE_FAILED") == 2);
    node.online(1);
    CHECK(node.all().size() == 2);
}

TEST_CASE("marks of the hooks survive a restart", "[EVT-3]") {
    Node node;
    CHECK(node.events->hook_mark() == HookMark{1, 0, false});
    node.online(3);
    node.online(4);
    node.events->keep_hook_mark({2, 1, true});
    node.restart();
    CHECK(node.events->hook_mark() == HookMark{2, 1, true});
    node.events->set_hook_mark({3, 0, false});
    node.restart();
    CHECK(node.events->hook_mark() == HookMark{3, 0, false});
}

TEST_CASE("a client follows from any number on, and waits for more", "[EVT-2]") {
    Server server;
    for (unsigned number = 1; number <= 250; ++number)
        server.online(number);
    server.events->flush();
    ControlClient from_start = server.follower(0);
    for (std::uint64_t number = 1; number <= 250; ++number)
        REQUIRE(next_event(from_start) == number);
    ControlClient some = server.follower(248);
    CHECK(next_event(some) == 249);
    CHECK(next_event(some) == 250);
    ControlClient only_new = server.follower(std::nullopt);
    // Its request must have been taken before the next event: then another's is as well.
    ControlClient other = server.follower(250);
    REQUIRE(ControlClient::connect(server.folder.path(), kLimit)->ask({"x"}, kLimit));
    server.online(251);
    for (ControlClient* client : {&from_start, &some, &only_new, &other})
        CHECK(next_event(*client) == 251);
}

TEST_CASE("who follows from too far back is told what is gone", "[EVT-2]") {
    Server server;
    for (unsigned number = 1; number <= events::kMaximumEvents + 20; ++number) {
        server.online(number);
        if (number % 1000 == 0)
            server.events->flush();
    }
    server.events->flush();
    ControlClient client = server.follower(5);
    const FollowLine line = next(client);
    CHECK(line.first_missed == 6);
    CHECK(line.last_missed == 20);
    CHECK(next_event(client) == 21);
}

TEST_CASE("what cannot be followed is refused with the reason", "[EVT-2][ANY-1]") {
    ControlSocketOptions options;
    options.maximum_followers = 2;
    Server server(options);
    server.online(1);
    server.events->flush();
    ControlClient ahead = server.follower(2);
    CHECK(next(ahead).error == "% since 2 is ahead of the newest event, 1");
    std::vector<ControlClient> clients;
    for (unsigned number = 0; number < 2; ++number) {
        clients.push_back(server.follower(0));
        CHECK(next_event(clients.back()) == 1);
    }
    ControlClient third = server.follower(0);
    CHECK(next(third).error == "% 2 clients follow, no more are served");
    clients.clear();
    CHECK(wait_for(
        [&] { return next(*std::make_unique<ControlClient>(server.follower(0))).error.empty(); }));
}

TEST_CASE("who reads too slowly is told where to go on and let go", "[EVT-2][ANY-1]") {
    ControlSocketOptions options;
    options.answer_seconds = 1;
    Server server(options);
    for (unsigned number = 1; number <= 5000; ++number)
        server.log.report({MessageId::module_rejected, {std::string(900, 'h'), "reason"}});
    server.events->flush();
    ControlClient lazy = server.follower(0);
    // The others have their answers meanwhile; the lazy one reads only when its time is over.
    const auto begun = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() < begun + 1500ms) {  // measure: the limit itself
        const auto asker = ControlClient::connect(server.folder.path(), kLimit);
        REQUIRE(asker);
    }
    std::uint64_t last = 0;
    FollowLine line = next(lazy);
    for (; line.error.empty(); line = next(lazy))
        last = events::from_json(line.event)->sequence;
    CHECK(last < 5000);
    CHECK(line.error ==
          "% events were not read within 1 s; follow again with since " + std::to_string(last));
    CHECK_FALSE(lazy.next_line(kLimit));
    ControlClient again = server.follower(last);
    CHECK(next_event(again) == last + 1);
}

TEST_CASE("a follower that speaks or goes away is let go", "[EVT-2][ANY-1]") {
    Server server;
    { const ControlClient gone = server.follower(0); }
    ControlClient speaker = server.follower(0);
    server.online(1);
    CHECK(next_event(speaker) == 1);
    static_cast<void>(speaker.ask({"show module"}, kLimit));
    CHECK_FALSE(speaker.next_line(kLimit));
    server.online(2);
    ControlClient other = server.follower(0);
    CHECK(next_event(other) == 1);
}
