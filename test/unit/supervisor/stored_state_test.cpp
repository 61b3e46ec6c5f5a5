// What a supervisor reads from its records at its start: all it wrote, and nothing impossible.
#include "libha/supervisor/stored_state.hpp"

#include <catch2/catch.hpp>

using namespace ha;
using namespace ha::supervisor;
using records::Space;

namespace {

Uuid host(std::uint8_t number) {
    Uuid uuid;
    uuid.octets.fill(number);
    return uuid;
}

PersistentState sample() {
    PersistentState state;
    state.boots = 7;
    state.peer_macs = {MacAddress{{2, 0, 0, 0, 1, 2}}, MacAddress{{2, 0, 0, 0, 2, 2}}};
    state.peer_incarnation = Incarnation{~std::uint64_t{0}};
    state.configuration_maker = 1;
    state.configuration_revision = 23;
    state.modules = {{host(1), Slot{3}, "host one"}, {host(2), Slot{4}, ""}};
    return state;
}

}  // namespace

TEST_CASE("A state comes back from its records as it was", "[BOOT-5][VEM-1]") {
    const StoredState stored{sample()};
    CHECK(stored.state() == sample());
    CHECK(StoredState(stored.records()).state() == sample());
    CHECK(changes_between(sample(), sample()).empty());
}

TEST_CASE("What changed is written and nothing else", "[SYNC-2]") {
    StoredState stored{sample()};
    PersistentState after = sample();
    after.modules = {{host(3), Slot{3}, "three"}, {host(2), Slot{4}, "renamed"}};
    after.peer_macs[1] = {};
    const auto changes = changes_between(sample(), after);
    CHECK(changes.size() == 4);
    stored.apply(changes);
    CHECK(stored.state() == after);
    CHECK(stored.records().size(Space::modules) == 2);
    CHECK(stored.count_boot(8).size() == 1);
    CHECK(stored.state().boots == 8);
}

TEST_CASE("A record that is impossible counts as none", "[ANY-1]") {
    records::Database database;
    const std::string name = host(1).to_string();
    database.apply({{{Space::identity, "boots"}, "many"},
                    {{Space::identity, "peer-mac control"}, "ff:ff:ff:ff:ff:ff"},
                    {{Space::identity, "peer-mac mgmt"}, "nonsense"},
                    {{Space::identity, "peer-incarnation"}, "-1"},
                    {{Space::facts, "configuration"}, "5"},
                    {{Space::modules, "no host"}, "3 x"},
                    {{Space::modules, name}, "2 a supervisor"},
                    {{Space::modules, host(2).to_string()}, "67 too high"},
                    {{Space::modules, host(3).to_string()}, "3 " + std::string(64, 'x')},
                    {{Space::modules, host(4).to_string()}, "4 first"},
                    {{Space::modules, host(5).to_string()}, "4 second"}});
    PersistentState expected;
    expected.configuration_maker = 5;
    expected.modules = {{host(4), Slot{4}, "first"}};
    CHECK(state_of(database) == expected);
}
