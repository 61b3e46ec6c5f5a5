// Hooks: commands on events, in order, once, with a time limit; and that none of them can hold up
// the daemon (BEHAVIOUR EVT-3).
#include "libha/runtime/hook_runner.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "libha/events/event.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/event_log.hpp"
#include "libha/runtime/hook_process.hpp"
#include "libha/runtime/log.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/wait_for.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using catalog::MessageId;
using ::test::TemporaryDirectory;
using ::test::wait_for;

/// What waits for ever.
const std::string kHang = "exec tail -f /dev/null";

HookSettings shell(std::vector<std::string> on, const std::string& script, unsigned seconds = 30) {
    return {std::move(on), {"/bin/sh", "-c", script}, seconds};
}

struct Node {
    TemporaryDirectory folder;
    Log log{{"vsmd", "vsm-a", 6, "", false}};
    std::vector<HookSettings> settings;
    std::unique_ptr<EventLog> events;
    std::unique_ptr<HookRunner> hooks;

    ~Node() { end(); }
    void begin() {
        events = std::make_unique<EventLog>(folder.path(), log);
        hooks = std::make_unique<HookRunner>(*events, log, settings);
    }
    void end() {
        hooks.reset();
        events.reset();
    }
    void online(unsigned module) {
        log.report({MessageId::module_online, {std::to_string(module)}});
    }
    /// A script that adds a line to the file `lines`.
    [[nodiscard]] std::string adds(const std::string& words) const {
        return "echo " + words + " >>" + folder.path() + "/lines";
    }
    [[nodiscard]] std::string lines() const { return folder.read("lines"); }
    [[nodiscard]] std::size_t logged(const std::string& text) const {
        const auto all = log.last();
        return static_cast<std::size_t>(std::ranges::count_if(
            all, [&](const auto& line) { return line.find(text) != std::string::npos; }));
    }
    [[nodiscard]] bool logs(const std::string& text) const {
        return wait_for([&] { return logged(text) > 0; });
    }
};

/// Of a process: it runs, or waits for something; a zombie does not.
bool is_alive(const std::string& process) {
    const std::string status = TemporaryDirectory::content("/proc/" + process + "/stat");
    return !status.empty() && status.find(") Z ") == std::string::npos;
}

}  // namespace

TEST_CASE("a hook gets the events it names, in order, each once, over restarts", "[EVT-3]") {
    Node node;
    node.settings = {
        shell({"module.*"}, "cat >>" + node.folder.path() + "/input"),
        shell({"module.online", "peer.lost"}, node.adds("$VSM_HA_SEQUENCE $VSM_HA_EVENT")),
    };
    node.begin();
    node.online(3);
    node.log.report({MessageId::supervisor_removed, {"2"}});
    node.log.report({MessageId::switchover_over, {}});
    node.online(4);
    const std::string expected = "1 module.online\n2 peer.lost\n4 module.online\n";
    CHECK(wait_for([&] { return node.lines() == expected; }));
    node.end();
    node.begin();
    node.online(5);
    CHECK(wait_for([&] { return node.lines() == expected + "5 module.online\n"; }));
    std::istringstream input(node.folder.read("input"));
    std::vector<std::uint64_t> numbers;
    for (std::string line; std::getline(input, line);) {
        const auto event = events::from_json(line);
        REQUIRE(event);
        numbers.push_back(event->sequence);
    }
    CHECK(numbers == std::vector<std::uint64_t>{1, 4, 5});
    CHECK(node.logged("HOOK_FAILED") == 0);
    CHECK(node.logged("hook /bin/sh for event 1 (module.online) has run") == 2);
}

TEST_CASE("a hook that hangs is killed with its group, and the next one runs", "[EVT-3]") {
    Node node;
    node.settings = {
        shell({"*"}, "tail -f /dev/null & echo $! >" + node.folder.path() + "/child; " + kHang, 1),
        shell({"*"}, node.adds("next")),
    };
    node.begin();
    node.online(3);
    CHECK(node.logs("Hook /bin/sh for event 1 (module.online): killed after 1 s"));
    CHECK(wait_for([&] { return node.lines() == "next\n"; }));
    std::string child = node.folder.read("child");
    child.pop_back();
    CHECK(wait_for([&] { return !is_alive(child); }));
}

