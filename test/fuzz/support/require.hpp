// What a fuzz target checks: a property that does not hold ends the program, so that libFuzzer
// keeps the input that broke it, with the place in its trace.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace test::fuzz {

/// `what` says what should have been true.
inline void require(bool holds, std::string_view what) {
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

}  // namespace test::fuzz
