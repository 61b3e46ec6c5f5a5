// Random faults on a whole domain, by seed: the pair and its modules. Then everything heals, and
// all modules must be with the one active of an HA pair, under the numbers they had. A failing seed
// prints itself.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "test/support/virtual_domain.hpp"

using namespace ha;
using namespace std::chrono_literals;
using test::VirtualDomain;

namespace {

constexpr std::size_t kModules = 4;

wire::Keyring one_key() {
    wire::Key key;
    key.id = 1;
    key.secret.fill(9);
    return {{key}};
}

void fault(VirtualDomain& domain, std::mt19937_64& random) {
    const std::size_t node = random() % domain.nodes();
    const PortKind port = random() % 2 == 0 ? PortKind::control : PortKind::mgmt;
    switch (random() % 8) {
        case 0:
            domain.crash(node);
            break;
        case 1:
            domain.stop(node);
            break;
        case 2:
        case 3:
            if (!domain.runs(node))
                domain.boot(node);
            break;
        case 4:
            domain.heal();
            break;
        case 5:
            domain.set_loss(0.01 * static_cast<double>(random() % 40));
            break;
        case 6:
            for (const PortKind both : kPortKinds)
                for (std::size_t other = 0; other < domain.nodes(); ++other)
                    domain.cut(node, other, both);
            break;
        default:
            domain.cut(node, random() % domain.nodes(), port);
    }
}

std::map<std::size_t, Slot> numbers(const VirtualDomain& domain) {
    std::map<std::size_t, Slot> found;
    for (std::size_t index = 0; index < kModules; ++index)
        found[index] = domain.module(index).module;
    return found;
}

/// Faults by seed, then healing: everything must be whole again within a bound, and stay so.
void play(unsigned seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    VirtualDomain domain{kModules, seed, seed % 3 == 0 ? one_key() : wire::Keyring{}};
    for (std::size_t node = 0; node < domain.nodes(); ++node)
        domain.boot(node);
    REQUIRE(domain.run_until([&] { return domain.is_whole(); }, 10s));
    const auto given = numbers(domain);
    const unsigned faults = 1 + static_cast<unsigned>(random() % 15);
    for (unsigned count = 0; count < faults; ++count) {
        fault(domain, random);
        domain.run_for(std::chrono::milliseconds{random() % 1500});
    }
    domain.heal();
    for (std::size_t node = 0; node < domain.nodes(); ++node)
        if (!domain.runs(node))
            domain.boot(node);
    const bool whole = domain.run_until([&] { return domain.is_whole(); }, 15s);
    INFO(domain.describe());
    REQUIRE(whole);
    CHECK(numbers(domain) == given);
    domain.run_for(5s);
    CHECK(domain.is_whole());
}

}  // namespace

TEST_CASE("Whatever happened, a healed domain has every module with its one active",
          "[VEM-1][VEM-2][VEM-3][VEM-4][SB-3]") {
    const char* wanted = std::getenv("VSM_HA_SEEDS");
    const unsigned seeds = wanted != nullptr ? static_cast<unsigned>(std::atoi(wanted)) : 300;
    for (unsigned seed = 1; seed <= seeds; ++seed)
        play(seed);
}

// Each of them ended badly once (docs/bugs.md).
TEST_CASE("Domains that did not heal once heal now", "[SB-1]") {
    play(2628);  // each of two actives had found, on different freezes, that the other reboots
}

TEST_CASE("A takeover moves all modules within a few frames", "[LOSS-2][VEM-4]") {
    VirtualDomain domain{kModules, 1, {}};
    for (std::size_t node = 0; node < domain.nodes(); ++node)
        domain.boot(node);
    REQUIRE(domain.run_until([&] { return domain.is_whole(); }, 10s));
    domain.crash(0);
    REQUIRE(domain.run_until(
        [&] {
            for (std::size_t index = 0; index < kModules; ++index)
                if (domain.module(index).supervisor != kSecondarySlot)
                    return false;
            return true;
        },
        300ms));
}
