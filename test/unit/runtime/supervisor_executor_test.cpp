// The executor without any interface: a supervisor that cannot send or hear still runs, stores and
// ends cleanly. Pairs on real wires are in test/e2e.
#include "libha/runtime/supervisor_executor.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <optional>

#include "libha/journal/replay.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/journal_recorder.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/state_store.hpp"
#include "test/support/error_log_guard.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/unit/journal/samples.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace std::chrono_literals;

struct Bench {
    explicit Bench(Role role, JournalRecorder* journal = nullptr) {
        SupervisorConfiguration configuration;
        configuration.instance = "bench";
        configuration.control = {"vsm-ha-none0", std::nullopt};
        configuration.mgmt = PortSettings{"vsm-ha-none1", 7};
        configuration.directories.state = folder.path();
        configuration.timers = {TimerProfile::fast, 5ms, 15ms};
        configuration.options.pair.role = role;
        configuration.options.pair.incarnation = new_incarnation(1);
        configuration.options.pair.heartbeat_interval = 5ms;
        configuration.options.pair.loss_interval = 15ms;
        LoadedState loaded = begin_life({folder.path()}, wall_now());
        configuration.options.stored = std::move(loaded.state);
        executor.emplace(loop, configuration, std::move(loaded.store), log, journal,
                         SupervisorExecutor::Handlers{[this](const Outcome& ended) {
                                                          outcome = ended;
                                                          loop.stop();
                                                      },
                                                      [] {}});
        executor->start();
    }
    template <typename Condition>
    bool run_until(Condition condition) {
        const Instant end = monotonic_now() + 10s;
        while (!condition() && monotonic_now() < end) {
            loop.context().run_one_for(10ms);
        }
        return condition();
    }

    test::TemporaryDirectory folder;
    Log log{{"test", "switch", 6, "", false}};
    test::ErrorLogGuard guard{log};
    MainLoop loop;
    std::optional<Outcome> outcome;
    std::optional<SupervisorExecutor> executor;
};

}  // namespace

TEST_CASE("interfaces that do not exist are waited for and shown, not a reason to be active",
          "[ANY-1][BOOT-2]") {
    Bench bench(Role::primary);
    const Instant long_after = monotonic_now() + 20 * 15ms;
    CHECK(bench.run_until([&] { return monotonic_now() > long_after; }));
    const supervisor::Snapshot snapshot = bench.executor->snapshot();
    CHECK(snapshot.pair.state == redundancy::PairState::discovering);
    for (const supervisor::PortSnapshot& port : snapshot.ports) {
        CHECK_FALSE(port.link.present);
        CHECK(port.link.reason.find(port.link.interface_name) != std::string::npos);
    }
}

TEST_CASE("a stop request ends the life, a reload begins another", "[HB-8][ROLE-5]") {
    Bench bench(Role::standalone);
    bench.guard.expect("HASWITCHOVER_START");
    const auto kind = GENERATE(Outcome::Kind::exit, Outcome::Kind::restart);
    bench.executor->request(kind == Outcome::Kind::exit
                                ? supervisor::Input(supervisor::StopRequested{})
                                : supervisor::Input(supervisor::ReloadRequested{}));
    REQUIRE(bench.run_until([&] { return bench.outcome.has_value(); }));
    CHECK(bench.outcome->kind == kind);
}

TEST_CASE("what the machine wants kept is on disk when the executor ends", "[BOOT-5]") {
    Bench bench(Role::standalone);
    bench.guard.expect("HASWITCHOVER_START");
    bench.executor->request(supervisor::ClearPeerMac{});
    bench.executor.reset();
    const LoadedState loaded = begin_life({bench.folder.path()}, wall_now());
    CHECK_FALSE(loaded.damage);
    CHECK(loaded.state.records().size(records::Space::running_configuration) > 3);
}

TEST_CASE("a disk that cannot be written is told once and the supervisor runs on", "[ANY-1]") {
    Bench bench(Role::standalone);
    bench.guard.expect("HASWITCHOVER_START");
    bench.guard.expect("STORE_FAILED");
    std::filesystem::remove_all(bench.folder.path());
    const auto lines = [&] {
        std::size_t count = 0;
        for (const std::string& line : bench.log.last()) {
            count += line.find("STORE_FAILED") != std::string::npos ? 1 : 0;
        }
        return count;
    };
    bench.executor->request(supervisor::ClearPeerMac{});
    CHECK(bench.run_until([&] { return lines() > 0 || !bench.executor->snapshot().store_failed; }));
    CHECK(lines() <= 1);
    CHECK(bench.executor->snapshot().pair.state == redundancy::PairState::standalone);
}

TEST_CASE("a recorded life replays from its beginning to its end", "[journal]") {
    test::TemporaryDirectory folder;
    const std::string file = folder.path() + "/journal";
    std::vector<std::string> told;
    {
        JournalRecorder journal(file, [&](const std::string& text) { told.push_back(text); });
        Bench bench(Role::primary, &journal);
        bench.guard.expect("HASWITCHOVER_START");
        const Instant later = monotonic_now() + 10 * 15ms;
        CHECK(bench.run_until([&] { return monotonic_now() > later; }));
        bench.executor->request(supervisor::StopRequested{});
        REQUIRE(bench.run_until([&] { return bench.outcome.has_value(); }));
    }
    CHECK(told.empty());
    const std::string content = test::TemporaryDirectory::content(file);
    const auto records = journal::samples::records_of(wire::Bytes(content.begin(), content.end()));
    REQUIRE(records.size() >= 4);
    journal::Replay replay;
    replay.begin(std::get<journal::LifeBegun>(records.front()));
    for (std::size_t at = 1; at < records.size(); ++at)
        CHECK_FALSE(replay.step(std::get<journal::Step>(records[at])));
    const auto& last = std::get<journal::Step>(records.back());
    CHECK(std::holds_alternative<supervisor::Exit>(last.effects.back()));
}
