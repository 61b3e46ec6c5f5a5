// Who may change things, and what is known of who asks.
#include "libha/runtime/access.hpp"

#include <arpa/inet.h>
#include <unistd.h>
#include <utmpx.h>

#include <catch2/catch.hpp>

#include <cstring>
#include <limits>
#include <string>

#include "libha/runtime/processes.hpp"
#include "test/support/temporary_directory.hpp"

using namespace ha::runtime;

TEST_CASE("where somebody logged in from stands in the system's list of logins", "[runtime]") {
    const test::TemporaryDirectory directory;
    std::string logins;
    const auto log_in = [&](short type, const char* user, const char* line, const char* address,
                            int process = ::getpid()) {
        utmpx login{};
        login.ut_type = type;
        login.ut_pid = process;
        std::strncpy(login.ut_user, user, sizeof login.ut_user);
        std::strncpy(login.ut_line, line, sizeof login.ut_line);
        const int family = std::string(address).find(':') == std::string::npos ? AF_INET : AF_INET6;
        if (*address != '\0')
            REQUIRE(::inet_pton(family, address, &login.ut_addr_v6[0]) == 1);
        logins.append(reinterpret_cast<const char*>(&login), sizeof login);
    };
    log_in(DEAD_PROCESS, "bob", "pts/3", "10.0.0.6");
    log_in(USER_PROCESS, "bob", "pts/3", "10.0.0.5", std::numeric_limits<int>::max());  // killed
    log_in(USER_PROCESS, "bob", "pts/3", "10.0.0.7");
    log_in(USER_PROCESS, "alice", "pts/4", "fd99::7");
    log_in(USER_PROCESS, "carol", "tty1", "");
    const std::string list = directory.write("utmp", logins + "and half of one more");
    CHECK(login_address("bob", "pts/3", list) == "10.0.0.7");
    CHECK(login_address("alice", "pts/4", list) == "fd99::7");
    CHECK(login_address("carol", "tty1", list).empty());
    // Somebody else's terminal, one without a login, one that no list can hold; no list.
    CHECK(login_address("alice", "pts/3", list).empty());
    CHECK(login_address("bob", "pts/9", list).empty());
    CHECK(login_address("bob", std::string(1000, 'p'), list).empty());
    CHECK(login_address("bob", "pts/3", list + "-missing").empty());
}

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
    CHECK_THAT(origin_of(hidden, 136 * 256 + 3), Catch::EndsWith("pts/3"));
    ControlPeer seen;
    seen.process = ::getpid();
    REQUIRE(terminal_of(seen.process));
    CHECK_THAT(origin_of(seen, 136 * 256 + 255),
               Catch::EndsWith(terminal_name(*terminal_of(seen.process))));
}

TEST_CASE("The threads of a process are listed in their order") {
    const auto processes = own_processes();
    REQUIRE_FALSE(processes.empty());
    CHECK(processes.front().id == static_cast<std::uint32_t>(::getpid()));
    CHECK_FALSE(processes.front().name.empty());
    CHECK(std::string("RSDZTt").find(processes.front().state) != std::string::npos);
}