TEST_CASE("what a hook leaves behind in its group does not outlive it", "[EVT-3]") {
    Node node;
    // The child holds standard output open: nobody may wait for its end.
    node.settings = {shell({"*"}, "tail -f /dev/null & echo $! >" + node.folder.path() + "/child")};
    node.begin();
    node.online(3);
    CHECK(node.logs("hook /bin/sh for event 1 (module.online) has run"));
    std::string child = node.folder.read("child");
    child.pop_back();
    CHECK(wait_for([&] { return !is_alive(child); }));
}

TEST_CASE("a hook that cannot run or fails is told with the reason", "[EVT-3][ANY-1]") {
    Node node;
    const auto [command, fault] = GENERATE(table<std::vector<std::string>, std::string>({
        {{"/nonexistent/hook", "x"}, "cannot be started: no such file or directory"},
        {{"/etc/passwd"}, "cannot be started: permission denied"},
        {{"/bin/sh", "-c", "exit 3"}, "exit status 3"},
        {{"/bin/sh", "-c", "kill -9 $$"}, "ended by signal 9 (Killed)"},
    }));
    // A hook on what hooks do would call itself for ever.
    node.settings = {{{"module.*", "service.*"}, command, 30}, shell({"link.*"}, node.adds("end"))};
    node.begin();
    node.online(3);
    node.log.report({MessageId::degraded_entered, {"silent"}});
    CHECK(node.logs("%SYSMGR-4-HOOK_FAILED: Hook " + command.front() +
                    " for event 1 (module.online): " + fault));
    CHECK(wait_for([&] { return node.lines() == "end\n"; }));
    CHECK(node.logged("HOOK_FAILED") == 1);
}

TEST_CASE("a hook gets nothing of the daemon but its event, and prints a bounded amount",
          "[EVT-3][ANY-1]") {
    // As whoever starts a daemon may leave one behind: open, and to be inherited.
    const int inherited = ::fcntl(STDERR_FILENO, F_DUPFD, 100);
    Node node;
    node.settings = {shell({"*"},
                           "pwd; ls /proc/self/fd; i=0; while [ $i -lt 1000 ]; do "
                           "echo line $i; i=$((i + 1)); done; head -c 1000000 /dev/zero")};
    node.begin();
    node.online(3);
    CHECK(node.logs("has run"));
    CHECK(node.logged("for event 1: ") == kMaximumHookLines + 1);
    CHECK(node.logged("for event 1: /") == 1);
    // ls has its three and the folder that it reads.
    CHECK(node.logged("for event 1: 4") == 0);
    CHECK(node.logged("for event 1: " + std::to_string(inherited)) == 0);
    ::close(inherited);
    CHECK(node.logged("(more lines are not shown)") == 1);
}

TEST_CASE("a hook that the end of the program cuts short is not run again", "[EVT-3]") {
    Node node;
    node.settings = {shell({"module.*"}, node.adds("$VSM_HA_SEQUENCE") + "; " + kHang)};
    node.begin();
    node.online(3);
    CHECK(wait_for([&] { return node.lines() == "1\n"; }));
    node.online(4);
    const auto begun = std::chrono::steady_clock::now();
    node.end();
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(15));
    CHECK(node.logged("killed, for the program ends") == 1);
    // The event that had not its turn has it in the next life.
    node.begin();
    CHECK(wait_for([&] { return node.lines() == "1\n2\n"; }));
}

