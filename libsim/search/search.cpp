// See search.hpp.
#include "libsim/search/search.hpp"

#include <algorithm>

namespace sim::search {

using ha::redundancy::PairState;

namespace {

/// "12 345 678".
std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t from_end = 3; from_end < text.size(); from_end += 4)
        text.insert(text.size() - from_end, " ");
    return text;
}

std::string line(const std::string& name, std::uint64_t count) {
    std::string text = "  " + name;
    text.resize(std::max<std::size_t>(text.size() + 1, 46), ' ');
    return text + grouped(count) + "\n";
}

std::string transitions(const invariants::Coverage& coverage) {
    std::string text;
    for (std::size_t from = 0; from < coverage.transitions.size(); ++from)
        for (std::size_t to = 0; to < coverage.transitions[from].size(); ++to)
            if (coverage.transitions[from][to] != 0)
                text += line(std::string(to_string(static_cast<PairState>(from))) + " -> " +
                                 std::string(to_string(static_cast<PairState>(to))),
                             coverage.transitions[from][to]);
    return text;
}

std::string reports(const invariants::Coverage& coverage) {
    std::string text;
    for (const auto& entry : ha::catalog::entries()) {
        const auto count = coverage.reports[static_cast<std::size_t>(entry.id)];
        if (count != 0)
            text += line(std::string(entry.facility) + "-" + std::string(entry.mnemonic), count);
    }
    return text;
}

}  // namespace

void Summary::add(const Summary& other) {
    seeds += other.seeds;
    failures += other.failures;
    virtual_time += other.virtual_time;
    for (std::size_t kind = 0; kind < faults.size(); ++kind)
        faults[kind] += other.faults[kind];
    with_stranger += other.with_stranger;
    with_other_domain += other.with_other_domain;
    coverage.add(other.coverage);
    for (const auto& [id, theirs] : other.worst) {
        invariants::Facts::Worst& known = worst[id];
        if (theirs.is_worse_than(known))
            known = theirs;
    }
}

SeedResult play_seed(std::uint64_t seed) {
    SeedResult result;
    result.drawn = draw(seed);
    Stage stage(result.drawn.scenario);
    result.outcome = stage.play();
    Summary& summary = result.summary;
    summary.seeds = 1;
    summary.failures = result.outcome.held() ? 0 : 1;
    summary.virtual_time = result.outcome.took;
    summary.faults = result.drawn.faults;
    summary.with_stranger = result.drawn.has_stranger ? 1 : 0;
    summary.with_other_domain = result.drawn.has_other_domain ? 1 : 0;
    summary.coverage = stage.watch().coverage();
    summary.worst = stage.watch().facts().worst;
    return result;
}

std::string describe(const Summary& summary) {
    std::string text = "Faults drawn:\n";
    for (std::size_t kind = 0; kind < summary.faults.size(); ++kind)
        text += line(std::string(to_string(static_cast<FaultKind>(kind))), summary.faults[kind]);
    text += "Seeds with:\n";
    text += line("a supervisor whose role clashes", summary.with_stranger);
    text += line("a second domain", summary.with_other_domain);
    text += "Changes of state:\n" + transitions(summary.coverage);
    text += "Reports:\n" + reports(summary.coverage);
    text += "The longest that something took, and its bound:\n";
    for (const auto& [id, worst] : summary.worst)
        text += "  " + id + ": " + invariants::in_ms(worst.took) + " of " +
                invariants::in_ms(worst.bound) + "\n";
    text += "Changes asked for " + grouped(summary.coverage.changes_asked) + ", made " +
            grouped(summary.coverage.changes_made) + "\n";
    text += "Lives " + grouped(summary.coverage.lives) + ", steps " +
            grouped(summary.coverage.steps) + ", frames " + grouped(summary.coverage.frames) + "\n";
    return text;
}

}  // namespace sim::search
