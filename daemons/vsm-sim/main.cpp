// vsm-sim: what supervisors and modules do, without a network, root or waiting. Finds the verb and
// hands over to it; a new verb is a line in the table.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "daemons/vsm-sim/verb.hpp"
#include "daemons/vsm-sim/verb_expand.hpp"
#include "daemons/vsm-sim/verb_help.hpp"
#include "daemons/vsm-sim/verb_replay.hpp"
#include "daemons/vsm-sim/verb_run.hpp"
#include "daemons/vsm-sim/verb_search.hpp"

namespace vsm_sim {
namespace {

constexpr std::array kVerbs{
    &kRun, &kExpand, &kReplay, &kSearch, &kHelp,
};

void print_usage() {
    std::fputs(
        "Usage: vsm-sim VERB [OPTION]... [WORD]...\n"
        "Run supervisors (VSM) and modules (VEM) in virtual time, on virtual wires.\n"
        "\n",
        stdout);
    for (const Verb* verb : kVerbs)
        std::printf("  %-9s %s\n", verb->name, verb->summary);
    std::fputs(
        "\n"
        "  --version  print the version and exit\n"
        "  --help     print this help, or after a verb that of the verb, and exit\n"
        "\n"
        "Exit status: 0 fine, 1 the verdict is bad, 2 wrong usage or a bad file.\n",
        stdout);
}

int refuse_usage(const std::string& text) {
    std::fprintf(stderr, "vsm-sim: %s\nTry 'vsm-sim --help' for more information.\n", text.c_str());
    return kCannotRun;
}

int run(const std::vector<std::string>& words) {
    if (words.empty())
        return refuse_usage("a verb is missing");
    const std::string& name = words.front();
    if (name == "--help" || name == "-h") {
        print_usage();
        return kFine;
    }
    if (name == "--version" || name == "-V") {
        std::puts("vsm-sim (vsm-ha) " VSM_HA_VERSION);
        return kFine;
    }
    if (name.starts_with('-'))
        return refuse_usage("unknown option '" + name + "'");
    const Verb* verb = find_verb(name);
    if (verb == nullptr)
        return refuse_usage("unknown verb '" + name + "'");
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    const auto end_of_options = std::find(rest.begin(), rest.end(), "--");
    for (const char* help : {"--help", "-h"}) {
        if (std::find(rest.begin(), end_of_options, help) != end_of_options) {
            std::fputs(verb->help, stdout);
            return kFine;
        }
    }
    return verb->run(rest);
}

}  // namespace

const Verb* find_verb(const std::string& name) {
    const auto found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                    [&](const Verb* verb) { return name == verb->name; });
    return found == kVerbs.end() ? nullptr : *found;
}

int refuse(const Verb& verb, const std::string& text) {
    std::fprintf(stderr, "vsm-sim %s: %s\nTry 'vsm-sim %s --help' for more information.\n",
                 verb.name, text.c_str(), verb.name);
    return kCannotRun;
}

}  // namespace vsm_sim

int main(int argc, char** argv) {
    return vsm_sim::run({argv + std::min(argc, 1), argv + argc});
}
