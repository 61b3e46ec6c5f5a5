// What `systemctl status` shows of a module.
#include "libvem/runtime/status_line.hpp"

#include <catch2/catch.hpp>

using vem::module::State;
using vem::runtime::status_line;

TEST_CASE("the status line of a module says its number, its state and whose it is") {
    vem::module::Snapshot module;
    module.reason = "no supervisor yet";
    CHECK(status_line(module) == "no module number yet, searching: no supervisor yet");
    module.module = ha::Slot{3};
    module.state = State::attached;
    module.supervisor = ha::kPrimarySlot;
    CHECK(status_line(module) == "module 3, attached, active supervisor 1 (primary)");
    module.state = State::headless;
    module.supervisor = ha::kSecondarySlot;
    module.reason = "no heartbeat from supervisor 2 for 15 s";
    CHECK(status_line(module) ==
          "module 3, headless: no heartbeat from supervisor 2 for 15 s, last active supervisor 2 "
          "(secondary)");
}
