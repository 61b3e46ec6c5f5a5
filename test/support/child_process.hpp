// A piece of a test in a process of its own: to be killed, to be limited, or to live in a mount
// namespace. The child starts no thread and ends without running anybody's destructors.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace test {

/// The process number of a child that runs `what` and ends with the status that it returns.
template <typename What>
pid_t start_child(const What& what) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::_exit(what());
    }
    return child;
}

/// The status of the child that runs `what`, or -1 when a signal ended it.
template <typename What>
int run_in_child(const What& what) {
    int status = 0;
    if (::waitpid(start_child(what), &status, 0) < 0 || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

}  // namespace test
