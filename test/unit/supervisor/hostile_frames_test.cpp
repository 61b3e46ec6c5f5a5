// Frames that a pair must survive: broken, replayed, foreign, forged, reflected. None of them
// changes the pair, makes it answer, or goes uncounted. Each case runs without and with a key.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "libha/wire/layout.hpp"
#include "test/support/virtual_pair.hpp"

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using test::VirtualPair;
using wire::DropReason;

namespace {

constexpr MacAddress kStranger{{0x02, 0, 0, 0, 0x66, 0x66}};
constexpr const char* kNodes[] = {"a", "b"};

wire::Key key(std::uint8_t id, std::uint8_t fill) {
    wire::Key made;
    made.id = id;
    made.secret.fill(fill);
    return made;
}

/// A pair in HA with some of its traffic recorded, and the tools to attack it.
class Target {
public:
    explicit Target(bool keyed) : keyed_(keyed) {
        const auto tune = [&](supervisor::Options& options) {
            options.keyring = ring();
            options.modules.incarnation = options.pair.incarnation;
        };
        world.record = true;
        world.add("a", Role::primary, tune);
        world.add("b", Role::secondary, tune);
        world.start("a");
        world.start("b");
        REQUIRE(world.run_until([&] { return world.is_ha("a", "b"); }, 10s));
        world.run(5300ms);
        heard = world.seen;
    }

    [[nodiscard]] wire::Keyring ring() const {
        return keyed_ ? wire::Keyring{{key(1, 0x11)}} : wire::Keyring{};
    }
    [[nodiscard]] bool keyed() const { return keyed_; }
    static const char* peer_of(const std::string& name) { return name == "a" ? "b" : "a"; }
    MacAddress mac(const std::string& name, PortKind port) {
        return VirtualPair::mac(world.node(name), port);
    }

    /// Everything a frame could change in `name`, as text.
    std::string state_of(const std::string& name) {
        const auto snapshot = world.snapshot(name);
        const auto& pair = snapshot.pair;
        const auto count = [](Instant at) { return std::to_string(at.time_since_epoch().count()); };
        std::string text =
            std::string(to_string(pair.state)) + "|" + pair.reason + "|" + count(pair.since) + "|" +
            (pair.degraded ? "degraded" : "") + "|" + count(pair.degraded_since) + "|" +
            to_string(pair.peer.incarnation) + (pair.peer.present ? "|present|" : "|absent|") +
            count(pair.peer.since) + "|" + std::to_string(pair.revision) + "|" +
            std::to_string(pair.applied_revision) + "|" + std::to_string(pair.trace.size()) + "|" +
            std::to_string(pair.collisions.size()) + "|" +
            std::to_string(pair.loss_interval.count()) + "|" +
            std::to_string(pair.heartbeat_interval.count()) + "|" +
            std::to_string(snapshot.modules.modules.size()) + "|" +
            std::to_string(world.node(name).restarts) +
            (snapshot.holds_address ? "|address" : "|no address");
        for (const auto& port : pair.peer.ports)
            text += "|" + port.learnt_mac.to_string() + " " +
                    (port.last_heard ? count(*port.last_heard) : "never");
        return text;
    }

    std::uint64_t dropped(const std::string& name, PortKind port, DropReason reason) {
        return world.snapshot(name)
            .ports[index_of(port)]
            .dropped[static_cast<std::size_t>(reason)]
            .count;
    }
    std::uint64_t dropped_in_all(const std::string& name) {
        std::uint64_t sum = 0;
        const auto snapshot = world.snapshot(name);
        for (const auto& port : snapshot.ports)
            for (const auto& counter : port.dropped)
                sum += counter.count;
        return sum;
    }
    std::uint64_t sent_in_all(const std::string& name) {
        std::uint64_t sum = 0;
        const auto snapshot = world.snapshot(name);
        for (const auto& port : snapshot.ports)
            for (const auto& counter : port.sent)
                sum += counter.count;
        return sum;
    }

