// See verb_help.hpp.
#include "daemons/vsm-sim/verb_help.hpp"

#include <cstdio>

namespace vsm_sim {
namespace {

int run(const std::vector<std::string>& words) {
    if (words.size() != 1)
        return refuse(kHelp, "name one verb");
    const Verb* verb = find_verb(words.front());
    if (verb == nullptr)
        return refuse(kHelp, "unknown verb '" + words.front() + "'");
    std::fputs(verb->help, stdout);
    return kFine;
}

}  // namespace

const Verb kHelp{
    "help",
    "say how a verb is used",
    "Usage: vsm-sim help VERB\n"
    "Print what 'vsm-sim VERB --help' prints.\n",
    run,
};

}  // namespace vsm_sim
