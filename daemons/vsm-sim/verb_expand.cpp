// See verb_expand.hpp.
#include "daemons/vsm-sim/verb_expand.hpp"

#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>

#include "daemons/vsm-sim/arguments.hpp"
#include "daemons/vsm-sim/scenario_file.hpp"
#include "libsim/scenario/json.hpp"

namespace vsm_sim {
namespace {

using sim::scenario::Timers;

int run(const std::vector<std::string>& words) {
    const auto arguments = parse_arguments(words, {{"--timers", true}});
    if (!arguments)
        return refuse(kExpand, arguments.error());
    if (arguments->words.empty())
        return refuse(kExpand, "name one scenario file or more");
    std::optional<Timers> timers;
    if (arguments->has("--timers")) {
        const std::string word = arguments->value("--timers");
        if (word != "fast" && word != "nx-os")
            return refuse(kExpand, "timers are '" + word + "', but must be fast or nx-os");
        timers = word == "fast" ? Timers::fast : Timers::nx_os;
    }
    std::string documents;
    bool good = true;
    for (const std::string& path : arguments->words) {
        auto scenario = read_scenario_file(path);
        if (!scenario) {
            for (const std::string& mistake : scenario.error())
                std::fprintf(stderr, "%s\n", mistake.c_str());
            good = false;
            continue;
        }
        if (timers)
            scenario->lab = with_timers(scenario->lab, *timers);
        documents += to_json(*scenario).dump() + "\n";
    }
    if (!good)
        return kCannotRun;
    std::fputs(documents.c_str(), stdout);
    return kFine;
}

}  // namespace

const Verb kExpand{
    "expand",
    "check scenario files and print them as JSON",
    "Usage: vsm-sim expand [OPTION]... FILE...\n"
    "Read scenario files and print a JSON document a line for each, with everything resolved:\n"
    "defaults filled in, short forms written out, times in milliseconds, and the line of each "
    "step.\n"
    "All mistakes of all files are told on standard error, and then nothing is printed.\n"
    "\n"
    "  --timers WHICH  the timers fast or nx-os instead of those of the file\n"
    "\n"
    "Exit status: 0 all files are well-formed, 2 they are not, or wrong usage.\n",
    run,
};

}  // namespace vsm_sim
