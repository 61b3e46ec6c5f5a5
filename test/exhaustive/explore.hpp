// Enumerates every sequence of choices of a small world up to a number of events. A machine cannot
// be copied, so a sequence is played again from its start; sequences that gave both machines the
// same inputs and left the same frames under way are one world and are followed once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "test/exhaustive/small_world.hpp"

namespace test::exhaustive {

struct Exploration {
    std::uint64_t interleavings = 0;  ///< sequences of `depth` events
    std::uint64_t worlds = 0;         ///< different ones at their ends
    std::uint64_t states = 0;         ///< different ones anywhere
    std::string failure;              ///< empty: none; else the sequence and both traces
};

class Explorer {
public:
    /// What must hold of a world at the end of a sequence, once it is calm: "" or what is wrong.
    using Verdict = std::function<std::string(SmallWorld&)>;

    Explorer(Setup setup, unsigned depth, Verdict verdict)
        : setup_(std::move(setup)), depth_(depth), verdict_(std::move(verdict)) {}

    Exploration run();

private:
    /// How many sequences go on from here. `world` is the one that path_ leads to, and is used up.
    std::uint64_t visit(SmallWorld& world);
    void fail(const SmallWorld& world, const std::string& problem);

    Setup setup_;
    unsigned depth_;
    Verdict verdict_;
    std::vector<Event> path_;
    std::unordered_map<Key, std::uint64_t, KeyHash> known_;
    Exploration result_;
};

}  // namespace test::exhaustive
