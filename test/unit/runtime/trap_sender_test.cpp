// Notifications: which events are one, what the MIB says of them, and what becomes of those that
// cannot be sent. What a receiver reads is in test/e2e/test_snmp.py.
#include "libha/runtime/trap_sender.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "libha/catalog/catalog.hpp"
#include "libha/runtime/event_log.hpp"
#include "libha/runtime/log.hpp"
#include "test/support/datagram_listener.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/wait_for.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace std::chrono_literals;
using ::test::wait_for;

/// A manager on loopback.
struct Manager : ::test::DatagramListener {
    [[nodiscard]] TrapHost host() const { return {"127.0.0.1", port(), "private"}; }
};

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
    REQUIRE(wait_for([&bench] { return bench.traps.status()[0].sent == 2; }));
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
    REQUIRE(wait_for([&bench] { return bench.traps.status()[0].failed == 1; }));
    CHECK_FALSE(bench.traps.status()[0].fault.empty());
    CHECK(bench.traps.status()[1].sent == 1);
    CHECK(manager.next(10ms).empty());
}
