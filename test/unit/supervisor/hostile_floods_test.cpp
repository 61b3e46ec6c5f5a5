// What somebody can make a supervisor learn, send, store and log with many frames, or with old
// ones: no more than an honest peer could.
#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using test::VirtualPair;
using wire::DropReason;

namespace {

constexpr MacAddress kOldMachine{{0x02, 0, 0, 0, 0x77, 0x77}};

wire::Keyring ring() {
    wire::Key key;
    key.id = 1;
    key.secret.fill(0x11);
    return {{key}};
}

wire::SupervisorStatus status(wire::ClaimedState state, Incarnation names) {
    wire::SupervisorStatus made;
    made.state = state;
    made.names = names;
    made.heartbeat_interval = 1s;
    made.loss_interval = 15s;
    return made;
}

/// A frame of the primary, as a machine that is or was there would make it.
wire::Bytes frame_of_primary(const MacAddress& source, std::uint64_t incarnation,
                             std::uint64_t sequence, wire::Message message,
                             const wire::Keyring& keys) {
    wire::Frame frame;
    frame.domain = DomainId{100};
    frame.slot = kPrimarySlot;
    frame.role = Role::primary;
    frame.incarnation = Incarnation{incarnation};
    frame.sequence = sequence;
    frame.message = std::move(message);
    wire::Bytes payload = wire::encode(frame);
    wire::seal(payload, source, keys);
    return payload;
}

void receive(VirtualPair& world, const std::string& name, const MacAddress& source,
             const wire::Bytes& payload) {
    world.input(name, [&](Instant now) {
        return supervisor::FrameReceived{PortKind::control, source, payload, now, now};
    });
}

std::uint64_t sent(VirtualPair& world, const std::string& name) {
    std::uint64_t sum = 0;
    const auto snapshot = world.snapshot(name);
    for (const auto& counter : snapshot.ports[0].sent)
        sum += counter.count;
    return sum;
}

std::uint64_t dropped(VirtualPair& world, const std::string& name, DropReason reason) {
    return world.snapshot(name).ports[0].dropped[static_cast<std::size_t>(reason)].count;
}

MacAddress learnt(VirtualPair& world, const std::string& name) {
    return world.snapshot(name).pair.peer.ports[0].learnt_mac;
}

VirtualPair make_pair(bool keyed) {
    VirtualPair world;
    const auto tune = [&](supervisor::Options& options) {
        if (keyed)
            options.keyring = ring();
    };
    world.add("a", Role::primary, tune);
    world.add("b", Role::secondary, tune);
    return world;
}

}  // namespace

TEST_CASE("With a key, recorded frames teach no MAC on first contact", "[hostile][BOOT-5]") {
    VirtualPair world = make_pair(true);
    world.start("b");
    // A machine that once was the primary, before this supervisor booted: all its proofs are good.
    for (std::uint64_t sequence = 1; sequence <= 50; ++sequence)
        receive(world, "b", kOldMachine,
                frame_of_primary(
                    kOldMachine, 0x500000001, sequence,
                    wire::Hello{status(wire::ClaimedState::active, kNoIncarnation), {}}, ring()));
    CHECK(learnt(world, "b").is_zero());
    CHECK(world.state("b") == PairState::discovering);
    // The real primary is not kept out.
    world.start("a");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 5s));
    CHECK(learnt(world, "b") == VirtualPair::mac(world.node("a"), PortKind::control));
}

TEST_CASE("With a key, recorded frames do not replace an absent peer", "[hostile][BOOT-5]") {
    VirtualPair world = make_pair(true);
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 5s));
    world.kill("a");
    world.run(60s);
    REQUIRE(world.state("b") == PairState::active_alone);
    const MacAddress peer = learnt(world, "b");
    for (std::uint64_t sequence = 1; sequence <= 50; ++sequence)
        receive(world, "b", kOldMachine,
                frame_of_primary(
                    kOldMachine, 0x500000001, sequence,
                    wire::Hello{status(wire::ClaimedState::active, Incarnation{77}), {}}, ring()));
    CHECK(learnt(world, "b") == peer);
    CHECK(world.state("b") == PairState::active_alone);
    CHECK(dropped(world, "b", DropReason::not_for_us) >= 50);
    // A machine that really is there and proves it now is learnt: the primary was replaced.
    const Incarnation names = world.snapshot("b").pair.incarnation;
    receive(
        world, "b", kOldMachine,
        frame_of_primary(kOldMachine, 0x600000001, 1,
                         wire::Hello{status(wire::ClaimedState::initializing, names), {}}, ring()));
    CHECK(learnt(world, "b") == kOldMachine);
}

TEST_CASE("With a key, everything recorded before a restart means nothing after it",
          "[hostile][ANY-1]") {
    VirtualPair world = make_pair(true);
    world.record = true;
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 5s));
    world.run(20s);
    const auto recorded = world.seen;
    world.kill("a");
    world.kill("b");
    world.start("b");
    const auto state = world.state("b");
    for (const auto& frame : recorded)
        world.input("b", [&](Instant now) {
            return supervisor::FrameReceived{frame.port, frame.source, frame.payload, now, now};
        });
    CHECK(world.state("b") == state);
    CHECK_FALSE(world.snapshot("b").pair.peer.present);
    // Nothing was taken for a sign of life: alone it becomes active when its window ends.
    CHECK(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 3100ms));
}