TEST_CASE("a hook that a crash cut short is told and not run again", "[EVT-3]") {
    Node node;
    node.settings = {shell({"module.*"}, node.adds("first $VSM_HA_SEQUENCE")),
                     shell({"module.*"}, node.adds("second $VSM_HA_SEQUENCE"))};
    node.events = std::make_unique<EventLog>(node.folder.path(), node.log);
    node.online(3);
    node.online(4);
    node.events->keep_hook_mark({1, 1, true});  // what a crash in the first hook leaves
    node.events.reset();
    node.begin();
    CHECK(wait_for([&] { return node.lines() == "second 1\nfirst 2\nsecond 2\n"; }));
    CHECK(node.logged("Hook number 1 for event 1 (module.online): the program ended while it ran; "
                      "it is not run again") == 1);
}

TEST_CASE("of too many waiting events the oldest are passed over, and that is told",
          "[EVT-3][ANY-1]") {
    Node node;
    node.settings = {shell({"peer.lost"}, node.adds("lost")), shell({"link.*"}, node.adds("end"))};
    node.events = std::make_unique<EventLog>(node.folder.path(), node.log);
    node.log.report({MessageId::supervisor_removed, {"2"}});
    for (unsigned number = 0; number < kMaximumWaitingEvents; ++number)
        node.online(number);
    node.log.report({MessageId::degraded_entered, {"silent"}});
    node.events->flush();
    node.hooks = std::make_unique<HookRunner>(*node.events, node.log, node.settings);
    CHECK(wait_for([&] { return node.lines() == "end\n"; }));
    CHECK(node.logged("%SYSMGR-4-HOOKS_SKIPPED: Hooks are not run for the events 1 to 2: more than "
                      "1000 wait") == 1);
}

TEST_CASE("hooks can be changed while the daemon runs", "[EVT-3]") {
    Node node;
    node.begin();
    node.online(3);
    node.events->flush();
    node.log.report({MessageId::degraded_entered, {"silent"}});
    CHECK(wait_for([&] { return node.events->hook_mark().sequence == 3; }));
    node.hooks->set_hooks({shell({"*"}, node.adds("$VSM_HA_SEQUENCE"))});
    node.online(4);
    CHECK(wait_for([&] { return node.lines() == "3\n"; }));
}

TEST_CASE("hooks of a configuration are read, and every fault is told", "[EVT-3][ANY-1]") {
    const std::string base =
        "setup: {role: standalone, domain: 100}\n"
        "interfaces: {control: {name: control0}}\n";
    const TemporaryDirectory folder;
    const auto load = [&](const std::string& hooks) {
        return load_supervisor_configuration(folder.write("vsm-a.yaml", base + hooks));
    };
    const auto good = load(
        "hooks:\n"
        "- {on: [role.active, peer.*], run: [/bin/a, b], limit_seconds: 3}\n"
        "- {on: ['*'], run: [/bin/b]}\n");
    REQUIRE(good);
    CHECK(good->hooks == std::vector<HookSettings>{{{"role.active", "peer.*"}, {"/bin/a", "b"}, 3},
                                                   {{"*"}, {"/bin/b"}, kDefaultHookSeconds}});
    const auto bad = load(
        "hooks:\n"
        "- {on: [role.actve], run: [a], limit_seconds: 0, when: x}\n"
        "- {}\n"
        "- 7\n");
    REQUIRE_FALSE(bad);
    const std::string at = folder.path() + "/vsm-a.yaml:";
    const auto told = [&](const std::string& text) {
        return std::ranges::any_of(bad.error(),
                                   [&](const auto& line) { return line.starts_with(at + text); });
    };
    CHECK(
        told("4: hooks[0].on[0]: 'role.actve' is no event; a name like role.active, peer.* or "
             "* is"));
    CHECK(told("4: hooks[0].run[0]: 'a' is not an absolute path"));
    CHECK(told("4: hooks[0].limit_seconds: 0 is out of range (1..3600)"));
    CHECK(told("4: hooks[0].when: unknown key"));
    CHECK(told("5: hooks[1].on: 0 items (1..32 are possible)"));
    CHECK(told("5: hooks[1].run: 0 items (1..32 are possible)"));
    CHECK(told("6: hooks[2]"));
}
