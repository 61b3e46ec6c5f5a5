// A supervisor of another wire version in the peer's place: who stays out, for how long, and whose
// word counts.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

#include "libha/redundancy/decisions.hpp"
#include "libha/redundancy/pair.hpp"

using namespace ha;
using namespace ha::redundancy;
using namespace std::chrono_literals;
using wire::ClaimedState;

namespace {

constexpr Incarnation kOurs{0x100000001};
constexpr Incarnation kTheirs{0x200000001};
constexpr MacAddress kMac{{2, 0, 0, 0, 1, 9}};

/// A supervisor that hears one of version 2; h is 1 s, T 15 s.
struct Beside {
    Instant now{1000s};
    Pair pair;
    Effects effects;
    Slot slot;
    bool proven = false;

    explicit Beside(Role role, const std::function<void(Options&)>& tune = {})
        : pair(options(role, tune), now), slot(other_slot(slot_of(role))) {
        for (const PortKind port : kPortKinds)
            pair.step(LinkChanged{port, true, "", now}, effects);
    }
    static Options options(Role role, const std::function<void(Options&)>& tune) {
        Options options;
        options.role = role;
        options.incarnation = kOurs;
        if (tune)
            tune(options);
        return options;
    }
    void hear(const wire::Message& message, Incarnation life = kTheirs, MacAddress mac = kMac) {
        redundancy::FrameReceived input;
        input.received.frame.slot = slot;
        input.received.frame.role = slot == kPrimarySlot ? Role::primary : Role::secondary;
        input.received.frame.incarnation = life;
        input.received.frame.message = message;
        input.received.source = mac;
        input.received.authenticated = proven;
        input.received_at = input.now = now;
        pair.step(OtherVersionReceived{2, input, now}, effects);
    }
    void claim(ClaimedState state, Incarnation names = kNoIncarnation) {
        wire::SupervisorStatus status;
        status.state = state;
        status.names = names;
        hear(wire::Hello{status, {}});
    }
    void wait(Duration duration) {
        const Instant end = now + duration;
        while (pair.next_deadline() <= end) {
            now = std::max(now, pair.next_deadline());
            pair.step(Tick{now}, effects);
        }
        now = end;
    }
    void claim_for(Duration duration, ClaimedState state, Incarnation names = kNoIncarnation) {
        for (const Instant end = now + duration; now < end;) {
            claim(state, names);
            wait(1s);
        }
    }
    [[nodiscard]] std::ptrdiff_t count(catalog::MessageId id) const {
        return std::ranges::count_if(effects, [id](const Effect& effect) {
            const auto* report = std::get_if<catalog::Report>(&effect);
            return report != nullptr && report->id == id;
        });
    }
    /// What was sent to somebody, and not to everybody.
    [[nodiscard]] std::ptrdiff_t answers() const {
        return std::ranges::count_if(effects, [](const Effect& effect) {
            const auto* sent = std::get_if<SendMessage>(&effect);
            return sent != nullptr && sent->destination != kBroadcastMac;
        });
    }
};

/// Two supervisors on two cables, each of which takes the other for one of version 2.
class Apart {
public:
    explicit Apart(bool with_key) : with_key_(with_key) {}

    /// `knows` is the life of the other one that it has stored.
    void start(Role role, Incarnation life, Incarnation knows = kNoIncarnation) {
        Options options;
        options.role = role;
        options.incarnation = life;
        options.authenticated = with_key_;
        options.peer_incarnation = knows;
        Side& side = side_of(role);
        side.life = life;
        side.pair.emplace(options, now_);
        for (const PortKind port : kPortKinds)
            give(side, LinkChanged{port, true, "", now_});
    }
    void run(Duration duration) {
        for (const Instant end = now_ + duration; now_ < end; now_ += 100ms)
            for (Side& side : sides_)
                if (side.pair && side.pair->next_deadline() <= now_)
                    give(side, Tick{now_});
    }
    void stop(Role role) {
        give(side_of(role), StopRequested{wire::LeaveReason::stop, now_});
        side_of(role).pair.reset();
    }
    void separate(bool are_apart) { cut_ = are_apart; }
    PairState state(Role role) { return side_of(role).pair->state(); }

private:
    struct Side {
        Role role;
        Incarnation life{};
        std::optional<Pair> pair{};
    };

