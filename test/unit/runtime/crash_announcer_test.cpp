// A process says that it begins to crash, once, and then dies of what it would have died of.
#include "libha/runtime/crash_announcer.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>

#include <catch2/catch.hpp>

#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/proof_of_death.hpp"

namespace ha::runtime {
namespace {

struct End {
    int status = 0;   ///< as of waitpid
    int written = 0;  ///< bytes that were announced
};

/// What becomes of a process that does this with its crashes announced. `actions`: what the signals
/// do before that, SIG_DFL or another handler.
End end_of(const std::function<void()>& crash, void (*action)(int) = SIG_DFL) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    const FileDescriptor reader(ends[0]);
    FileDescriptor writer(ends[1]);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        for (const int number : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV})
            ::signal(number, action);
        const CrashAnnouncer announcer(writer.get());
        crash();
        ::_exit(0);
    }
    writer = {};
    End end;
    ::waitpid(child, &end.status, 0);
    std::array<char, 8> bytes{};
    end.written = static_cast<int>(::read(reader.get(), bytes.data(), bytes.size()));
    return end;
}

void write_to_a_constant() {
    *const_cast<volatile char*>("x") = 'y';
}

/// With a page of stack for each step.
char go_deeper(unsigned steps) {
    std::array<char, 4096> page{};
    volatile char* const used = page.data();
    *used = static_cast<char>(steps);
    return steps == 0 ? *used : static_cast<char>(go_deeper(steps - 1) + *used);
}

}  // namespace

TEST_CASE("every signal that leaves a core is announced once and has its effect", "[HB-8]") {
    for (const int number : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV}) {
        CAPTURE(number);
        const End end = end_of([&] { ::raise(number); });
        CHECK(WIFSIGNALED(end.status));
        CHECK(WTERMSIG(end.status) == number);
        CHECK(end.written == 1);
    }
}

TEST_CASE("faults of the program itself are announced", "[HB-8]") {
    const End abort = end_of([] { ::abort(); });
    CHECK(WTERMSIG(abort.status) == SIGABRT);
    CHECK(abort.written == 1);
    const End read_only = end_of(write_to_a_constant);
    CHECK(WTERMSIG(read_only.status) == SIGSEGV);
    CHECK(read_only.written == 1);
}

TEST_CASE("a stack that has overflowed leaves room to announce it", "[HB-8]") {
    const End end = end_of([] { go_deeper(1'000'000); });
    CHECK(WTERMSIG(end.status) == SIGSEGV);
    CHECK(end.written == 1);
}

TEST_CASE("who had a signal before gets it after the announcement", "[HB-8]") {
    const auto leave = [](int) { ::_exit(7); };
    for (const auto& crash : {std::function<void()>([] { ::raise(SIGSEGV); }),
                              std::function<void()>([] { write_to_a_constant(); })}) {
        const End end = end_of(crash, leave);
        CHECK(WIFEXITED(end.status));
        CHECK(WEXITSTATUS(end.status) == 7);
        CHECK(end.written == 1);
    }
}

TEST_CASE("a process that lives, and none at all, give no proof of a death", "[HB-8]") {
    CHECK_FALSE(is_dumping_core(::getpid()));
    CHECK_FALSE(is_exiting(::getpid()));
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
        ::_exit(0);
    ::siginfo_t ended{};
    ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
    CHECK(is_exiting(child));
    ::waitpid(child, nullptr, 0);
    CHECK_FALSE(is_dumping_core(child));
    CHECK_FALSE(is_exiting(child));
}

}  // namespace ha::runtime
