// The operator messages: all there, told apart, in the words the documents fix, and documented.
#include "libha/catalog/catalog.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "libha/catalog/document.hpp"

using namespace ha::catalog;

TEST_CASE("Every message has an entry, in order, under a name of its own", "[catalog]") {
    std::set<std::string> names;
    std::size_t index = 0;
    for (const Entry& entry : entries()) {
        INFO(entry.mnemonic);
        CHECK(static_cast<std::size_t>(entry.id) == index++);
        CHECK(&ha::catalog::entry(entry.id) == &entry);
        CHECK(entry.severity >= 2);
        CHECK(entry.severity <= 6);
        names.insert(std::string(entry.facility) + "-" + std::string(entry.mnemonic));
        for (const std::string_view name : {entry.facility, entry.mnemonic})
            CHECK(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                  std::string_view::npos);
        for (const std::string_view words : {entry.text, entry.meaning, entry.action})
            CHECK_FALSE(words.empty());
    }
    CHECK(names.size() == entries().size());
}

TEST_CASE("The switchover messages have the documents' words", "[catalog][SW-2]") {
    CHECK(
        render({MessageId::becoming_active_pre_start, {}}) ==
        "%SYSMGR-2-HASWITCHOVER_PRE_START: This supervisor is becoming active (pre-start phase).");
    CHECK(render({MessageId::becoming_active, {}}) ==
          "%SYSMGR-2-HASWITCHOVER_START: This supervisor is becoming active.");
    CHECK(render({MessageId::switchover_over, {}}) ==
          "%SYSMGR-2-SWITCHOVER_OVER: Switchover completed.");
    CHECK(render({MessageId::supervisor_removed, {"1"}}) ==
          "%PLATFORM-2-MOD_REMOVE: Module 1 removed (Serial number )");
    CHECK(render({MessageId::module_detected, {"my-host", "3"}}) ==
          "%VEM_MGR-2-VEM_MGR_DETECTED: Host my-host detected as module 3");
    CHECK(render({MessageId::module_online, {"3"}}) == "%VEM_MGR-2-MOD_ONLINE: Module 3 is online");
}

TEST_CASE("Arguments fill the text in order; missing ones and spare ones do no harm", "[catalog]") {
    CHECK(
        render({MessageId::state_changed, {"vsm-a", "waiting", "active-alone", "window", "why"}}) ==
        "%REDUNDANCY-5-STATE_CHANGE: vsm-a: waiting -> active-alone on window: why");
    CHECK(render({MessageId::degraded_left, {"{}", "{} {}", "spare"}}) ==
          "%REDUNDANCY-5-DEGRADED_EXIT: Degraded mode left after {}: {} {}");
    CHECK(render({MessageId::standby_ready, {}}) ==
          "%MODULE-5-STANDBY_SUP_OK: Supervisor ? is standby");
}

TEST_CASE("docs/messages.md says what the catalog says", "[catalog][messages-document]") {
    constexpr const char* kPath = VSM_HA_SOURCE_DIR "/docs/messages.md";
    if (std::getenv("VSM_HA_REWRITE") != nullptr)
        std::ofstream(kPath) << messages_document();
    std::ifstream file(kPath);
    std::stringstream page;
    page << file.rdbuf();
    INFO("rewrite it with VSM_HA_REWRITE=1 build/dev/test/unit-tests '[messages-document]'");
    CHECK(page.str() == messages_document());
}
