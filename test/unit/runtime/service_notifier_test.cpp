// What systemd is told, as it hears it.
#include "libha/runtime/service_notifier.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "libha/runtime/file_descriptor.hpp"
#include "test/support/temporary_directory.hpp"

using namespace ha::runtime;
using namespace std::chrono_literals;

namespace {

/// The service manager's end.
class Listener {
public:
    Listener() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        const std::string path = folder_.path() + "/notify";
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(path, address.sun_path);
        REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                       sizeof address) == 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    ~Listener() {
        ::unsetenv("NOTIFY_SOCKET");
        ::unsetenv("WATCHDOG_USEC");
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// What was said next; empty: nothing. The kernel has it by the time that it was said.
    std::string heard() {
        std::array<char, 4096> message{};
        const ssize_t size = ::recv(socket_.get(), message.data(), message.size(), 0);
        return {message.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

private:
    test::TemporaryDirectory folder_;
    FileDescriptor socket_;
};

}  // namespace

TEST_CASE("the service manager hears the state of the service, and each status once") {
    Listener manager;
    ServiceNotifier notifier;
    notifier.ready("primary, active");
    CHECK(manager.heard() == "READY=1\nSTATUS=primary, active");
    notifier.status("primary, active");
    CHECK(manager.heard().empty());
    notifier.status("primary, powered-dn");
    CHECK(manager.heard() == "STATUS=primary, powered-dn");
    notifier.reloading();
    CHECK(manager.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    notifier.feed_watchdog();
    CHECK(manager.heard() == "WATCHDOG=1");
    notifier.stopping();
    CHECK(manager.heard() == "STOPPING=1\nSTATUS=stopping");
    // A process that starts anew in place is heard as well.
    CHECK(std::getenv("NOTIFY_SOCKET") != nullptr);
}

TEST_CASE("a service manager that does not read holds nobody up, and hears the last state later") {
    Listener manager;
    ServiceNotifier notifier;
    for (int number = 0; number < 1000; ++number) {
        notifier.status("status " + std::to_string(number));
        notifier.feed_watchdog();
    }
    notifier.reloading();
    notifier.ready("ready at last");
    while (!manager.heard().empty()) {
    }
    notifier.feed_watchdog();
    std::string all;
    for (std::string next = manager.heard(); !next.empty(); next = manager.heard())
        all += next + "|";
    CHECK_THAT(all, Catch::Matchers::StartsWith("STATUS=status 999|RELOADING=1\n"));
    CHECK_THAT(all, Catch::Matchers::EndsWith("|READY=1\nSTATUS=ready at last|WATCHDOG=1|"));
}

TEST_CASE("what a service manager that never reads is owed has a limit") {
    Listener manager;
    ServiceNotifier notifier;
    for (int number = 0; number < 1000; ++number) {
        notifier.reloading();
        notifier.ready("ready");
    }
    while (!manager.heard().empty()) {
    }
    notifier.status("well");
    std::size_t owed = 0;
    std::string last;
    for (std::string next = manager.heard(); !next.empty(); next = manager.heard()) {
        last = next;
        ++owed;
    }
    CHECK(owed <= 9);
    CHECK(last == "STATUS=well");
}

TEST_CASE("the service manager hears why a service does not run") {
    Listener manager;
    CHECK(refuse_to_run("vsmd", "no frames can be sent", EPERM) == 1);
    CHECK(manager.heard() == "ERRNO=1\nSTATUS=no frames can be sent");
    CHECK(refuse_to_run("vsmd", "no more") == 1);
    CHECK(manager.heard() == "STATUS=no more");
    CHECK(refuse_configuration("vsmd", {"a.yaml:1: colour: unknown key", "two", "three"}) == 2);
    CHECK(manager.heard() ==
          "ERRNO=22\nSTATUS=a.yaml:1: colour: unknown key (and 2 more, see the log)");
}

TEST_CASE("a status is one line of printable text that is not too long") {
    CHECK(printable_status("a\nREADY=1\tb\xc3\xa9") == "a?READY=1?b??");
    CHECK(printable_status(std::string(5000, 'x')).size() == kMaximumStatusLine);
}

TEST_CASE("the interval of the watchdog is what the service manager asks for") {
    CHECK(ServiceNotifier::watchdog_interval() == 0s);
    Listener manager;
    ::setenv("WATCHDOG_USEC", "3000000", 1);
    CHECK(ServiceNotifier::watchdog_interval() == 3s);
    ::setenv("WATCHDOG_USEC", "soon", 1);
    CHECK(ServiceNotifier::watchdog_interval() == 0s);
}

TEST_CASE("without a service manager nothing is said and nothing fails") {
    ServiceNotifier notifier;
    notifier.ready("primary, active");
    notifier.feed_watchdog();
    notifier.stopping();
}