TEST_CASE("Nobody makes a supervisor send as fast as he does", "[hostile][ANY-1]") {
    const bool keyed = GENERATE(false, true);
    VirtualPair world = make_pair(keyed);
    world.start("b");
    const wire::Keyring keys = keyed ? ring() : wire::Keyring{};
    SECTION("while it looks for a peer") {
        CHECK(world.state("b") == PairState::discovering);
    }
    SECTION("while it is active and alone") {
        REQUIRE(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 5s));
    }
    const auto before = sent(world, "b");
    for (std::uint64_t sequence = 1; sequence <= 1000; ++sequence)
        receive(
            world, "b", kOldMachine,
            frame_of_primary(
                kOldMachine, 0x100000001, sequence,
                wire::Hello{status(wire::ClaimedState::initializing, kNoIncarnation), {}}, keys));
    CHECK(sent(world, "b") - before <= 20);
    CHECK(dropped(world, "b", DropReason::rate_limited) >= 980);
    // It is not deaf afterwards.
    world.run(1100ms);
    const auto later = sent(world, "b");
    receive(world, "b", kOldMachine,
            frame_of_primary(
                kOldMachine, 0x100000001, 2000,
                wire::Hello{status(wire::ClaimedState::initializing, kNoIncarnation), {}}, keys));
    CHECK(sent(world, "b") == later + 1);
}

TEST_CASE("A standby that claims to hold more than there is is not believed", "[hostile][SYNC-1]") {
    VirtualPair world = make_pair(false);
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 5s));
    const auto& b = world.node("b");
    wire::Frame frame;
    frame.domain = DomainId{100};
    frame.slot = kSecondarySlot;
    frame.role = Role::secondary;
    frame.incarnation = world.snapshot("b").pair.incarnation;
    frame.sequence = 5000;
    wire::HeartbeatResponse response;
    response.status = status(wire::ClaimedState::standby_ha, world.snapshot("a").pair.incarnation);
    response.status.applied_revision = ~std::uint64_t{0};
    frame.message = response;
    const auto applied = world.snapshot("a").pair.applied_revision;
    receive(world, "a", VirtualPair::mac(b, PortKind::control), wire::encode(frame));
    CHECK(world.snapshot("a").pair.applied_revision == applied);
    CHECK(dropped(world, "a", DropReason::malformed_tlv) == 1);
}

TEST_CASE("Collisions are bounded in memory, answers and lines of the log", "[hostile][COL-1]") {
    VirtualPair world = make_pair(false);
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 5s));
    world.node("a").reports.clear();
    const auto before = sent(world, "a");
    for (unsigned index = 0; index < 2000; ++index) {
        const MacAddress source{{0x02, 8, 8, 8, static_cast<std::uint8_t>(index >> 8U),
                                 static_cast<std::uint8_t>(index)}};
        receive(world, "a", source,
                frame_of_primary(
                    source, 0x900000001 + index, 1,
                    wire::Hello{status(wire::ClaimedState::active, kNoIncarnation), {}}, {}));
    }
    CHECK(world.is_ha("a", "b"));
    CHECK(world.snapshot("a").pair.collisions.size() == redundancy::kMaximumCollisions);
    CHECK(sent(world, "a") - before <= 1);
    CHECK(world.node("a").reports.size() <= redundancy::kMaximumCollisions + 2);
    world.run(30s);
    CHECK(world.is_ha("a", "b"));
}

TEST_CASE("Timers that differ with every frame do not fill the log", "[hostile][ANY-1]") {
    VirtualPair world = make_pair(false);
    world.start("b");
    REQUIRE(world.run_until([&] { return world.state("b") == PairState::active_alone; }, 5s));
    world.node("b").reports.clear();
    for (std::uint64_t sequence = 1; sequence <= 1000; ++sequence) {
        auto changing = status(wire::ClaimedState::initializing, kNoIncarnation);
        changing.loss_interval = std::chrono::milliseconds{6000 + sequence};
        receive(
            world, "b", kOldMachine,
            frame_of_primary(kOldMachine, 0x100000001, sequence, wire::Hello{changing, {}}, {}));
    }
    const auto& reports = world.node("b").reports;
    CHECK(std::ranges::count(reports, catalog::MessageId::interval_differs, &catalog::Report::id) ==
          1);
    CHECK(reports.size() <= 3);
}

TEST_CASE("Frames refused for their proof are told to the log, once a minute", "[hostile][ANY-1]") {
    VirtualPair world = make_pair(true);
    world.start("a");
    world.start("b");
    REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 5s));
    auto& reports = world.node("b").reports;
    reports.clear();
    const auto unsealed =
        frame_of_primary(kOldMachine, 0x100000001, 1,
                         wire::Hello{status(wire::ClaimedState::active, kNoIncarnation), {}}, {});
    for (int round = 0; round < 100; ++round)
        receive(world, "b", kOldMachine, unsealed);
    REQUIRE(reports.size() == 1);
    CHECK(
        catalog::render(reports[0]) ==
        "%REDUNDANCY-4-FRAMES_REJECTED: 1 frame(s) rejected as authentication-missing on control");
    world.run(61s);
    receive(world, "b", kOldMachine, unsealed);
    REQUIRE(reports.size() == 2);
    CHECK(reports[1].arguments[0] == "100");
}