    void attack(const std::string& name, PortKind port, const MacAddress& source,
                const wire::Bytes& payload) {
        world.input(name, [&](Instant now) {
            return supervisor::FrameReceived{port, source, payload, now, now};
        });
    }
    /// The frame is refused with this reason, and nothing else happens.
    void refused(const std::string& name, PortKind port, const MacAddress& source,
                 const wire::Bytes& payload, DropReason reason) {
        const std::string before = state_of(name);
        const auto count = dropped(name, port, reason);
        const auto sum = dropped_in_all(name);
        const auto sent = sent_in_all(name);
        attack(name, port, source, payload);
        INFO(name << ", " << to_string(port) << ", " << wire::to_string(reason));
        CHECK(dropped(name, port, reason) == count + 1);
        CHECK(dropped_in_all(name) == sum + 1);
        CHECK(sent_in_all(name) == sent);
        CHECK(state_of(name) == before);
    }

    /// The frames of `name`'s peer that `name` has received.
    std::vector<VirtualPair::Seen> to(const std::string& name) {
        std::vector<VirtualPair::Seen> frames;
        for (const auto& frame : heard)
            if (frame.source == mac(peer_of(name), frame.port) &&
                (frame.destination == kBroadcastMac || frame.destination == mac(name, frame.port)))
                frames.push_back(frame);
        return frames;
    }
    /// The newest frame of the peer on control, changed and sealed anew with `keys`.
    wire::Bytes forged(const std::string& name, const std::function<void(wire::Frame&)>& change,
                       const MacAddress& source, const wire::Keyring& keys) {
        auto frame = *wire::decode(to(name).back().payload);
        frame.sequence += 1000;
        change(frame);
        wire::Bytes payload = wire::encode(frame);
        wire::seal(payload, source, keys);
        return payload;
    }

    VirtualPair world;
    std::vector<VirtualPair::Seen> heard;

private:
    bool keyed_;
};

}  // namespace

TEST_CASE("Truncated frames change nothing", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    for (const char* name : kNodes) {
        const auto frames = target.to(name);
        REQUIRE(frames.size() > 5);
        for (std::size_t index = 0; index < frames.size(); index += frames.size() / 5)
            for (std::size_t length = 0; length < frames[index].payload.size(); ++length)
                target.refused(name, frames[index].port, frames[index].source,
                               wire::Bytes(frames[index].payload.begin(),
                                           frames[index].payload.begin() +
                                               static_cast<std::ptrdiff_t>(length)),
                               DropReason::truncated);
    }
}

TEST_CASE("Oversized frames change nothing", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    for (const char* name : kNodes) {
        auto frame = target.to(name).back();
        frame.payload.resize(wire::kMaximumPayload + 1);
        target.refused(name, frame.port, frame.source, frame.payload, DropReason::oversized);
    }
}

TEST_CASE("Random frames change nothing and are all counted", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    std::mt19937_64 random(3);  // NOLINT: the same bytes in every run
    for (const char* name : kNodes) {
        const std::string before = target.state_of(name);
        const auto dropped = target.dropped_in_all(name);
        const auto sent = target.sent_in_all(name);
        constexpr int kRounds = 5000;
        for (int round = 0; round < kRounds; ++round) {
            wire::Bytes payload(random() % 200);
            for (auto& octet : payload)
                octet = static_cast<std::uint8_t>(random());
            // Half of them look like ours at first.
            if (round % 2 == 0 && payload.size() > 6)
                std::ranges::copy(std::array<std::uint8_t, 6>{'V', 'S', 'H', 'A', 1, 2},
                                  payload.begin());
            target.attack(name, PortKind::control,
                          target.mac(Target::peer_of(name), PortKind::control), payload);
        }
        CHECK(target.dropped_in_all(name) == dropped + kRounds);
        CHECK(target.sent_in_all(name) == sent);
        CHECK(target.state_of(name) == before);
    }
}

TEST_CASE("Replayed frames change nothing", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    for (const char* name : kNodes)
        for (const auto& frame : target.to(name))
            target.refused(name, frame.port, frame.source, frame.payload, DropReason::replayed);
}

