// What a supervisor finds on its disk when it starts (BEHAVIOUR BOOT-5, VEM-1).
#include "libha/runtime/state_store.hpp"

#include <catch2/catch.hpp>

#include "libha/base/boots.hpp"
#include "test/support/temporary_directory.hpp"

using namespace ha;
using namespace ha::runtime;

namespace {

const WallTime kNow{std::chrono::seconds{1577836800 + 1000}};

}  // namespace

TEST_CASE("each life is counted before anybody hears of it", "[BOOT-5]") {
    const test::TemporaryDirectory folder;
    for (std::uint32_t life = 4000; life < 4003; ++life) {
        const LoadedState loaded = begin_life({folder.path()}, kNow);
        CHECK(loaded.fault.empty());
        CHECK_FALSE(loaded.damage);
        CHECK(loaded.store.has_value());
        CHECK(loaded.state.state().boots == life);
    }
}

TEST_CASE("what was written in one life is there in the next", "[BOOT-5][VEM-1]") {
    const test::TemporaryDirectory folder;
    const records::Changes changes{{{records::Space::modules, "m"}, "3 host"}};
    REQUIRE(begin_life({folder.path()}, kNow).store->commit(changes));
    const LoadedState loaded = begin_life({folder.path()}, kNow);
    CHECK(*loaded.state.records().find(changes[0].key) == "3 host");
}

TEST_CASE("a damaged store is set aside and a supervisor begins anew", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    const RecordPlace place{folder.path()};
    { REQUIRE(begin_life(place, kNow).fault.empty()); }
    folder.write(place.file(), "no store at all");
    const LoadedState loaded = begin_life(place, kNow);
    REQUIRE(loaded.damage);
    CHECK(folder.read(place.file() + ".damaged-1") == "no store at all");
    CHECK(loaded.state.state().boots == 4000);
    CHECK(loaded.store.has_value());
}

TEST_CASE("a folder that cannot be written keeps nobody from starting", "[ANY-1]") {
    const LoadedState loaded = begin_life({"/proc/self/none"}, kNow);
    CHECK_FALSE(loaded.store);
    CHECK(loaded.fault.find("/proc/self/none") != std::string::npos);
    CHECK(loaded.state.state().boots == 4000);
}

TEST_CASE("a later life has a greater incarnation, also after its store was lost", "[BOOT-5]") {
    const WallTime now{std::chrono::seconds{1577836800 + 1000}};
    CHECK(next_boot(0, now) == 4000);
    CHECK(next_boot(5000, now) == 5001);
    CHECK(next_boot(7, WallTime{}) == 8);
    CHECK(next_boot(UINT32_MAX, now) == UINT32_MAX);
    CHECK(new_incarnation(8) > new_incarnation(7));
    CHECK(static_cast<std::uint64_t>(new_incarnation(8)) >> 32U == 8);
}

TEST_CASE("lives that count the same are in order by time") {
    const WallTime now{std::chrono::milliseconds{1767225600000}};
    const auto at = [&](int ms, std::uint32_t random) {
        return make_incarnation(7, now + std::chrono::milliseconds{ms}, random);
    };
    CHECK(at(0, 0xffffffff) < at(1, 0));
    CHECK(at(248, 0xffffffff) < at(249, 0));
    CHECK(at(3, 1) != at(3, 2));
    CHECK(at(249, 0xffffffff) < make_incarnation(8, now, 0));
}
