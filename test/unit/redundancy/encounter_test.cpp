// One meeting of two actives: what counts as both knowing both tuples (BEHAVIOUR SB-1).
#include "libha/redundancy/encounter.hpp"

#include <catch2/catch.hpp>

using ha::redundancy::Encounter;
using ha::wire::Arbitration;
using ha::wire::ArbitrationTuple;

namespace {

ArbitrationTuple tuple(std::uint32_t number, std::uint16_t modules) {
    ArbitrationTuple made;
    made.number = number;
    made.module_count = modules;
    return made;
}

}  // namespace

TEST_CASE("An encounter is complete when each side has seen its own tuple come back", "[SB-1]") {
    Encounter mine{tuple(1, 2)};
    CHECK(mine.receive({tuple(5, 0), {}}));
    CHECK_FALSE(mine.complete());
    CHECK_FALSE(mine.receive({tuple(5, 0), tuple(1, 2)}));
    CHECK(mine.complete());
}

TEST_CASE("Another freeze of the other side opens the comparison again", "[SB-1]") {
    Encounter mine{tuple(1, 2)};
    mine.receive({tuple(5, 0), tuple(1, 2)});
    REQUIRE(mine.complete());
    CHECK(mine.receive({tuple(6, 4), {}}));
    CHECK_FALSE(mine.complete());
    SECTION("and what was sent before it, overtaken on the way, does not bring the old one back") {
        CHECK_FALSE(mine.receive({tuple(5, 0), tuple(1, 2)}));
        CHECK_FALSE(mine.complete());
        CHECK(mine.theirs() == tuple(6, 4));
    }
    CHECK_FALSE(mine.receive({tuple(6, 4), tuple(1, 2)}));
    CHECK(mine.complete());
}
