// What a verb of vsm-sim is. Each has a file of its own, verb_NAME.cpp, that defines one Verb, and
// a line in the table of main.cpp.
#pragma once

#include <string>
#include <vector>

namespace vsm_sim {

inline constexpr int kFine = 0;
inline constexpr int kBadVerdict = 1;  ///< the verb did its work, and the answer is no
inline constexpr int kCannotRun = 2;   ///< wrong usage, or a file that cannot be used

struct Verb {
    const char* name;
    const char* summary;  ///< one line of --help
    /// What `vsm-sim NAME --help` prints, whole. Options start with two dashes at the beginning of
    /// an indented line: bash completion reads them from here.
    const char* help;
    /// Gets what followed the verb, `--help` excepted. Gives the exit status.
    int (*run)(const std::vector<std::string>& words);
};

/// The verb of that name, nullptr when there is none.
const Verb* find_verb(const std::string& name);

/// Says on standard error what is wrong with how `verb` was called; gives kCannotRun.
int refuse(const Verb& verb, const std::string& text);

}  // namespace vsm_sim
