// The control socket: answers, and that no client can hurt the daemon or the others (BEHAVIOUR
// ANY-1).
#include "libha/runtime/control_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "libha/runtime/control_client.hpp"
#include "libha/runtime/file_descriptor.hpp"
#include "test/support/temporary_directory.hpp"

namespace {

using namespace ha::runtime;
using namespace std::chrono_literals;

constexpr auto kLimit = 10s;

/// Answers with the command in capitals; "big" with two million letters.
struct Server {
    explicit Server(ControlSocketOptions options = {}) {
        options.path = folder.path() + "/control.sock";
        auto listening = ControlSocket::listen(options, [this](const ControlRequest& request) {
            ControlSocket::Reply reply;
            reply.answer.output =
                request.command == "big" ? std::string(2'000'000, 'x') : request.command + "!";
            reply.answer.prompt = "switch# ";
            reply.afterwards = [this] { ++answered; };
            return reply;
        });
        REQUIRE(listening);
        socket = std::move(*listening);
    }
    [[nodiscard]] ControlClient client() const {
        auto connected = ControlClient::connect(folder.path(), kLimit);
        REQUIRE(connected);
        return std::move(*connected);
    }
    /// A connection that speaks any bytes.
    [[nodiscard]] FileDescriptor raw() const {
        FileDescriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(folder.path() + "/control.sock", address.sun_path);
        REQUIRE(::connect(descriptor.get(), reinterpret_cast<const sockaddr*>(&address),
                          sizeof address) == 0);
        return descriptor;
    }

