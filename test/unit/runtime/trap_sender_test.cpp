// Notifications: which events are one, what the MIB says of them, and what becomes of those that
// cannot be sent. What a receiver reads is in test/e2e/test_snmp.py.
#include "libha/runtime/trap_sender.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "libha/catalog/catalog.hpp"
#include "libha/runtime/event_log.hpp"
#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/log.hpp"
#include "test/support/temporary_directory.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace std::chrono_literals;

/// A manager on loopback.
class Manager {
public:
    Manager() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const raw = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(socket_.get(), raw, size) == 0);
        REQUIRE(::getsockname(socket_.get(), raw, &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] TrapHost host() const { return {"127.0.0.1", port_, "private"}; }
    /// The next datagram, "" when none comes.
    [[nodiscard]] std::string next(std::chrono::milliseconds limit = 10s) const {
        pollfd one{socket_.get(), POLLIN, 0};
        if (::poll(&one, 1, static_cast<int>(limit.count())) != 1)
            return {};
        std::string text(4096, '\0');
        const ssize_t size = ::recv(socket_.get(), text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text;
    }

private:
    FileDescriptor socket_;
    std::uint16_t port_ = 0;
};

template <typename Condition>
bool becomes(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::sleep_for(2ms);  // poll: another thread's work
    }
    return true;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

struct Bench {
    ::test::TemporaryDirectory folder;
    Log log{{"vsmd", "switch", 6, {}, false}};
    EventLog events{folder.path(), log};
    TrapSender traps{events};
};

}  // namespace

TEST_CASE("every notification is an event and stands in the MIB", "[snmp]") {
    const std::string mib =
        ::test::TemporaryDirectory::content(VSM_HA_SOURCE_DIR "/configs/VSM-HA-MIB.txt");
    for (const TrapKind& kind : trap_kinds()) {
        INFO(kind.name);
        CHECK(std::ranges::any_of(catalog::event_entries(),
                                  [&kind](const auto& entry) { return entry.name == kind.event; }));
        const auto begin = mib.find("\n" + std::string(kind.name) + " NOTIFICATION-TYPE");
        REQUIRE(begin != std::string::npos);
        const auto end = mib.find("\n\n", begin);
        CHECK(mib.substr(begin, end - begin)
                  .ends_with("::= { vsmHaNotifications " + std::to_string(kind.number) + " }"));
    }
}

TEST_CASE("what is enabled is sent with the community, contact and location", "[snmp]") {
    const Manager manager;
    Bench bench;
    bench.log.report({catalog::MessageId::module_online, {"7"}});
    TrapRules rules{{manager.host()}, false, true, "Operations", "second floor"};
    bench.traps.set(rules);
    bench.log.report({catalog::MessageId::module_online, {"3"}});
    bench.log.report({catalog::MessageId::becoming_active, {}});
    const std::string first = manager.next();
    for (const char* const part : {"private", "role.active", "Operations", "second floor", "switch",
                                   "%SYSMGR-2-HASWITCHOVER_START: This supervisor is becoming"})
        CHECK(holds(first, part));
    rules.sends_all = true;
    bench.traps.set(rules);
    bench.log.report({catalog::MessageId::module_online, {"3"}});
    CHECK(holds(manager.next(), "Module 3 is online"));
    REQUIRE(becomes([&bench] { return bench.traps.status()[0].sent == 2; }));
    bench.traps.set({{manager.host()}, false, false, {}, {}});
    CHECK(bench.traps.status()[0].sent == 2);
    bench.log.report({catalog::MessageId::becoming_active, {}});
    CHECK(manager.next(100ms).empty());
}

TEST_CASE("a manager that cannot be reached is counted, and others get theirs", "[ANY-1][snmp]") {
    const Manager manager;
    Bench bench;
    // A broadcast address is refused at once.
    bench.traps.set({{{"255.255.255.255", 162, "private"}, manager.host()}, true, true, {}, {}});
    bench.log.report({catalog::MessageId::becoming_active, {}});
    CHECK(holds(manager.next(), "role.active"));
    REQUIRE(becomes([&bench] { return bench.traps.status()[0].failed == 1; }));
    CHECK_FALSE(bench.traps.status()[0].fault.empty());
    CHECK(bench.traps.status()[1].sent == 1);
    CHECK(manager.next(10ms).empty());
}