TEST_CASE("A wire that doubles every frame does not disturb the pair", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    const auto trace = target.world.snapshot("a").pair.trace.size();
    std::size_t doubled = target.world.seen.size();
    for (int round = 0; round < 300; ++round) {
        target.world.run(100ms);
        const auto seen = target.world.seen;
        for (; doubled < seen.size(); ++doubled)
            target.world.inject(seen[doubled].port, seen[doubled].source, seen[doubled].destination,
                                seen[doubled].payload);
        target.world.run(1ms);
        doubled = target.world.seen.size();
    }
    CHECK(target.world.is_ha("a", "b"));
    CHECK(target.world.snapshot("a").pair.trace.size() == trace);
    for (const char* name : kNodes)
        CHECK(target.dropped(name, PortKind::control, DropReason::replayed) > 25);
}

TEST_CASE("Frames that arrive in another order are used once and disturb nothing",
          "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    auto& world = target.world;
    // b hears nothing on control for some seconds; what it missed then comes newest first.
    world.cut("b", PortKind::control, true, false);
    const std::size_t first = world.seen.size();
    world.run(5s);
    world.heal("b");
    std::vector<VirtualPair::Seen> missed;
    for (std::size_t index = first; index < world.seen.size(); ++index)
        if (world.seen[index].source == target.mac("a", PortKind::control))
            missed.push_back(world.seen[index]);
    REQUIRE(missed.size() > 3);
    std::ranges::reverse(missed);
    const auto dropped = target.dropped_in_all("b");
    for (const auto& frame : missed)
        target.attack("b", frame.port, frame.source, frame.payload);
    CHECK(target.dropped_in_all("b") == dropped);
    CHECK(world.is_ha("a", "b"));
    for (const auto& frame : missed)
        target.refused("b", frame.port, frame.source, frame.payload, DropReason::replayed);
    world.run(60s);
    CHECK(world.is_ha("a", "b"));
    CHECK(world.node("a").restarts + world.node("b").restarts == 0);
}

TEST_CASE("Frames of a foreign domain change nothing", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    for (const char* name : kNodes)
        for (const MacAddress source :
             {kStranger, target.mac(Target::peer_of(name), PortKind::control)})
            target.refused(name, PortKind::control, source,
                           target.forged(
                               name, [](wire::Frame& frame) { frame.domain = DomainId{101}; },
                               source, target.ring()),
                           DropReason::foreign_domain);
}

TEST_CASE("Frames of the peer's slot from an unlearnt MAC change nothing", "[hostile][BOOT-5]") {
    Target target(GENERATE(false, true));
    for (const char* name : kNodes) {
        target.refused(name, PortKind::control, kStranger,
                       target.forged(
                           name, [](wire::Frame&) {}, kStranger, target.ring()),
                       DropReason::unlearnt_mac);
        // Not for a newer life either, nor for what a newcomer says of itself.
        target.refused(name, PortKind::control, kStranger,
                       target.forged(
                           name,
                           [](wire::Frame& frame) {
                               frame.incarnation = Incarnation{~std::uint64_t{0}};
                               wire::Hello hello;
                               hello.status.state = wire::ClaimedState::active;
                               hello.status.heartbeat_interval = 1s;
                               hello.status.loss_interval = 15s;
                               frame.message = hello;
                           },
                           kStranger, target.ring()),
                       DropReason::unlearnt_mac);
        CHECK(target.world.snapshot(name).pair.last_rejected_mac == kStranger);
    }
}

TEST_CASE("A thousand strangers make one line of the log", "[hostile][BOOT-5]") {
    Target target(GENERATE(false, true));
    target.world.node("a").reports.clear();
    for (unsigned index = 0; index < 1000; ++index) {
        const MacAddress source{{0x02, 9, 9, 9, static_cast<std::uint8_t>(index >> 8U),
                                 static_cast<std::uint8_t>(index)}};
        target.attack("a", PortKind::control, source,
                      target.forged(
                          "a", [](wire::Frame&) {}, source, target.ring()));
    }
    CHECK(target.dropped("a", PortKind::control, DropReason::unlearnt_mac) == 1000);
    CHECK(target.world.node("a").reports.size() == 1);
    CHECK(target.world.snapshot("a").pair.unlearnt_rejected == 1000);
}

