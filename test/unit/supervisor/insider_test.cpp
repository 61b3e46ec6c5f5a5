// Somebody who owns the peer's MAC, and the key, and says anything at all: well-formed frames with
// random contents, in every state the machine gets into. It may mislead the pair, that is what
// owning the peer means; it must never crash it, make it grow, or make it send many frames for one.
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "libha/supervisor/supervisor.hpp"
#include "libha/wire/layout.hpp"
#include "libha/wire/seal.hpp"

using namespace ha;
using namespace std::chrono_literals;
using namespace ha::supervisor;
using redundancy::PairState;

namespace {

constexpr MacAddress kOwn{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kPeer{{2, 0, 0, 0, 0, 2}};

class Insider {
public:
    Insider(std::uint64_t seed, Role role, bool keyed) : random_(seed), role_(role) {
        if (keyed) {
            wire::Key key;
            key.id = 1;
            key.secret.fill(0x11);
            keyring_.keys.push_back(key);
        }
        restart();
    }

    /// One frame, tick, link change, stored state or command.
    void act() {
        // Seldom is one ready for it: then it is asked for.
        if (machine_->brief().state == PairState::active_ha && pick(20) == 0)
            return step(SwitchoverRequested{now_});
        const auto dice = pick(100);
        if (dice < 70)
            return receive();
        now_ += std::chrono::milliseconds{pick(dice < 72 ? 20000 : 400)};
        if (dice < 95)
            return step(Tick{now_});
        if (dice < 97)
            return step(LinkChanged{port(), link(pick(3) != 0), now_});
        if (dice < 98)
            return step(ClearPeerMac{now_});
        if (dice < 99)
            return step(Stalled{1s, now_});
        command();
    }

    void command() {
        switch (pick(3)) {
            case 0:
                return step(ReloadRequested{now_});
            case 1:
                return step(LossIntervalChanged{std::chrono::seconds{pick(40)}, now_});
            default:
                // Another slot would make the peer somebody of our own role.
                return step(RoleRequested{role_, now_});
        }
    }

    void check_bounds() {
        const Snapshot snapshot = machine_->snapshot();
        REQUIRE(snapshot.pair.collisions.size() <= redundancy::kMaximumCollisions);
        REQUIRE(snapshot.pair.trace.size() <= redundancy::kTraceCapacity);
        REQUIRE(snapshot.modules.modules.size() <= 64);
        REQUIRE(snapshot.holds_address == redundancy::is_active(snapshot.pair.state));
        states_.insert(snapshot.pair.state);
    }

    std::set<PairState> states_;

private:
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    PortKind port() { return pick(4) == 0 ? PortKind::mgmt : PortKind::control; }
    static LinkState link(bool carrier) { return {true, true, carrier, kOwn, "x0", ""}; }

    void restart() {
        Options options;
        options.pair.role = role_;
        options.pair.domain = DomainId{100};
        options.pair.incarnation = own_ = Incarnation{(++boots_ << 32U) + 1};
        options.modules.incarnation = own_;
        options.keyring = keyring_;
        options.stored = stored_;
        machine_ = std::make_unique<Supervisor>(options, now_);
        for (const PortKind each : kPortKinds)
            step(LinkChanged{each, link(true), now_});
    }

    void step(const Input& input) {
        Effects effects;
        machine_->step(input, effects);
        bool over = false;
        std::size_t frames = 0;
        for (const Effect& effect : effects) {
            if (const auto* send = std::get_if<SendFrame>(&effect)) {
                ++frames;
                REQUIRE(send->payload.size() <= wire::kMaximumPayload);
            } else if (const auto* store = std::get_if<Persist>(&effect)) {
                stored_.apply(store->changes);
                pending_ = store->token;
            } else if (std::holds_alternative<Restart>(effect) ||
                       std::holds_alternative<Exit>(effect)) {
                over = true;
            }
        }
        if (std::holds_alternative<FrameReceived>(input))
            // A transfer of seven pages, requests, calls to the modules, a role that is taken back.
            REQUIRE(frames <= 32);
        if (over)
            return restart();
        if (pending_ != 0 && pick(2) == 0) {
            const auto token = std::exchange(pending_, 0);
            step(StoreCompleted{token, pick(5) != 0, now_});
        }
    }

    void receive() {
        wire::Frame frame;
        frame.domain = DomainId{100};
        frame.port = port();
        frame.sequence = ++sequence_;
        frame.message = message();
        const auto type = wire::type_of(frame.message);
        const bool module = type == wire::FrameType::module_hello ||
                            type == wire::FrameType::module_heartbeat_reply ||
                            type == wire::FrameType::module_detach;
        const bool same_role = pick(30) == 0;
        frame.role =
            module ? Role::standalone
                   : ((role_ == Role::primary) == same_role ? Role::primary : Role::secondary);
        frame.slot = module ? kNoSlot : slot_of(frame.role);
        if (pick(40) == 0)
            ++life_;
        frame.incarnation = Incarnation{(life_ << 32U) + 2 - (pick(60) == 0 ? 1U << 31U : 0U)};
        const MacAddress source =
            same_role || module ? MacAddress{{2, 0, 0, 0, 1, static_cast<std::uint8_t>(pick(100))}}
                                : kPeer;
        wire::Bytes payload = wire::encode(frame);
        wire::seal(payload, source, keyring_);
        step(FrameReceived{frame.port, source, payload, now_, now_});
        // Most who leave come back in another life; who does not is not heard for a while.
        if (type == wire::FrameType::leaving && pick(4) != 0)
            ++life_;
    }

    Incarnation names() { return pick(5) == 0 ? Incarnation{pick(9)} : own_; }
    std::uint64_t number() { return pick(10) == 0 ? random_() : pick(12); }
    wire::SupervisorStatus status() {
        wire::SupervisorStatus made;
        made.state = static_cast<wire::ClaimedState>(1 + pick(6));
        made.flags = static_cast<std::uint8_t>(pick(3) == 0 ? pick(64) : 0);
        made.names = names();
        made.heartbeat_interval = pick(50) == 0 ? wire::kShortestHeartbeat : Duration{1s};
        made.loss_interval = pick(50) == 0 ? wire::kShortestLoss : Duration{15s};
        made.revision = number();
        made.applied_revision = number();
        return made;
    }
    wire::ArbitrationTuple tuple() {
        return {static_cast<std::uint32_t>(1 + pick(3)),
                static_cast<std::uint16_t>(pick(3)),
                number(),
                number(),
                pick(2) == 0 ? wire::kNeverAge : wire::kLongestAgeMs,
                pick(1000),
                pick(20) == 0};
    }
    std::optional<wire::Arbitration> arbitration() {
        if (pick(2) == 0)
            return std::nullopt;
        wire::Arbitration made{tuple(), std::nullopt};
        if (pick(2) == 0)
            made.yours = tuple();
        return made;
    }
    Uuid host() { return Uuid{{1, static_cast<std::uint8_t>(pick(200))}}; }
    Slot module() { return Slot{static_cast<std::uint8_t>(3 + pick(64))}; }
    static inline const wire::Bytes kBegin{1, 0, 1};
    static inline const wire::Bytes kEnd{3, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0};
    wire::Message message() {
        // Seldom does a standby get that far: it is helped.
        if (machine_->brief().state == PairState::standby_syncing && pick(3) == 0)
            return pick(2) == 0 ? snapshot() : all_is_there();
        switch (pick(13)) {
            case 0:
                return wire::Hello{status(), arbitration()};
            case 1:
            case 2:
                return wire::HeartbeatRequest{status(), static_cast<std::uint32_t>(number()),
                                              arbitration()};
            case 3:
            case 4:
                return wire::HeartbeatResponse{status(), static_cast<std::uint32_t>(number())};
            case 5:
                return wire::Leaving{status(), Incarnation{(life_ << 32U) + 2},
                                     static_cast<wire::LeaveReason>(1 + pick(5))};
            case 6:
                return snapshot();
            case 7:
                return wire::StateApplied{own_, number()};
            case 8:
                return wire::ModuleHello{host(), "h", pick(2) == 0 ? module() : kNoSlot, false};
            case 9:
                return wire::ModuleHeartbeatReply{
                    own_, host(), module(), static_cast<std::uint32_t>(number()),
                    wire::PortReport{static_cast<std::uint32_t>(number()),
                                     std::vector<wire::PortState>(pick(5))}};
            case 10:
                return wire::ModuleDetach{own_, host(),
                                          static_cast<wire::DetachReason>(1 + pick(5))};
            case 11:
                return wire::SwitchRequest{static_cast<std::uint32_t>(number())};
            default:
                return rare_message();
        }
    }
    /// Of a snapshot that begins, and ends at once: replica.hpp.
    wire::Message snapshot() {
        const std::uint64_t part = 1 + pick(3);
        const bool begins = pick(8) == 0 ? pick(2) == 0 : part == 1;
        return wire::ChannelData{own_, 1, part, true, true, false, begins ? kBegin : kEnd};
    }
    wire::Message all_is_there() {
        wire::SupervisorStatus made = status();
        made.state = wire::ClaimedState::active;
        made.flags = 0;
        made.set(wire::ControlFlag::synchronized);
        made.names = own_;
        return wire::HeartbeatRequest{made, 1, std::nullopt};
    }
    wire::Message rare_message() {
        switch (pick(8)) {
            case 0:
                return wire::ChannelData{
                    own_, 1, 1 + pick(4), pick(2) == 0, pick(2) == 0, pick(2) == 0, {1, 2, 3}};
            case 1:
                return wire::ChannelAck{own_, 1, 1 + pick(4), 1000, {}};
            case 2:
                return wire::StateApplied{own_, number()};
            default:
                return wire::ModuleBeacon{kPeer};
        }
    }

    std::mt19937_64 random_;
    Role role_;
    wire::Keyring keyring_;
    Instant now_{1000s};
    std::uint64_t boots_ = 0;
    std::uint64_t life_ = 1;
    std::uint64_t sequence_ = 0;
    std::uint64_t pending_ = 0;
    Incarnation own_{};
    StoredState stored_;
    std::unique_ptr<Supervisor> machine_;
};

}  // namespace

TEST_CASE("Whoever owns the peer cannot crash or bloat a supervisor", "[hostile][ANY-1]") {
    std::set<PairState> seen;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        Insider insider(seed, seed % 2 == 0 ? Role::primary : Role::secondary, seed % 3 == 0);
        for (int round = 0; round < 5000; ++round) {
            insider.act();
            if (round % 10 == 0)
                insider.check_bounds();
        }
        seen.insert(insider.states_.begin(), insider.states_.end());
    }
    // It really got around: everything but standalone and leaving.
    for (std::size_t index = 1; index + 1 < redundancy::kPairStateCount; ++index) {
        const auto state = static_cast<PairState>(index);
        INFO(to_string(state));
        CHECK(seen.contains(state));
    }
}