    Side& side_of(Role role) { return sides_[role == Role::primary ? 0 : 1]; }
    void give(Side& side, const Input& input) {
        Effects effects;
        side.pair->step(input, effects);
        for (const Effect& effect : effects)
            if (const auto* sent = std::get_if<SendMessage>(&effect))
                deliver(side, *sent);
    }
    /// What is left of a frame that another version reads.
    void deliver(const Side& from, const SendMessage& sent) {
        Side& to = sides_[from.role == Role::primary ? 1 : 0];
        if (cut_ || !to.pair)
            return;
        redundancy::FrameReceived input;
        input.received.frame.slot = slot_of(from.role);
        input.received.frame.role = from.role;
        input.received.frame.incarnation = from.life;
        input.received.source = from.role == Role::primary ? kMac : MacAddress{{2, 0, 0, 0, 1, 8}};
        input.received.authenticated = with_key_;
        input.port = sent.port;
        input.received_at = input.now = now_;
        const auto* hello = std::get_if<wire::Hello>(&sent.message);
        const auto* leaving = std::get_if<wire::Leaving>(&sent.message);
        if (hello != nullptr)
            input.received.frame.message = wire::Hello{kept(hello->status), {}};
        else if (leaving != nullptr)
            input.received.frame.message =
                wire::Leaving{kept(leaving->status), from.life, wire::LeaveReason::stop};
        else
            return;
        give(to, OtherVersionReceived{2, input, now_});
    }
    static wire::SupervisorStatus kept(const wire::SupervisorStatus& said) {
        wire::SupervisorStatus status;
        status.state = said.state;
        status.names = said.names;
        return status;
    }

    bool with_key_;
    bool cut_ = false;
    Instant now_{1000s};
    std::array<Side, 2> sides_{Side{Role::primary}, Side{Role::secondary}};
};

constexpr Incarnation kLater{0x300000001};

}  // namespace

TEST_CASE("An upgraded supervisor stays out, whatever the two know of each other",
          "[redundancy][version][BOOT-4]") {
    const bool with_key = GENERATE(false, true);
    const Role first = GENERATE(Role::primary, Role::secondary);
    const Role second = first == Role::primary ? Role::secondary : Role::primary;
    // What each has stored of the other: nothing, its present life, or the one before.
    const auto known_to_first = GENERATE(kNoIncarnation, kTheirs);
    const auto known_to_second = GENERATE(kNoIncarnation, kOurs, Incarnation{1});
    Apart apart(with_key);
    apart.start(first, kOurs, known_to_first);
    apart.run(4s);
    REQUIRE(apart.state(first) == PairState::active_alone);
    apart.start(second, kLater, known_to_second);
    for (int second_on = 0; second_on < 60; ++second_on) {
        apart.run(1s);
        REQUIRE(apart.state(first) == PairState::active_alone);
        REQUIRE(apart.state(second) == PairState::discovering);
    }
    SECTION("until the other one stops, and a discovery window") {
        apart.stop(first);
        apart.run(2s);
        CHECK(apart.state(second) == PairState::discovering);
        apart.run(2s);
        CHECK(apart.state(second) == PairState::active_alone);
    }
    SECTION("and of two actives the secondary restarts") {
        apart.separate(true);
        apart.run(30s);
        REQUIRE(apart.state(second) == PairState::active_alone);
        apart.separate(false);
        apart.run(20s);
        CHECK(apart.state(Role::primary) == PairState::active_alone);
        CHECK(apart.state(Role::secondary) == PairState::leaving);
    }
}

TEST_CASE("A supervisor stays out beside an established one of another version",
          "[redundancy][version][BOOT-4]") {
    const Role role = GENERATE(Role::primary, Role::secondary);
    const ClaimedState state =
        GENERATE(ClaimedState::active, ClaimedState::standby_ha, ClaimedState::switching_over);
    Beside beside(role);
    beside.claim_for(60s, state);
    CHECK(beside.pair.state() == PairState::discovering);
    const Snapshot shown = beside.pair.snapshot();
    CHECK_THAT(shown.reason, Catch::StartsWith("held back: sup-"));
    CHECK_THAT(shown.reason, Catch::EndsWith("speaks wire version 2, this supervisor version 1"));
    REQUIRE(shown.other_version);
    CHECK(shown.other_version->version == 2);
    CHECK(shown.other_version->mac == kMac);
    CHECK(beside.count(catalog::MessageId::other_version_heard) == 1);
    // It is told that we are there, and learns nothing of us, nor we of it.
    CHECK(beside.answers() > 0);
    CHECK(beside.pair.peer_macs()[0].is_zero());

    SECTION("until it has been silent for T") {
        beside.wait(13s);
        CHECK(beside.pair.state() == PairState::discovering);
        beside.wait(1s);
        CHECK(beside.pair.state() == PairState::active_alone);
        CHECK(beside.count(catalog::MessageId::other_version_gone) == 1);
        CHECK_FALSE(beside.pair.snapshot().other_version);
    }
    SECTION("until it says that it leaves, and a discovery window after that") {
        beside.hear(wire::Leaving{{}, kTheirs, wire::LeaveReason::stop});
        beside.wait(2s);
        CHECK(beside.pair.state() == PairState::discovering);
        beside.wait(1s);
        CHECK(beside.pair.state() == PairState::active_alone);
    }
    SECTION("and the farewell of another life changes nothing") {
        beside.hear(wire::Leaving{{}, Incarnation{77}, wire::LeaveReason::stop}, Incarnation{77});
        beside.wait(10s);
        CHECK(beside.pair.state() == PairState::discovering);
    }
}