TEST_CASE("A spoofed MAC without the right key changes nothing", "[hostile][ANY-1]") {
    Target target(true);
    const wire::Keyring wrong{{key(1, 0x22)}};
    const wire::Keyring unknown{{key(9, 0x11)}};
    for (const char* name : kNodes) {
        const MacAddress peer = target.mac(Target::peer_of(name), PortKind::control);
        const auto farewell = [](wire::Frame& frame) {
            wire::Leaving leaving;
            leaving.status.names = kNoIncarnation;
            leaving.status.heartbeat_interval = 1s;
            leaving.status.loss_interval = 15s;
            leaving.subject = frame.incarnation;
            frame.message = leaving;
        };
        target.refused(name, PortKind::control, peer, target.forged(name, farewell, peer, wrong),
                       DropReason::authentication_failed);
        target.refused(name, PortKind::control, peer, target.forged(name, farewell, peer, unknown),
                       DropReason::unknown_key);
        target.refused(name, PortKind::control, peer, target.forged(name, farewell, peer, {}),
                       DropReason::authentication_missing);
        // A proof made for one source MAC is worth nothing from another.
        target.refused(name, PortKind::control, kStranger,
                       target.forged(name, farewell, peer, target.ring()),
                       DropReason::authentication_failed);
    }
}

TEST_CASE("A sealed frame where no key is set changes nothing", "[hostile][ANY-1]") {
    Target target(false);
    for (const char* name : kNodes) {
        const MacAddress peer = target.mac(Target::peer_of(name), PortKind::control);
        target.refused(name, PortKind::control, peer,
                       target.forged(name, [](wire::Frame&) {}, peer, {{key(1, 0x11)}}),
                       DropReason::authentication_unexpected);
    }
}

TEST_CASE("Our own frames reflected change nothing", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    for (const char* name : kNodes)
        for (const auto& frame : target.to(Target::peer_of(name)))
            target.refused(name, frame.port, target.mac(name, frame.port), frame.payload,
                           DropReason::own_frame);
}

TEST_CASE("Our own frames from another MAC change nothing", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    for (const char* name : kNodes)
        for (const auto& frame : target.to(Target::peer_of(name)))
            target.attack(name, frame.port, kStranger, frame.payload);
    for (const char* name : kNodes) {
        CHECK(target.world.snapshot(name).pair.collisions.empty());
        CHECK(target.dropped_in_all(name) == target.to(Target::peer_of(name)).size());
    }
    target.world.run(30s);
    CHECK(target.world.is_ha("a", "b"));
}

TEST_CASE("Frames moved to the other port change nothing", "[hostile][ANY-1]") {
    Target target(GENERATE(false, true));
    for (const char* name : kNodes)
        for (const auto& frame : target.to(name)) {
            const PortKind other =
                frame.port == PortKind::control ? PortKind::mgmt : PortKind::control;
            target.refused(name, other, frame.source, frame.payload, DropReason::wrong_port);
        }
}

TEST_CASE("An earlier life of the peer is not believed", "[hostile][BOOT-5]") {
    Target target(GENERATE(false, true));
    const auto first_life = target.to("b");
    target.world.kill("a");
    REQUIRE(target.world.run_until(
        [&] { return target.world.state("b") == PairState::active_alone; }, 16s));
    target.world.start("a");
    REQUIRE(target.world.run_until([&] { return target.world.is_ha("b", "a"); }, 10s));
    // The replay windows of b still know these.
    for (const auto& frame : first_life)
        target.refused("b", frame.port, frame.source, frame.payload, DropReason::replayed);
    // Fresh numbers of the old life: only without a key can they be made.
    const std::string before = target.state_of("b");
    auto frame = *wire::decode(first_life.back().payload);
    frame.sequence += 1000;
    std::visit(
        [](auto& message) {
            if constexpr (requires { message.status; })
                message.status.names = kNoIncarnation;
        },
        frame.message);
    wire::Bytes payload = wire::encode(frame);
    wire::seal(payload, first_life.back().source, target.ring());
    target.refused("b", PortKind::control, first_life.back().source, payload,
                   DropReason::stale_incarnation);
}
