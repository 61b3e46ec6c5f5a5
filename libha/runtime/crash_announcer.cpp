// See crash_announcer.hpp.
#include "libha/runtime/crash_announcer.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>

namespace ha::runtime {
namespace {

/// Those that leave a core by default (signal(7)).
constexpr std::array kSignals{SIGABRT, SIGBUS, SIGFPE,  SIGILL,  SIGQUIT,
                              SIGSEGV, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ};
/// Those that a faulty instruction raises, again and again.
constexpr std::array kFaults{SIGBUS, SIGFPE, SIGILL, SIGSEGV};
/// A stack that has overflowed has no room for the handler; more than any kernel asks for.
constexpr std::size_t kHandlerStackBytes = 65536;

std::atomic<int> announced_on{-1};
static_assert(std::atomic<int>::is_always_lock_free);
std::array<std::byte, kHandlerStackBytes> handler_stack;

/// With the action that the kernel would have taken, which is the present one again (SA_RESETHAND).
void announce(int number, siginfo_t* information, void* /*context*/) {
    const char byte = 0;
    [[maybe_unused]] const auto written =
        ::write(announced_on.load(std::memory_order_relaxed), &byte, 1);
    const bool comes_again = information->si_code > 0 && std::ranges::count(kFaults, number) != 0;
    if (!comes_again)
        ::raise(number);
}

bool has_action(int number, void (*action)(int, siginfo_t*, void*)) {
    struct sigaction present {};
    ::sigaction(number, nullptr, &present);
    return (present.sa_flags & SA_SIGINFO) != 0
               ? present.sa_sigaction == action
               : action == nullptr && present.sa_handler == SIG_DFL;
}

void take_handler_stack() {
    stack_t present{};
    ::sigaltstack(nullptr, &present);
    if ((present.ss_flags & SS_DISABLE) == 0)
        return;
    stack_t own{};
    own.ss_sp = handler_stack.data();
    own.ss_size = handler_stack.size();
    ::sigaltstack(&own, nullptr);
}

}  // namespace

CrashAnnouncer::CrashAnnouncer(int descriptor) {
    announced_on.store(descriptor);
    take_handler_stack();
    struct sigaction action {};
    action.sa_sigaction = announce;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    action.sa_flags |= static_cast<int>(SA_RESETHAND);
    ::sigemptyset(&action.sa_mask);
    for (const int number : kSignals)
        if (has_action(number, nullptr))
            ::sigaction(number, &action, nullptr);
}

CrashAnnouncer::~CrashAnnouncer() {
    for (const int number : kSignals)
        if (has_action(number, announce))
            ::signal(number, SIG_DFL);
    announced_on.store(-1);
}

}  // namespace ha::runtime
