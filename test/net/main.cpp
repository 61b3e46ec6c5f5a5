// Tests on real sockets, as root or in a user namespace. Where the kernel refuses both, they are
// skipped loudly (CTest shows them as skipped) and nothing is claimed.
#define CATCH_CONFIG_RUNNER
#include <sched.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>

namespace {

constexpr int kSkipped = 77;

/// Root of a user namespace of its own, when not root already.
bool become_root() {
    if (geteuid() == 0)
        return true;
    const uid_t user = geteuid();
    const gid_t group = getegid();
    if (unshare(CLONE_NEWUSER) != 0)
        return false;
    std::ofstream{"/proc/self/setgroups"} << "deny";
    std::ofstream{"/proc/self/uid_map"} << "0 " + std::to_string(user) + " 1";
    std::ofstream{"/proc/self/gid_map"} << "0 " + std::to_string(group) + " 1";
    return geteuid() == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (!become_root() || unshare(CLONE_NEWNET) != 0) {
        std::cerr
            << "SKIPPED: tests on real sockets need a network namespace, and the kernel refuses: "
            << std::strerror(errno) << "\n";
        return kSkipped;
    }
    return Catch::Session().run(argc, argv);
}
