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
std::array<struct sigaction, kSignals.size()> former;  ///< of each of kSignals
std::array<std::byte, kHandlerStackBytes> handler_stack;

/// The signal comes again, to whoever had it before.
void announce(int number, siginfo_t* information, void* /*context*/) {
    const char byte = 0;
    [[maybe_unused]] const auto written =
        ::write(announced_on.load(std::memory_order_relaxed), &byte, 1);
    const auto slot = std::ranges::find(kSignals, number) - kSignals.begin();
    ::sigaction(number, &former[static_cast<std::size_t>(slot)], nullptr);
    const bool comes_again = information->si_code > 0 && std::ranges::count(kFaults, number) != 0;
    if (!comes_again)
        ::raise(number);
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
    ::sigemptyset(&action.sa_mask);
    for (std::size_t slot = 0; slot < kSignals.size(); ++slot)
        ::sigaction(kSignals[slot], &action, &former[slot]);
}

CrashAnnouncer::~CrashAnnouncer() {
    for (std::size_t slot = 0; slot < kSignals.size(); ++slot)
        ::sigaction(kSignals[slot], &former[slot], nullptr);
    announced_on.store(-1);
}

}  // namespace ha::runtime
