// What a supervisor keeps: order, copies and the comparison that brings a standby up to date.
#include "libha/records/database.hpp"

#include <catch2/catch.hpp>

using namespace ha::records;

namespace {

Change set(Space space, const std::string& name, const std::string& value) {
    return {{space, name}, value};
}
Change erase(Space space, const std::string& name) {
    return {{space, name}, std::nullopt};
}

}  // namespace

TEST_CASE("A later change of the same record wins, and erasing what is not there is nothing") {
    Database database;
    database.apply({set(Space::modules, "a", "1"), erase(Space::modules, "b"),
                    set(Space::modules, "a", "2"), set(Space::modules, "c", "3"),
                    erase(Space::modules, "c")});
    CHECK(database.size() == 1);
    REQUIRE(database.find({Space::modules, "a"}) != nullptr);
    CHECK(*database.find({Space::modules, "a"}) == "2");
    CHECK(database.find({Space::modules, "c"}) == nullptr);
    CHECK(database.find({Space::facts, "a"}) == nullptr);
}

TEST_CASE("Numbered records come in the order of their numbers") {
    Database database;
    for (const std::uint64_t number : {256ULL, 1ULL, 255ULL, 0x100000000ULL, 0ULL})
        database.apply({set(Space::accounting, sequence_name(number), std::to_string(number))});
    std::vector<std::string> values;
    for (const auto& [key, value] : database.of(Space::accounting)) {
        CHECK(std::to_string(sequence_of(key.name).value()) == value);
        values.push_back(value);
    }
    CHECK(values == std::vector<std::string>{"0", "1", "255", "256", "4294967296"});
    CHECK_FALSE(sequence_of("short"));
    CHECK(database.of(Space::events).empty());
}

TEST_CASE("Copying a space changes what differs and nothing else", "[SW-4]") {
    Database database;
    database.apply({set(Space::running_configuration, "a", "1"),
                    set(Space::running_configuration, "b", "2"),
                    set(Space::startup_configuration, "b", "old"),
                    set(Space::startup_configuration, "c", "3")});
    const Changes changes =
        database.copy(Space::running_configuration, Space::startup_configuration);
    CHECK(changes == Changes{set(Space::startup_configuration, "a", "1"),
                             set(Space::startup_configuration, "b", "2"),
                             erase(Space::startup_configuration, "c")});
    database.apply(changes);
    CHECK(database.copy(Space::running_configuration, Space::startup_configuration).empty());
    database.apply(database.clear(Space::startup_configuration));
    CHECK(database.size(Space::startup_configuration) == 0);
    CHECK(database.size(Space::running_configuration) == 2);
}

TEST_CASE("A standby takes in what is replicated and keeps what is its own", "[SYNC-1]") {
    Database active;
    active.apply({set(Space::modules, "m", "3"), set(Space::checkpoints, "k", "v"),
                  set(Space::identity, "boots", "7")});
    Database standby;
    standby.apply({set(Space::modules, "gone", "4"), set(Space::checkpoints, "k", "v"),
                   set(Space::identity, "boots", "2")});
    const Changes changes = standby.replicate(active);
    CHECK(changes == Changes{erase(Space::modules, "gone"), set(Space::modules, "m", "3")});
    standby.apply(changes);
    CHECK(*standby.find({Space::identity, "boots"}) == "2");
    CHECK(standby.replicate(active).empty());
}
