// See context_diff.hpp. Hirschberg's algorithm: a longest common subsequence in linear memory.
#include "libha/config/context_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <utility>

namespace ha::config {
namespace {

/// Equal lines have equal numbers.
using Line = std::uint32_t;
using Lines = std::span<const Line>;

/// How long the common subsequence of `before` and each start of `after` is; of each end of it when
/// both are read backwards.
std::vector<std::uint32_t> lengths(Lines before, Lines after, bool backwards) {
    std::vector<std::uint32_t> row(after.size() + 1, 0);
    for (std::size_t at = 0; at < before.size(); ++at) {
        const Line line = before[backwards ? before.size() - 1 - at : at];
        std::uint32_t diagonal = 0;
        for (std::size_t column = 1; column <= after.size(); ++column) {
            const Line other = after[backwards ? after.size() - column : column - 1];
            const std::uint32_t above = row[column];
            row[column] = line == other ? diagonal + 1 : std::max(above, row[column - 1]);
            diagonal = above;
        }
    }
    return row;
}

/// Marks the lines of both that stay.
class Comparison {
public:
    Comparison(Lines before, Lines after)
        : before_(before),
          after_(after),
          stays_before(before.size(), false),
          stays_after(after.size(), false) {
        compare(0, before.size(), 0, after.size());
    }

private:
    Lines before_;
    Lines after_;

public:
    std::vector<bool> stays_before;
    std::vector<bool> stays_after;

private:
    void stay(std::size_t before, std::size_t after) {
        stays_before[before] = true;
        stays_after[after] = true;
    }

    void compare(std::size_t begin, std::size_t end, std::size_t from, std::size_t to) {
        while (begin < end && from < to && before_[begin] == after_[from])
            stay(begin++, from++);
        while (begin < end && from < to && before_[end - 1] == after_[to - 1])
            stay(--end, --to);
        if (begin == end || from == to)
            return;
        if (end - begin == 1) {
            const auto rest = after_.subspan(from, to - from);
            const auto found = std::ranges::find(rest, before_[begin]);
            if (found != rest.end())
                stay(begin, from + static_cast<std::size_t>(found - rest.begin()));
            return;
        }
        const std::size_t middle = begin + (end - begin) / 2;
        const auto after = after_.subspan(from, to - from);
        const auto first = lengths(before_.subspan(begin, middle - begin), after, false);
        const auto second = lengths(before_.subspan(middle, end - middle), after, true);
        std::size_t best = 0;
        for (std::size_t split = 1; split <= after.size(); ++split) {
            if (first[split] + second[after.size() - split] >
                first[best] + second[after.size() - best])
                best = split;
        }
        compare(begin, middle, from, from + best);
        compare(middle, end, from + best, to);
    }
};

/// A run of lines that differ: [begin, end) of the one text in place of [from, to) of the other.
struct Change {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t from = 0;
    std::size_t to = 0;
};

std::vector<Change> changes_of(const Comparison& comparison) {
    std::vector<Change> changes;
    const auto& before = comparison.stays_before;
    const auto& after = comparison.stays_after;
    std::size_t at = 0;
    std::size_t other = 0;
    while (at < before.size() || other < after.size()) {
        Change change{at, at, other, other};
        while (change.end < before.size() && !before[change.end])
            ++change.end;
        while (change.to < after.size() && !after[change.to])
            ++change.to;
        at = change.end + 1;
        other = change.to + 1;
        if (change.begin < change.end || change.from < change.to)
            changes.push_back(change);
    }
    return changes;
}

std::string range(std::size_t first, std::size_t begin, std::size_t end) {
    // An empty range is named by the line before it, a single line by itself.
    if (end - begin <= 1)
        return std::to_string(first + end - 1);
    return std::to_string(first + begin) + "," + std::to_string(first + end - 1);
}

std::string marked(char mark, const std::string& line) {
    std::string text = std::string(1, mark) + ' ' + line;
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// Changes whose context touches, as one block.
void write_hunk(std::span<const Change> changes, const NumberedLines& before,
                const NumberedLines& after, std::vector<std::string>& out) {
    const Change& first = changes.front();
    const Change& last = changes.back();
    const std::size_t lead = std::min({first.begin, first.from, kContext});
    const std::size_t trail =
        std::min({before.lines.size() - last.end, after.lines.size() - last.to, kContext});
    bool removes = false;
    bool adds = false;
    for (const Change& change : changes) {
        removes = removes || change.begin < change.end;
        adds = adds || change.from < change.to;
    }
    out.emplace_back("***************");
    out.push_back("*** " + range(before.first, first.begin - lead, last.end + trail) + " ****");
    std::size_t at = first.begin - lead;
    for (const Change& change : changes) {
        for (; removes && at < change.begin; ++at)
            out.push_back(marked(' ', before.lines[at]));
        for (at = change.begin; at < change.end; ++at)
            out.push_back(marked(change.from < change.to ? '!' : '-', before.lines[at]));
    }
    for (; removes && at < last.end + trail; ++at)
        out.push_back(marked(' ', before.lines[at]));
    out.push_back("--- " + range(after.first, first.from - lead, last.to + trail) + " ----");
    at = first.from - lead;
    for (const Change& change : changes) {
        for (; adds && at < change.from; ++at)
            out.push_back(marked(' ', after.lines[at]));
        for (at = change.from; at < change.to; ++at)
            out.push_back(marked(change.begin < change.end ? '!' : '+', after.lines[at]));
    }
    for (; adds && at < last.to + trail; ++at)
        out.push_back(marked(' ', after.lines[at]));
}

}  // namespace

std::vector<std::string> context_diff(const NumberedLines& before, const NumberedLines& after) {
    std::map<std::string_view, Line> numbers;
    const auto number = [&numbers](const std::vector<std::string>& lines) {
        std::vector<Line> numbered;
        for (const std::string& line : lines)
            numbered.push_back(
                numbers.emplace(line, static_cast<Line>(numbers.size())).first->second);
        return numbered;
    };
    const auto one = number(before.lines);
    const auto other = number(after.lines);
    const auto changes = changes_of(Comparison(one, other));
    std::vector<std::string> out;
    std::size_t begin = 0;
    for (std::size_t end = 1; end <= changes.size(); ++end) {
        if (end < changes.size() && changes[end].begin - changes[end - 1].end <= 2 * kContext)
            continue;
        write_hunk(std::span(changes).subspan(begin, end - begin), before, after, out);
        begin = end;
    }
    return out;
}

}  // namespace ha::config