TEST_CASE("Of two that boot with different versions the primary goes first",
          "[redundancy][version][BOOT-4]") {
    Beside primary(Role::primary);
    primary.claim_for(3s, ClaimedState::initializing);
    CHECK(primary.pair.state() == PairState::active_alone);
    Beside secondary(Role::secondary);
    secondary.claim_for(10s, ClaimedState::initializing);
    CHECK(secondary.pair.state() == PairState::discovering);
    secondary.wait(3s);
    CHECK(secondary.pair.state() == PairState::active_alone);
}

TEST_CASE("Of two actives with different versions the secondary restarts after T",
          "[redundancy][version][SB-1][SB-2]") {
    CHECK(decide_other_version(Personality::vsm) == kSecondarySlot);
    CHECK(decide_other_version(Personality::vsg) == kPrimarySlot);
    const Role role = GENERATE(Role::primary, Role::secondary);
    const Personality personality = GENERATE(Personality::vsm, Personality::vsg);
    Beside beside(role, [&](Options& options) { options.personality = personality; });
    beside.wait(3s);
    REQUIRE(beside.pair.state() == PairState::active_alone);
    beside.claim_for(14s, ClaimedState::active);
    CHECK(beside.pair.state() == PairState::active_alone);
    beside.claim_for(2s, ClaimedState::active);
    const bool loses = decide_other_version(personality) == slot_of(role);
    CHECK(beside.pair.state() == (loses ? PairState::leaving : PairState::active_alone));
    // A single frame, whatever it says, restarts nobody.
    Beside once(role, [&](Options& options) { options.personality = personality; });
    once.wait(3s);
    once.claim(ClaimedState::active);
    once.wait(60s);
    CHECK(once.pair.state() == PairState::active_alone);
    // Nor do a few of one that is gone.
    once.claim_for(3s, ClaimedState::active);
    once.wait(60s);
    CHECK(once.pair.state() == PairState::active_alone);
}

TEST_CASE("With a key only proven frames that name this life hold anybody back",
          "[redundancy][version][HB-8]") {
    Beside beside(Role::secondary, [](Options& options) { options.authenticated = true; });
    SECTION("a recorded one does not") {
        beside.proven = true;
        beside.claim_for(3s, ClaimedState::active, Incarnation{5});
        CHECK(beside.pair.state() == PairState::active_alone);
        beside.claim_for(60s, ClaimedState::active);
        CHECK(beside.pair.state() == PairState::active_alone);
    }
    SECTION("a living one does, and only itself can end it at once") {
        beside.proven = true;
        beside.claim_for(20s, ClaimedState::active, kOurs);
        CHECK(beside.pair.state() == PairState::discovering);
        beside.hear(wire::Leaving{{}, kTheirs, wire::LeaveReason::stop});
        beside.wait(5s);
        CHECK(beside.pair.state() == PairState::discovering);
        wire::SupervisorStatus knows_us;
        knows_us.names = kOurs;
        beside.hear(wire::Leaving{knows_us, kTheirs, wire::LeaveReason::stop});
        beside.wait(3s);
        CHECK(beside.pair.state() == PairState::active_alone);
    }
}

TEST_CASE("Who makes up versions, lives and MACs disturbs nobody",
          "[redundancy][version][ANY-1][COL-3]") {
    Beside beside(Role::primary);
    beside.wait(3s);
    REQUIRE(beside.pair.state() == PairState::active_alone);
    beside.effects.clear();
    for (unsigned frame = 0; frame < 10'000; ++frame) {
        MacAddress mac = kMac;
        mac.octets[4] = static_cast<std::uint8_t>(frame);
        wire::SupervisorStatus status;
        status.state = ClaimedState::active;
        beside.hear(wire::Hello{status, {}}, Incarnation{1000 + frame}, mac);
        if (frame % 100 == 0)
            beside.wait(100ms);
    }
    CHECK(beside.pair.state() == PairState::active_alone);
    CHECK(beside.count(catalog::MessageId::other_version_heard) <= 2);
    CHECK(beside.answers() <= 11 * 16);
}