    test::TemporaryDirectory folder;
    std::atomic<int> answered = 0;
    std::unique_ptr<ControlSocket> socket;
};

/// What comes within the limit, up to a line end or the end of the stream.
std::string receive(int descriptor) {
    std::string text;
    char letter = 0;
    pollfd ready{descriptor, POLLIN, 0};
    while (::poll(&ready, 1, 10000) > 0 && ::recv(descriptor, &letter, 1, 0) == 1) {
        if (letter == '\n') {
            return text;
        }
        text += letter;
    }
    return text + "(closed)";
}

void transmit(int descriptor, const std::string& text) {
    std::string_view left = text;
    while (!left.empty()) {
        const ssize_t sent = ::send(descriptor, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

TEST_CASE("a command is answered, many on one connection", "[CTL-1]") {
    const Server server;
    ControlClient client = server.client();
    for (int i = 0; i < 100; ++i) {
        const auto answer = client.ask({"show " + std::to_string(i)}, kLimit);
        REQUIRE(answer);
        CHECK(answer->output == "show " + std::to_string(i) + "!");
        CHECK(answer->prompt == "switch# ");
        CHECK(answer->exit_status == 0);
    }
    const auto text = client.ask({"tab\there \"quote\" \n line \xff"}, kLimit);
    REQUIRE(text);
    CHECK(text->output == "tab\there \"quote\" \n line \xef\xbf\xbd!");
    CHECK(server.answered >= 100);
}

TEST_CASE("the socket belongs to root and its group, and goes away with the daemon", "[CTL-1]") {
    Server server;
    struct stat status {};
    const std::string path = server.folder.path() + "/control.sock";
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0660U);
    server.socket.reset();
    CHECK(::stat(path.c_str(), &status) != 0);
    const auto refused = ControlClient::connect(server.folder.path(), kLimit);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == "no daemon is running here: nobody listens on " + path);
}

TEST_CASE("a request that cannot be understood gets an error and changes nothing",
          "[ANY-1][CTL-1]") {
    const Server server;
    const auto [request, error] = GENERATE(table<std::string, std::string>({
        {"show module", "the request is not one JSON object on one line"},
        {"", "the request is not one JSON object on one line"},
        {"[]", "the request is not one JSON object on one line"},
        {"{\"command\": 7}", "command is not a text"},
        {"{}", "command is missing"},
        {"{\"command\": \"x\", \"width\": -1}", "width is not a whole number (0..10000)"},
        {"{\"command\": \"x\", \"width\": 10001}", "width is not a whole number (0..10000)"},
        {"{\"command\": \"x\", \"mode\": 1}", "mode is not a text of at most 256 bytes"},
        {"{\"command\": \"x\", \"mode\": \"" + std::string(257, 'm') + "\"}",
         "mode is not a text of at most 256 bytes"},
        {"{\"command\": \"x\", \"terminal\": \"pts/1\"}", "terminal is not a number of 32 bits"},
        {"{\"command\": \"x\", \"terminal\": 4294967296}", "terminal is not a number of 32 bits"},
        {"{\"command\": \"x\", \"user\": 0}",
         "the request has an unknown key (allowed: command, follow, mode, since, terminal, width)"},
        {"{\"follow\": 1}", "follow is not true or false"},
        {"{\"follow\": true, \"since\": -1}", "since is not the number of an event (0..)"},
        {"{\"follow\": true, \"command\": \"x\"}", "command and follow exclude each other"},
        {"{\"command\": \"x\", \"since\": 1}", "since is for follow alone"},
        {"{\"follow\": true}", "there are no events to follow here"},
        {std::string(60000, '['), "the request is not one JSON object on one line"},
        {std::string("\0\xff\x01", 3), "the request is not one JSON object on one line"},
    }));
    INFO(request);
    const FileDescriptor raw = server.raw();
    transmit(raw.get(), request + "\n");
    const auto answer = parse_answer(receive(raw.get()));
    REQUIRE(answer);
    CHECK(answer->exit_status == 2);
    CHECK(answer->error == "% " + error);
    // The connection is still good.
    transmit(raw.get(), "{\"command\":\"again\"}\n");
    const auto again = parse_answer(receive(raw.get()));
    REQUIRE(again);
    CHECK(again->output == "again!");
}

TEST_CASE("a request without end is refused", "[ANY-1][CTL-1]") {
    const Server server;
    const FileDescriptor raw = server.raw();
    transmit(raw.get(), std::string(kMaximumRequest + 2, 'x'));
    const auto answer = parse_answer(receive(raw.get()));
    REQUIRE(answer);
    CHECK(answer->error == "% the request is longer than 65536 bytes");
    CHECK(receive(raw.get()) == "(closed)");
}

TEST_CASE("a client that does not read its answer holds up nobody", "[ANY-1][CTL-1]") {
    ControlSocketOptions options;
    options.answer_seconds = 1;
    const Server server(options);
    const FileDescriptor lazy = server.raw();
    transmit(lazy.get(), "{\"command\":\"big\"}\n");
    const FileDescriptor silent = server.raw();
    transmit(silent.get(), "{\"command\":\"half a requ");
    const auto answer = server.client().ask({"quick"}, 1s);
    REQUIRE(answer);
    CHECK(answer->output == "quick!");
    // The lazy one is let go, and what was to be done after its answer is done.
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (server.answered < 2 && std::chrono::steady_clock::now() < end) {
        std::this_thread::yield();
    }
    CHECK(server.answered == 2);
    CHECK(receive(lazy.get()).ends_with("(closed)"));
}

TEST_CASE("a client that goes away at any moment is harmless", "[ANY-1][CTL-1]") {
    const Server server;
    for (int i = 0; i < 10; ++i) {
        const FileDescriptor raw = server.raw();
        transmit(raw.get(), i % 2 == 0 ? "{\"command\":\"big\"}\n" : "{\"comm");
    }
    const auto answer = server.client().ask({"still"}, kLimit);
    REQUIRE(answer);
    CHECK(answer->output == "still!");
}

TEST_CASE("no more clients than the limit are served, later ones again", "[ANY-1][CTL-1]") {
    ControlSocketOptions options;
    options.maximum_clients = 4;
    const Server server(options);
    {
        std::vector<ControlClient> clients;
        for (int i = 0; i < 4; ++i) {
            clients.push_back(server.client());
            REQUIRE(clients.back().ask({"x"}, kLimit));
        }
        const FileDescriptor fifth = server.raw();
        const auto refused = parse_answer(receive(fifth.get()));
        REQUIRE(refused);
        CHECK(refused->error == "% 4 clients are connected, no more are served");
        CHECK(receive(fifth.get()) == "(closed)");
    }
    const auto end = std::chrono::steady_clock::now() + kLimit;
    bool served = false;
    while (!served && std::chrono::steady_clock::now() < end) {
        const auto answer = server.client().ask({"x"}, kLimit);
        served = answer && answer->exit_status == 0;
    }
    CHECK(served);
}

TEST_CASE("a dead process's socket is replaced, anything else is not", "[ANY-1][CTL-1]") {
    const test::TemporaryDirectory folder;
    const std::string path = folder.path() + "/control.sock";
    const auto handler = [](const ControlRequest&) { return ControlSocket::Reply{}; };
    {
        const FileDescriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(path, address.sun_path);
        REQUIRE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                0);
    }
    CHECK(ControlSocket::listen({path}, handler));
    folder.write("control.sock", "precious");
    const auto refused = ControlSocket::listen({path}, handler);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == "control socket " + path + ": something else is in its place");
    CHECK(folder.read("control.sock") == "precious");
    const auto long_path = ControlSocket::listen({"/tmp/" + std::string(120, 'x')}, handler);
    REQUIRE_FALSE(long_path);
    CHECK(long_path.error().find("the path is longer than 107 characters") != std::string::npos);
}

TEST_CASE("the client does not wait for ever", "[CTL-1]") {
    const test::TemporaryDirectory folder;
    const FileDescriptor mute(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(folder.path() + "/control.sock", address.sun_path);
    REQUIRE(::bind(mute.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(mute.get(), 4) == 0);
    auto client = ControlClient::connect(folder.path(), kLimit);
    REQUIRE(client);
    const auto answer = client->ask({"show module"}, 20ms);
    REQUIRE_FALSE(answer);
    CHECK(answer.error() == "the daemon does not answer in time");
}
