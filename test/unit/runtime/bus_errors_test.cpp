// The last line of a process that a mapped file was taken from (BEHAVIOUR ANY-1).
#include "libha/runtime/bus_errors.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>

#include "test/support/child_process.hpp"
#include "test/support/temporary_directory.hpp"

namespace {

/// The signal that ended a child which explains bus errors, and what it wrote to standard error.
template <typename What>
std::pair<int, std::string> end_of(const What& what) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const pid_t child = test::start_child([&] {
        const rlimit no_core{};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::dup2(pipe[1], STDERR_FILENO);
        ha::runtime::explain_bus_errors();
        return what();
    });
    ::close(pipe[1]);
    std::string text;
    std::array<char, 512> buffer{};
    for (ssize_t size = 0; (size = ::read(pipe[0], buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(size));
    ::close(pipe[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return {WIFSIGNALED(status) ? WTERMSIG(status) : 0, text};
}

}  // namespace

TEST_CASE("a process that a mapped file is taken from says why it ends", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    const std::string file = folder.write("file", std::string(8192, 'x'));
    const auto [signal, text] = end_of([&] {
        const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        const auto* const map = static_cast<const volatile char*>(
            ::mmap(nullptr, 8192, PROT_READ, MAP_SHARED, descriptor, 0));
        std::filesystem::resize_file(file, 0);
        return map[5000] == 'x' ? 1 : 2;
    });
    CHECK(signal == SIGBUS);
    CHECK(text.find("SIGBUS: a file of the state folder was cut short") == 0);
}

TEST_CASE("a SIGBUS that somebody sends ends a process without an explanation", "[ANY-1]") {
    const auto [signal, text] = end_of([] {
        ::kill(::getpid(), SIGBUS);
        return 0;
    });
    CHECK(signal == SIGBUS);
    CHECK(text.empty());
}
