// See bus_errors.hpp.
#include "libha/runtime/bus_errors.hpp"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace ha::runtime {
namespace {

constexpr std::string_view kExplanation =
    "SIGBUS: a file of the state folder was cut short by somebody else while it was being used, or "
    "its disk could not read it; this process ends, and the next one reads the file again\n";

/// Only what a signal handler may call.
void explain(int number, siginfo_t* information, void* /*context*/) {
    if (information->si_code == BUS_ADRERR)
        static_cast<void>(!::write(STDERR_FILENO, kExplanation.data(), kExplanation.size()));
    ::signal(number, SIG_DFL);
    ::raise(number);  // when this function returns
}

}  // namespace

void explain_bus_errors() {
    struct sigaction action {};
    action.sa_sigaction = explain;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace ha::runtime
