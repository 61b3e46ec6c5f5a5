// See verb_search.hpp. Threads share nothing but the number of the next seed and the summary; each
// seed is a world of its own.
#include "daemons/vsm-sim/verb_search.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

#include "daemons/vsm-sim/arguments.hpp"
#include "daemons/vsm-sim/seed_story.hpp"
#include "libsim/scenario/writer.hpp"
#include "libsim/search/search.hpp"
#include "libsim/search/shrink.hpp"

namespace vsm_sim {
namespace {

using std::chrono::steady_clock;

/// The behaviour that an invariant belongs to: a scenario names one.
std::string tag_of(const std::string& invariant) {
    static const std::map<std::string, std::string> kTags{
        {"one-active", "SB-1"},        {"no-second-active", "BOOT-4"},
        {"no-way-back", "ROLE-5"},     {"state-table", "ROLE-3"},
        {"same-verdict", "SB-1"},      {"one-reboot", "SB-1"},
        {"durable-numbers", "SYNC-2"}, {"durable-revisions", "SYNC-2"},
        {"newer-lives", "BOOT-5"},     {"true-claims", "HB-1"},
        {"kept-numbers", "VEM-1"},     {"kept-records", "SYNC-2"},
        {"patience", "LOSS-2"},        {"degraded", "HB-3"},
        {"one-address", "SW-5"},       {"undisturbed", "COL-3"},
        {"recovery", "SB-3"},          {"kept-changes", "SYNC-2"},
        {"equal-records", "SYNC-1"},
    };
    const auto found = kTags.find(invariant);
    return found == kTags.end() ? "ANY-1" : found->second;
}

struct Wanted {
    std::uint64_t first = 1;
    std::uint64_t seeds = 1000;
    double hours = 0;  ///< 0: as many as `seeds` says
    unsigned jobs = 1;
    std::uint64_t stop_after = 10;
    bool quiet = false;
    bool narrate = false;
    bool frames = false;
    std::string folder = ".";
    std::string commit;
};

class Search {
public:
    explicit Search(Wanted wanted)
        : wanted_(std::move(wanted)), next_(wanted_.first), began_(steady_clock::now()) {}

    int run() {
        std::vector<std::thread> threads;
        for (unsigned job = 0; job < wanted_.jobs; ++job)
            threads.emplace_back([this] { work(); });
        for (std::thread& thread : threads)
            thread.join();
        tell_summary();
        return total_.failures == 0 ? kFine : kBadVerdict;
    }

private:
    [[nodiscard]] bool is_over() const {
        if (failures_.load() >= wanted_.stop_after)
            return true;
        const std::chrono::duration<double> took = steady_clock::now() - began_;
        return wanted_.hours > 0 && took.count() > wanted_.hours * 3600;
    }

    void work() {
        sim::search::Summary mine;
        while (!is_over()) {
            const std::uint64_t seed = next_.fetch_add(1);
            if (wanted_.hours <= 0 && seed - wanted_.first >= wanted_.seeds)
                break;
            const sim::search::SeedResult result = sim::search::play_seed(seed);
            mine.add(result.summary);
            if (!result.outcome.held()) {
                failures_.fetch_add(1);
                tell_failure(seed, result);
            }
        }
        const std::lock_guard lock(mutex_);
        total_.add(mine);
    }

    void tell_failure(std::uint64_t seed, const sim::search::SeedResult& result) {
        const std::string invariant = result.outcome.invariant();
        const auto shrunk = sim::search::shrink(result.drawn.scenario, invariant);
        sim::scenario::Scenario scenario = shrunk.scenario;
        scenario.description = "Seed " + std::to_string(seed) + " of vsm-sim " VSM_HA_VERSION +
                               (wanted_.commit.empty() ? "" : ", commit " + wanted_.commit) +
                               ", made small. It violates the invariant " + invariant + ": " +
                               shrunk.what + ".\n";
        scenario.tags = {tag_of(invariant)};
        const std::string file = wanted_.folder + "/seed-" + std::to_string(seed) + ".yaml";
        const std::lock_guard lock(mutex_);
        std::printf("FAILED seed %llu: %s\n  %s\n", static_cast<unsigned long long>(seed),
                    invariant.c_str(), result.outcome.what().c_str());
        std::ofstream out(file);
        out << sim::scenario::write(scenario);
        out.close();
        if (out)
            std::printf("  made small (%zu steps instead of %zu): %s\n", scenario.steps.size(),
                        result.drawn.scenario.steps.size(), file.c_str());
        else
            std::printf("  %s cannot be written\n", file.c_str());
        if (wanted_.narrate)
            static_cast<void>(tell_story(scenario, wanted_.frames));
        std::fflush(stdout);
    }

