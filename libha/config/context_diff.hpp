// Two texts compared line by line, in the layout of `diff -c`.
#pragma once

#include <string>
#include <vector>

namespace ha::config {

struct NumberedLines {
    std::vector<std::string> lines;
    std::size_t first = 1;  ///< the number of the first of them, where the reader sees it
};

/// Lines that are shown before and after each difference, as NX-OS does.
inline constexpr std::size_t kContext = 5;

/// The lines of the comparison from the first "***************" on, without the two that name the
/// texts; empty when there is no difference. The fewest lines are marked (a longest common
/// subsequence). No line ends in a space.
std::vector<std::string> context_diff(const NumberedLines& before, const NumberedLines& after);

}  // namespace ha::config
