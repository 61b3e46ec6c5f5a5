// Frames nobody honest would send, to a module and to a registry: nothing crashes, nothing attached
// is moved, no deadline stands still, and what they make us send is bounded (BEHAVIOUR ANY-1).
#include <random>

#include "test/unit/module/bench.hpp"

using namespace vem::test;
using vem::module::State;
namespace wire = ha::wire;

namespace {

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t limit) {
    return random() % limit;
}

/// Any message there is, with plausible and absurd values.
wire::Message any_message(Random& random) {
    const auto slot = [&] { return ha::Slot{static_cast<std::uint8_t>(below(random, 70))}; };
    const auto life = [&] {
        const std::uint64_t lives[] = {0, 10, 77, 78, 0x500000001, 0x500000002, ~0ULL};
        return ha::Incarnation{lives[below(random, 7)]};
    };
    const auto someone = [&] { return host(static_cast<unsigned>(below(random, 4))); };
    wire::SupervisorStatus status;
    status.heartbeat_interval = 1s;
    status.loss_interval = 15s;
    const auto beat = static_cast<std::uint32_t>(below(random, 5));
    switch (below(random, 9)) {
        case 0:
            return wire::ModuleBeacon{mac(static_cast<unsigned>(below(random, 9)))};
        case 1:
            return wire::ModuleHello{someone(), "x", slot(), below(random, 2) == 0};
        case 2:
            return wire::ModuleAccept{life(), slot(), 1s, mac(9)};
        case 3:
            return wire::ModuleHeartbeat{life(), slot(), beat, mac(9),
                                         wire::PortOrders{1 + beat, {wire::PortOrder::shutdown}}};
        case 4:
            return wire::ModuleHeartbeatReply{life(), someone(), slot(), beat};
        case 5:
            return wire::ModuleDetach{life(), someone(),
                                      static_cast<wire::DetachReason>(1 + below(random, 4))};
        case 6:
            return wire::Leaving{status, life(),
                                 static_cast<wire::LeaveReason>(1 + below(random, 5))};
        case 7:
            return wire::Hello{status, {}};
        default:
            return wire::SwitchRequest{beat};
    }
}

wire::Bytes damaged(Random& random, wire::Bytes payload) {
    switch (below(random, 4)) {
        case 0:
            payload.resize(below(random, payload.size() + 1));
            break;
        case 1:
            payload.resize(payload.size() + below(random, 64));
            break;
        default:
            for (std::uint64_t i = 0; i <= below(random, 4); ++i) {
                payload[below(random, payload.size())] = static_cast<std::uint8_t>(random());
            }
    }
    return payload;
}

wire::Keyring key(std::uint8_t fill) {
    wire::Key one;
    one.id = 1;
    one.secret.fill(fill);
    return {{one}};
}

}  // namespace

TEST_CASE("strangers cannot move an attached module, whatever they send", "[ANY-1][VEM-5]") {
    const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{30}));
    const bool keyed = GENERATE(false, true);
    CAPTURE(seed, keyed);
    Random random{seed};
    Bench bench{keyed ? key(7) : wire::Keyring{}};
    Speaker sup{1, mac(1), 0x500000001, keyed ? key(7) : wire::Keyring{}};
    bench.attach(sup, mac(2));
    std::size_t answers = 0;
    std::uint32_t beats = 0;
    for (int i = 0; i < 2000; ++i) {
        // Never from the supervisors' own addresses: a stranger without those, or without the key.
        Speaker stranger{1 + static_cast<unsigned>(below(random, 2)),
                         mac(20 + static_cast<unsigned>(below(random, 20))), random() | 1U,
                         keyed ? key(8) : wire::Keyring{}, random() % 1000};
        auto payload = stranger.frame(any_message(random));
        if (below(random, 2) == 0) {
            payload = damaged(random, std::move(payload));
        }
        answers +=
            bench.step(vem::module::FrameReceived{stranger.mac, payload, bench.now, bench.now})
                .size();
        if (i % 20 == 0) {
            bench.run_until(bench.now + 1s);
            bench.say(sup, Bench::beat(++beats, mac(2)));
        }
    }
    CHECK(bench.state() == State::attached);
    CHECK(bench.module.snapshot().supervisor_mac == mac(1));
    CHECK(bench.module.snapshot().switches == 0);
    CHECK(bench.module.snapshot().headless_times == 0);
    CHECK(answers < 10);
}

