// Where lines of the log go beside stderr: by facility and severity, to a file, to syslog servers;
// and that none of them costs time.
#include <catch2/catch.hpp>
#include <chrono>
#include <future>

#include "libha/runtime/job_queue.hpp"
#include "libha/runtime/log.hpp"
#include "test/support/datagram_listener.hpp"
#include "test/support/error_log_guard.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/wait_for.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace std::chrono_literals;
using test::wait_for;

LogOptions quiet() {
    LogOptions options;
    options.to_stderr = false;
    return options;
}

/// A syslog server on loopback.
struct Listener : test::DatagramListener {
    [[nodiscard]] SyslogServer server(int severity) const {
        return {"127.0.0.1", severity, port()};
    }
};

catalog::Report online(const std::string& module) {
    return {catalog::MessageId::module_online, {module}};
}

std::size_t lines_with(const Log& log, const std::string& text) {
    std::size_t count = 0;
    for (const std::string& line : log.last())
        count += line.find(text) == std::string::npos ? 0 : 1;
    return count;
}

}  // namespace

TEST_CASE("a level of a facility goes before the level of the daemon", "[logging]") {
    Log log(quiet());
    const test::ErrorLogGuard guard(log);
    LogRules rules;
    rules.levels = {{"vem_mgr", 1}, {"daemon", 7}};
    log.obey(rules);
    log.report(online("3"));  // %VEM_MGR-2-…
    CHECK(log.last().empty());
    log.line(7, "a detail");
    CHECK(lines_with(log, "a detail") == 1);
    log.report({catalog::MessageId::stall_detected, {"3 s"}});
    CHECK(lines_with(log, "%SYSMGR-4-STALL") == 1);
    log.obey({});
    log.line(7, "another detail");
    CHECK(lines_with(log, "another detail") == 0);
}

TEST_CASE("the file of the configuration gets what is urgent enough, and so do the kept lines",
          "[logging]") {
    const ::test::TemporaryDirectory folder;
    LogRules rules;
    rules.file = folder.path() + "/log/messages";
    rules.file_severity = 4;
    {
        Log log(quiet());
        const test::ErrorLogGuard guard(log);
        log.obey(rules);
        log.line(5, "left out");
        log.line(4, "taken in");
        CHECK(log.last().size() == 1);
        REQUIRE(wait_for([&log] { return log.status().file.written == 1; }));
        rules.file = folder.path() + "/log/other";
        log.obey(rules);
        log.line(4, "elsewhere");
        log.obey({});
        log.line(4, "in no file");
    }
    const std::string first = folder.read("log/messages");
    CHECK(first.find("switch %DAEMON-4-SYSTEM_MSG: taken in - vsmd\n") != std::string::npos);
    CHECK(first.find("left out") == std::string::npos);
    const std::string second = folder.read("log/other");
    CHECK(second.find("elsewhere") != std::string::npos);
    CHECK(second.find("in no file") == std::string::npos);
}

TEST_CASE("a file that cannot be written is one line and a count", "[ANY-1][logging]") {
    const ::test::TemporaryDirectory folder;
    folder.write("log", "no folder");
    Log log(quiet());
    LogRules rules;
    rules.file = folder.path() + "/log/messages";
    log.obey(rules);
    for (int i = 0; i < 10; ++i)
        log.line(6, std::to_string(i));
    REQUIRE(wait_for([&log] { return log.status().file.dropped >= 10; }));
    REQUIRE(wait_for([&log] { return lines_with(log, "the log file is not written") == 1; }));
    CHECK(log.status().file.fault.find("/log: ") != std::string::npos);
    CHECK(log.status().file.written == 0);
}

TEST_CASE("a syslog server gets lines with their priority", "[logging]") {
    const Listener urgent;
    const Listener all;
    Log log(quiet());
    const test::ErrorLogGuard guard(log);
    LogRules rules;
    rules.servers = {urgent.server(4), all.server(6)};
    log.obey(rules);
    log.line(6, "for one");
    log.report({catalog::MessageId::stall_detected, {"3 s"}});
    const std::string first = all.next();
    CHECK(first.starts_with("<190>2"));
    CHECK(first.ends_with(" switch %DAEMON-6-SYSTEM_MSG: for one - vsmd"));
    const std::string second = all.next();
    CHECK(second.starts_with("<188>2"));
    CHECK(second.ends_with(" switch %SYSMGR-4-STALL: This process did not run for 3 s"));
    CHECK(urgent.next() == second);
    REQUIRE(wait_for([&log] {
        const auto servers = log.status().servers;
        return servers[0].sent == 1 && servers[1].sent == 2;
    }));
    rules.servers.pop_back();
    log.obey(rules);
    CHECK(log.status().servers.size() == 1);
    CHECK(log.status().servers[0].sent == 1);
    log.line(6, "for nobody");
    CHECK(all.next(50ms).empty());
}

TEST_CASE("what the network does not take is counted with the reason", "[ANY-1][logging]") {
    SyslogServers servers;
    servers.set({{"255.255.255.255", 5, 514}, {"no address", 5, 514}});
    servers.send(5, std::make_shared<const std::string>("one"));
    REQUIRE(wait_for([&servers] {
        const auto status = servers.status();
        return status[0].failed == 1 && status[1].failed == 1;
    }));
    CHECK_FALSE(servers.status()[0].fault.empty());
    CHECK(servers.status()[1].fault == "'no address' is not an IPv4 address");
}

TEST_CASE("a job that takes its time keeps nobody, and the queue ends", "[ANY-1][logging]") {
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::promise<void> begun;
    int done = 0;
    {
        JobQueue queue(3);
        REQUIRE(queue.submit([&begun, released] {
            begun.set_value();
            released.wait();
        }));
        begun.get_future().wait();
        for (int i = 0; i < 3; ++i)
            CHECK(queue.submit([&done] { ++done; }));
        CHECK_FALSE(queue.submit([&done] { ++done; }));
        queue.insist([&done] { done += 10; });
        release.set_value();
    }
    CHECK(done == 13);
}