    void tell_summary() {
        const std::chrono::duration<double> took = steady_clock::now() - began_;
        const std::chrono::duration<double> simulated = total_.virtual_time;
        const auto count = [](std::uint64_t number) {
            return static_cast<unsigned long long>(number);
        };
        std::printf("vsm-sim " VSM_HA_VERSION
                    "%s: %llu seeds from %llu, %llu failed; %.2f virtual "
                    "hours in %.1f s\n",
                    wanted_.commit.empty() ? "" : (" (" + wanted_.commit + ")").c_str(),
                    count(total_.seeds), count(wanted_.first), count(total_.failures),
                    simulated.count() / 3600, took.count());
        if (!wanted_.quiet)
            std::fputs(sim::search::describe(total_).c_str(), stdout);
    }

    Wanted wanted_;
    std::atomic<std::uint64_t> next_;
    std::atomic<std::uint64_t> failures_{0};
    steady_clock::time_point began_;
    std::mutex mutex_;
    sim::search::Summary total_;
};

tl::expected<Wanted, std::string> read(const std::vector<std::string>& words) {
    const auto arguments = parse_arguments(words, {{"--seeds", true},
                                                   {"--from", true},
                                                   {"--hours", true},
                                                   {"--jobs", true},
                                                   {"--stop-after", true},
                                                   {"--folder", true},
                                                   {"--commit", true},
                                                   {"--narrate", false},
                                                   {"--frames", false},
                                                   {"--quiet", false}});
    if (!arguments)
        return tl::unexpected(arguments.error());
    if (!arguments->words.empty())
        return tl::unexpected("unexpected word '" + arguments->words.front() + "'");
    Wanted wanted;
    std::string complaint;
    const auto number = [&](const char* option, std::uint64_t unless, std::uint64_t minimum,
                            std::uint64_t maximum) {
        if (!arguments->has(option))
            return unless;
        const auto parsed = parse_number(option, arguments->value(option), minimum, maximum);
        if (!parsed && complaint.empty())
            complaint = parsed.error();
        return parsed.value_or(unless);
    };
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    wanted.seeds = number("--seeds", wanted.seeds, 1, kMost);
    wanted.first = number("--from", wanted.first, 0, kMost);
    wanted.hours = static_cast<double>(number("--hours", 0, 1, 1000));
    wanted.jobs = static_cast<unsigned>(number("--jobs", 1, 1, 256));
    wanted.stop_after = number("--stop-after", wanted.stop_after, 1, kMost);
    wanted.narrate = arguments->has("--narrate");
    wanted.frames = arguments->has("--frames");
    wanted.quiet = arguments->has("--quiet");
    wanted.commit = arguments->value("--commit");
    if (arguments->has("--folder"))
        wanted.folder = arguments->value("--folder");
    if (!complaint.empty())
        return tl::unexpected(complaint);
    return wanted;
}

int run(const std::vector<std::string>& words) {
    auto wanted = read(words);
    if (!wanted)
        return refuse(kSearch, wanted.error());
    return Search(std::move(*wanted)).run();
}

}  // namespace

const Verb kSearch{
    "search",
    "look for violated invariants, seed by seed",
    "Usage: vsm-sim search [OPTION]...\n"
    "Draw a lab and faults from each seed, play them, and check after every step what must\n"
    "always hold. A seed that fails is made small and written to a file that 'vsm-sim run' plays.\n"
    "\n"
    "  --seeds N       how many seeds (1000)\n"
    "  --from S        the first seed (1)\n"
    "  --hours H       go on for so many hours instead\n"
    "  --jobs J        threads (1)\n"
    "  --stop-after K  give up after so many failures (10)\n"
    "  --folder DIR    where the files of failing seeds go (.)\n"
    "  --commit TEXT   named with each failure and in the summary\n"
    "  --narrate       print the story of each failure, made small\n"
    "  --frames        with what supervisors send each other\n"
    "  --quiet         only failures and one line at the end\n"
    "\n"
    "Exit status: 0 nothing was violated, 1 something was, 2 wrong usage.\n",
    run,
};

}  // namespace vsm_sim
