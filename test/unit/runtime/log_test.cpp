// The log: NX-OS form, levels, the ring behind `show logging last`, and that nobody waits for it.
#include "libha/runtime/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <regex>

#include "libha/runtime/file_descriptor.hpp"
#include "test/support/error_log_guard.hpp"
#include "test/support/temporary_directory.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;

LogOptions quiet() {
    LogOptions options;
    options.to_stderr = false;
    return options;
}

/// While it lives stderr is a pipe.
class StderrPipe {
public:
    StderrPipe() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        reader_ = FileDescriptor(ends[0]);
        saved_ = FileDescriptor(::dup(STDERR_FILENO));
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[1]);
        ::fcntl(reader_.get(), F_SETFL, O_NONBLOCK);
    }
    ~StderrPipe() { ::dup2(saved_.get(), STDERR_FILENO); }

    std::string read() const {
        std::string text(1 << 20, '\0');
        const ssize_t got = ::read(reader_.get(), text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }

private:
    FileDescriptor reader_;
    FileDescriptor saved_;
};

}  // namespace

TEST_CASE("log lines have the form of the switch", "[FMT-5.4]") {
    Log log(quiet());
    log.report({catalog::MessageId::stall_detected, {"3 s"}});
    log.line(6, "multi\nline\x01");
    const auto lines = log.last();
    REQUIRE(lines.size() == 2);
    CHECK(std::regex_match(lines[0],
                           std::regex(R"(\d{4} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d switch )"
                                      R"(%SYSMGR-4-STALL: This process did not run for 3 s)")));
    CHECK(lines[1].substr(21) == "switch %DAEMON-6-SYSTEM_MSG: multi line  - vsmd");
    CHECK(severity_of(lines[0]) == 4);
    CHECK(severity_of("no message at all -3- ") == 6);
    ::setenv("TZ", "UTC", 1);
    CHECK(format_log_time(WallTime{std::chrono::seconds{1667292660}}) == "2022 Nov  1 08:51:00");
}

TEST_CASE("lines below the level are not kept, the last thousand are", "[ANY-1]") {
    LogOptions options = quiet();
    options.threshold = 5;
    Log log(options);
    const test::ErrorLogGuard guard(log);
    log.line(6, "hidden");
    CHECK(log.last().empty());
    for (int i = 0; i < 1500; ++i) {
        log.line(5, std::to_string(i));
    }
    CHECK(log.last().size() == kLogRing);
    REQUIRE(log.last(2).size() == 2);
    CHECK(log.last(2)[1].find(": 1499 - vsmd") != std::string::npos);
    options.threshold = 7;
    options.hostname = "other";
    CHECK(log.reconfigure(options).empty());
    log.line(7, "shown");
    CHECK(log.last(1)[0].substr(21) == "other %DAEMON-7-SYSTEM_MSG: shown - vsmd");
}

TEST_CASE("a log file gets every line, and a bad one costs only itself", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    LogOptions options = quiet();
    options.file = folder.path() + "/log";
    {
        Log log(options);
        log.line(5, "first");
        log.line(5, "second");
    }
    const std::string text = folder.read("log");
    CHECK(text.find("first") < text.find("second"));
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
    options.file = "/proc/none/log";
    Log log(options);
    log.line(5, "still here");
    REQUIRE(log.last().size() == 2);
    CHECK(log.last()[0].find("log file /proc/none/log is not written: ") != std::string::npos);
}

TEST_CASE("stderr gets plain lines, the journal gets their priority", "[FMT-5.4]") {
    const StderrPipe pipe;
    {
        Log log(LogOptions{});
        log.line(4, "plain");
    }
    CHECK(pipe.read().find("switch %DAEMON-4-SYSTEM_MSG: plain - vsmd\n") == 21);
    struct stat status {};
    REQUIRE(::fstat(STDERR_FILENO, &status) == 0);
    ::setenv("JOURNAL_STREAM",
             (std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino)).c_str(), 1);
    {
        Log log(LogOptions{});
        log.line(5, "prefixed");
    }
    ::unsetenv("JOURNAL_STREAM");
    CHECK(pipe.read().rfind("<5>2", 0) == 0);
}

TEST_CASE("a reader of stderr that is stuck holds nobody up", "[HB-7]") {
    const StderrPipe pipe;
    const auto begin = std::chrono::steady_clock::now();
    {
        Log log(LogOptions{});
        const std::string filler(1500, 'x');
        for (int i = 0; i < 500; ++i) {
            log.line(5, filler);
        }
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    CHECK(!pipe.read().empty());
}
