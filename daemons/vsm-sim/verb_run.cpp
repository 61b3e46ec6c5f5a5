// See verb_run.hpp. All files are read before any is played, so that a mistake costs nothing.
#include "daemons/vsm-sim/verb_run.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>

#include "daemons/vsm-sim/arguments.hpp"
#include "daemons/vsm-sim/journal_folder.hpp"
#include "daemons/vsm-sim/scenario_file.hpp"
#include "libsim/invariants/watch.hpp"
#include "libsim/play/player.hpp"
#include "libsim/play/printer.hpp"
#include "libsim/timeline/svg.hpp"
#include "libsim/timeline/text.hpp"

namespace vsm_sim {
namespace {

using sim::scenario::Scenario;

struct Settings {
    sim::play::PlayOptions options;
    bool timeline = false;
    std::string svg;       ///< a file, empty: none
    std::string keep;      ///< a folder, empty: none
    std::string journals;  ///< a folder, empty: none
};

/// False, after saying why, when it cannot be written.
bool write_file(const std::string& path, const std::string& text) {
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (stream.fail())
        std::fprintf(stderr, "vsm-sim run: %s cannot be written\n", path.c_str());
    return !stream.fail();
}

/// The logs of all nodes and the timeline, in a folder of their own.
bool keep(const std::string& folder, const Scenario& scenario, sim::play::Player& player,
          const sim::timeline::Recorder& recorder) {
    const std::filesystem::path place = std::filesystem::path(folder) / scenario.name;
    std::error_code fault;
    std::filesystem::create_directories(place, fault);
    bool good = true;
    for (sim::NodeIndex node = 0; node < player.world().nodes(); ++node) {
        const std::string& name = player.world().name(node);
        std::string text;
        for (const std::string& line : player.log(name))
            text += line + "\n";
        good = write_file((place / (name + ".log")).string(), text) && good;
    }
    return write_file((place / "timeline.txt").string(),
                      write_text(recorder, sim::timeline::Range::all)) &&
           write_file((place / "timeline.svg").string(), write_svg(recorder)) && good;
}

void print_line(const std::string& line) {
    std::puts(line.c_str());
}

/// Nothing, after saying why, when a file cannot be used.
std::optional<std::vector<Scenario>> read_all(const std::vector<std::string>& files) {
    std::vector<Scenario> scenarios;
    bool good = true;
    for (const std::string& file : files) {
        auto scenario = read_scenario_file(file);
        if (scenario) {
            scenarios.push_back(std::move(*scenario));
            continue;
        }
        good = false;
        for (const std::string& mistake : scenario.error())
            std::fprintf(stderr, "%s\n", mistake.c_str());
    }
    if (!good)
        return std::nullopt;
    return scenarios;
}

/// What the nodes logged last, for a failure.
void explain(sim::play::Player& player, sim::play::Printer& printer) {
    constexpr std::size_t kLastWords = 12;
    for (sim::NodeIndex node = 0; node < player.world().nodes(); ++node) {
        const std::string& name = player.world().name(node);
        printer.detail("--- " + name + " (" + player.process(name) + ")");
        const std::vector<std::string> lines = player.log(name);
        const std::size_t first = lines.size() - std::min(lines.size(), kLastWords);
        for (std::size_t line = first; line < lines.size(); ++line)
            printer.detail(lines[line]);
    }
}

/// All nodes are configured to understand each other, so that a healthy domain becomes whole.
bool is_plain(const Scenario& scenario) {
    const auto configures = [](const sim::scenario::Step& step) {
        const auto* start = std::get_if<sim::scenario::Start>(&step.action);
        return start != nullptr && start->config;
    };
    return std::none_of(scenario.steps.begin(), scenario.steps.end(), configures);
}

struct Played {
    bool held = false;
    bool written = true;  ///< everything that was to be written is
};

Played play(const Scenario& scenario, const Settings& settings) {
    sim::play::Printer printer(print_line);
    sim::timeline::Recorder recorder;
    recorder.name = scenario.name;
    recorder.description = scenario.description;
    sim::play::Witnesses witnesses;
    witnesses.add(printer);
    witnesses.add(recorder);
    sim::play::PlayOptions options = settings.options;
    options.witness = &witnesses;
    sim::play::Player player(scenario, options);
    const bool is_recorded = settings.timeline || !settings.svg.empty() || !settings.keep.empty();
    if (is_recorded)
        recorder.watch(player.world());
    std::optional<JournalFolder> journals;
    if (!settings.journals.empty())
        journals.emplace(player.world(), std::filesystem::path(settings.journals) / scenario.name);
    sim::invariants::Watch watch(player.world(), {is_plain(scenario)});
    player.world().add_observer(watch);
    printer.title(scenario, player.units());
    Played played;
    sim::play::Verdict verdict = player.play();
    if (!watch.violations().empty()) {
        const sim::invariants::Violation& first = watch.violations().front();
        verdict.held = false;
        verdict.failure = "the invariant " + first.invariant + " is violated after " +
                          sim::invariants::in_ms(first.at - sim::kBeginning) + ": " + first.what;
    }
    played.held = verdict.held;
    if (const std::string fault = journals ? journals->close() : ""; !fault.empty()) {
        std::fprintf(stderr, "vsm-sim run: %s\n", fault.c_str());
        played.written = false;
    }
    if (settings.timeline)
        std::fputs(write_text(recorder, sim::timeline::Range::steps).c_str(), stdout);
    if (!settings.svg.empty())
        played.written = write_file(settings.svg, write_svg(recorder)) && played.written;
    if (!verdict.held) {
        explain(player, printer);
        if (!settings.keep.empty())
            played.written = keep(settings.keep, scenario, player, recorder) && played.written;
    }
    printer.verdict(scenario, verdict);
    return played;
}

/// The settings, or what is wrong with how they are given.
tl::expected<Settings, std::string> settings_of(const Arguments& arguments) {
    Settings settings;
    const std::string timers = arguments.value("--timers");
    if (arguments.has("--timers")) {
        if (timers != "fast" && timers != "nx-os")
            return tl::unexpected("--timers is '" + timers + "', but must be fast or nx-os");
        settings.options.timers =
            timers == "fast" ? sim::scenario::Timers::fast : sim::scenario::Timers::nx_os;
    }
    if (arguments.has("--seed")) {
        const auto seed = parse_number("--seed", arguments.value("--seed"), 0,
                                       std::numeric_limits<std::uint64_t>::max());
        if (!seed)
            return tl::unexpected(seed.error());
        settings.options.seed = *seed;
    }
    settings.timeline = arguments.has("--timeline");
    settings.svg = arguments.value("--svg");
    settings.keep = arguments.value("--keep");
    settings.journals = arguments.value("--journals");
    if (arguments.has("--svg") && arguments.words.size() > 1)
        return tl::unexpected(std::string("--svg draws one scenario at a time"));
    return settings;
}

int run(const std::vector<std::string>& words) {
    const auto arguments = parse_arguments(words, {{"--timers", true},
                                                   {"--seed", true},
                                                   {"--timeline", false},
                                                   {"--svg", true},
                                                   {"--keep", true},
                                                   {"--journals", true}});
    if (!arguments)
        return refuse(kRun, arguments.error());
    if (arguments->words.empty())
        return refuse(kRun, "name one scenario file or more");
    const auto settings = settings_of(*arguments);
    if (!settings)
        return refuse(kRun, settings.error());
    const auto scenarios = read_all(arguments->words);
    if (!scenarios)
        return kCannotRun;
    std::size_t passed = 0;
    std::size_t skipped = 0;
    bool written = true;
    for (const Scenario& scenario : *scenarios) {
        if (!scenario.lab.worlds.sim) {
            std::printf("SKIP %s: it is for real wires only\n", scenario.name.c_str());
            ++skipped;
            continue;
        }
        const Played played = play(scenario, *settings);
        passed += played.held ? 1 : 0;
        written = written && played.written;
    }
    const std::size_t failed = scenarios->size() - passed - skipped;
    if (scenarios->size() > 1)
        std::printf("%zu passed, %zu failed, %zu skipped\n", passed, failed, skipped);
    if (failed > 0)
        return kBadVerdict;
    return written ? kFine : kCannotRun;
}

}  // namespace

const Verb kRun{
    "run",
    "play scenarios in virtual time",
    "Usage: vsm-sim run [OPTION]... FILE...\n"
    "Play scenario files in virtual time: what is done, what is observed, and a verdict for each.\n"
    "The same files are played on real wires by 'scripts/lab run'.\n"
    "\n"
    "  --timers PROFILE   fast or nx-os, instead of what the file says\n"
    "  --seed NUMBER      of everything that happens by chance, instead of the file's\n"
    "  --journals FOLDER  record every supervisor into FOLDER/SCENARIO, for 'vsm-sim replay'\n"
    "  --timeline         print every frame and state change from the first step on\n"
    "  --svg FILE         draw them as a sequence diagram\n"
    "  --keep FOLDER      keep the logs and the timelines of what failed\n"
    "\n"
    "Exit status: 0 every scenario held, 1 one did not, 2 a file has mistakes.\n",
    run,
};

}  // namespace vsm_sim
