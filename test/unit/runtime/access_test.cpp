// Who may change things, and what is known of who asks.
#include "libha/runtime/access.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "libha/runtime/processes.hpp"

using namespace ha::runtime;

TEST_CASE("Root, the daemon's user and the group's members change things", "[ANY-1]") {
    const AccessSettings of_root{"root"};
    const ControlPeer stranger{54321, 54321, {54322}, 0};
    CHECK(is_network_admin({0, 54321, {}, 0}, {}));
    CHECK(is_network_admin({::geteuid(), 54321, {}, 0}, {}));
    CHECK_FALSE(is_network_admin(stranger, of_root));
    CHECK_FALSE(is_network_admin(stranger, {"no-such-group"}));
    CHECK_FALSE(is_network_admin(stranger, {""}));
    CHECK(is_network_admin({54321, 0, {}, 0}, of_root));
    CHECK(is_network_admin({54321, 54321, {7, 0}, 0}, of_root));
    CHECK_FALSE(is_network_admin({}, {"no-such-group"}));
}

TEST_CASE("Users and terminals have names") {
    CHECK(user_name({0, 0, {}, 0}) == "root");
    CHECK(user_name({54321, 0, {}, 0}) == "54321");
    CHECK(terminal_name(0) == "none");
    CHECK(terminal_name(136 * 256 + 3) == "pts/3");
    CHECK(terminal_name(4 * 256 + 1) == "console0");
    CHECK(origin_of({0, 0, {}, -1}, 0) == "none");
}

TEST_CASE("The kernel's word for a terminal counts more than the client's") {
    ControlPeer hidden;
    hidden.process = -1;  // none has this number: as if it were hidden
    CHECK_FALSE(terminal_of(hidden.process));
    CHECK(origin_of(hidden, 136 * 256 + 3) == "pts/3");
    ControlPeer seen;
    seen.process = ::getpid();
    REQUIRE(terminal_of(seen.process));
    CHECK(origin_of(seen, 136 * 256 + 255) == terminal_name(*terminal_of(seen.process)));
}

TEST_CASE("The threads of a process are listed in their order") {
    const auto processes = own_processes();
    REQUIRE_FALSE(processes.empty());
    CHECK(processes.front().id == static_cast<std::uint32_t>(::getpid()));
    CHECK_FALSE(processes.front().name.empty());
    CHECK(std::string("RSDZTt").find(processes.front().state) != std::string::npos);
}