TEST_CASE("frames with the supervisors' own addresses leave a module that finds its way back",
          "[ANY-1][VEM-2]") {
    const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{30}));
    CAPTURE(seed);
    Random random{seed};
    Bench bench;
    Speaker sup{1, mac(1), 0x500000001};
    bench.attach(sup, mac(2));
    std::size_t sent = 0;
    for (int i = 0; i < 2000; ++i) {
        const auto slot = 1 + static_cast<unsigned>(below(random, 2));
        Speaker forger{slot, mac(slot), 0x500000001 + below(random, 3), {}, random() % 100000};
        auto payload = forger.frame(any_message(random));
        if (below(random, 3) == 0) {
            payload = damaged(random, std::move(payload));
        }
        sent += bench.step(vem::module::FrameReceived{forger.mac, payload, bench.now, bench.now})
                    .size();
        if (i % 20 == 0) {
            sent += bench.run_until(bench.now + 1s).size();
        }
    }
    CHECK(sent < 100 * 40);  // a hundred seconds
    // The honest one says what it always says; within an attachment's time all is well again.
    Speaker honest{1, mac(1), 0x900000000};
    for (int i = 0; i < 20; ++i) {
        bench.run_until(bench.now + 1s);
        for (const auto& item : bench.say(honest, wire::ModuleBeacon{})) {
            if (std::holds_alternative<wire::ModuleHello>(item.frame.message)) {
                bench.say(honest, Bench::accept());
            }
        }
        bench.say(honest, Bench::beat(1));
    }
    CHECK(bench.state() == State::attached);
    CHECK(bench.module.snapshot().supervisor_incarnation == ha::Incarnation{0x900000000});
}

TEST_CASE("strangers cannot detach a module from the registry, or grow it", "[ANY-1][VEM-1]") {
    using namespace vem::registry;
    const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{30}));
    CAPTURE(seed);
    Random random{seed};
    ha::Instant now{100s};
    Registry registry{Options{ha::Incarnation{77}, 1s, 6, 3}};
    Effects effects;
    const auto from = [&](const ha::MacAddress& source, std::uint64_t life, wire::Message message) {
        wire::Frame frame;
        frame.incarnation = ha::Incarnation{life};
        frame.message = std::move(message);
        effects.clear();
        registry.step(FrameReceived{{frame, source, false}, now, now}, effects);
    };
    registry.step(Activated{false, now}, effects);
    registry.step(RecordsLoaded{{{host(1), ha::Slot{3}, "host-1"}}, now}, effects);
    from(mac(3), 10, wire::ModuleHello{host(1), "host-1", ha::kNoSlot, false});
    std::size_t sent = 0;
    for (std::uint32_t i = 1; i < 2000; ++i) {
        if (i % 20 == 1) {
            from(mac(3), 10,
                 wire::ModuleHeartbeatReply{ha::Incarnation{77}, host(1), ha::Slot{3}, 1 + i / 20});
            now += 1s;
            effects.clear();
            registry.step(Tick{now}, effects);
            REQUIRE(registry.next_deadline() > now);
        }
        from(mac(20 + static_cast<unsigned>(below(random, 20))), random(), any_message(random));
        sent += effects.size();
    }
    CHECK(registry.online_count() == 1);
    CHECK(registry.snapshot().modules.at(0).removals == 0);
    CHECK(registry.records().size() <= 64);
    CHECK(sent < 2000 * 4);
}
