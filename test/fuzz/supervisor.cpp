// Fuzz target: a whole supervisor in the hands of a peer that says anything, a disk that fails,
// links that come and go, an operator who types at random, and a clock that only goes forward.
// After every step it must be sound: see check().
#include <array>
#include <deque>
#include <map>
#include <memory>

#include "libha/cli/cli.hpp"
#include "libha/supervisor/supervisor.hpp"
#include "test/fuzz/support/messages.hpp"
#include "test/fuzz/support/require.hpp"

using namespace ha;
using namespace ha::supervisor;
using namespace std::chrono_literals;
using namespace test::fuzz;

namespace {

constexpr unsigned kMaximumSteps = 600;
constexpr std::size_t kModuleNumbers = kLastModuleNumber - kFirstModuleNumber + 1;
/// What one frame, command or stored state may make a supervisor send: a transfer of all pages, a
/// request on each port, calls to the modules. Time may make it speak to every module as well.
constexpr std::size_t kMaximumFrames = 32;
constexpr std::size_t kMaximumFramesOfTick = kMaximumFrames + kModuleNumbers;
/// Lines of the log, things to store, the address: no more of them than this, and one a module.
constexpr std::size_t kMaximumOthers = 16;
constexpr std::size_t kMaximumOthersOfTick = kMaximumOthers + kModuleNumbers;
constexpr std::size_t kMaximumReason = 512;
constexpr unsigned kMaximumTicks = 3;

class Play {
public:
    explicit Play(ByteSource source) : source_(source) {
        static constexpr Role kRoles[] = {Role::primary, Role::secondary, Role::primary,
                                          Role::standalone};
        const std::uint8_t choices = source_.byte();
        role_ = kRoles[choices & 3U];
        if ((choices & 4U) != 0)
            keyring_ = rings_[1];
        fast_ = (choices & 8U) != 0;
        policy_ = static_cast<redundancy::PeerMacPolicy>((choices >> 4U) % 3);
        vsg_ = (choices & 64U) != 0;
        if ((choices & 128U) != 0)
            fill_store();
        boot();
    }

    void run() {
        for (unsigned steps = 0; steps < kMaximumSteps && !source_.empty(); ++steps)
            act();
        look_at_it();
    }

private:
    // What happens ---------------------------------------------------------------------------

    void act() {
        switch (source_.below(24)) {
            default:
                return hear_message();
            case 10:
            case 11:
            case 12:
            case 13:
                return tick_when_due();
            case 14:
                return pass(std::chrono::milliseconds{source_.number16()});
            case 15:
                return pass(std::chrono::milliseconds{source_.byte()});
            case 16:
                return change_link();
            case 17:
                return complete_store();
            case 18:
                return command();
            case 19:
                return change_keys();
            case 20:
                return hear_bytes(port(), kPeerMac, source_.bytes(source_.byte()));
            case 21:
                return hear_again();
            case 22:
                ++peer_life_;
                return;
            case 23:
                late_ = std::chrono::milliseconds{source_.byte()} * 16;
        }
    }

    PortKind port() { return source_.below(4) == 3 ? PortKind::mgmt : PortKind::control; }

    void hear_message() {
        wire::Frame frame;
        const std::uint8_t choices = source_.byte();
        frame.message = message(source_, {own_, peer(), {}});
        const auto type = wire::type_of(frame.message);
        const bool module = type == wire::FrameType::module_hello ||
                            type == wire::FrameType::module_heartbeat_reply ||
                            type == wire::FrameType::module_detach;
        frame.domain = (choices & 0xf0U) == 0xf0U ? DomainId{101} : kDomain;
        frame.port = (choices & 3U) == 3 && wire::carries(PortKind::mgmt, type) ? PortKind::mgmt
                                                                                : PortKind::control;
        const bool same_role = (choices & 0x1cU) == 0x1cU;
        frame.role = role_ == Role::primary ? Role::secondary : Role::primary;
        if (same_role)
            frame.role = role_;
        frame.slot = slot_of(frame.role);
        MacAddress from = same_role ? kOtherMac : kPeerMac;
        frame.incarnation = peer();
        if (module) {
            const std::uint8_t number = source_.byte();
            frame.role = Role::standalone;
            frame.slot = number > 200 ? Slot{static_cast<std::uint8_t>(number % 70)} : kNoSlot;
            from = MacAddress{{2, 0, 0, 0, 1, static_cast<std::uint8_t>(number % 100)}};
            frame.incarnation = Incarnation{1 + number % 3U};
        }
        frame.sequence = ++sequence_;
        wire::Bytes payload = wire::encode(frame);
        const wire::Keyring& ring =
            (choices & 0xe0U) == 0xc0U ? rings_[source_.below(3)] : keyring_;
        wire::seal(payload, from, ring);
        if ((choices & 0xe0U) == 0xa0U)
            damage(source_, payload);
        hear_bytes(frame.port, from, std::move(payload));
    }

    void hear_bytes(PortKind port, const MacAddress& from, wire::Bytes payload) {
        heard_.push_back({port, from, payload});
        if (heard_.size() > 8)
            heard_.pop_front();
        const Instant received_at = now_ - std::min<Duration>(late_, now_ - started_);
        step(FrameReceived{port, from, payload, received_at, now_}, kMaximumFrames, kMaximumOthers);
    }

    /// One of the latest frames once more, perhaps on the other port or in another life of ours.
    void hear_again() {
        if (heard_.empty())
            return;
        const Heard again = heard_[source_.below(static_cast<unsigned>(heard_.size()))];
        hear_bytes(source_.below(4) == 3 ? PortKind::mgmt : again.port, again.from, again.payload);
    }

    void tick_when_due() {
        const Instant due = machine_->next_deadline();
        if (due != kNever)
            now_ = std::max(now_, due);
        tick();
    }
    void pass(Duration duration) {
        now_ += duration;
        tick();
    }
    /// Who has just become active speaks at once, so another tick may be due; but no more than a
    /// few, or the daemon would spin.
    void tick() {
        for (unsigned ticks = 0; ticks < kMaximumTicks; ++ticks) {
            step(Tick{now_}, kMaximumFramesOfTick, kMaximumOthersOfTick);
            if (machine_->next_deadline() > now_)
                return;
        }
        require(false, "after a few ticks the next one is later");
    }

    void change_link() {
        const std::uint8_t choices = source_.byte();
        LinkState link{
            (choices & 6U) != 6, (choices & 24U) != 24, (choices & 1U) != 0, kOwnMac, "x0", ""};
        step(LinkChanged{(choices & 32U) != 0 ? PortKind::mgmt : PortKind::control, link, now_},
             kMaximumFrames, kMaximumOthers);
    }

    void complete_store() {
        const std::uint8_t choices = source_.byte();
        if (choices > 250)  // an answer to something that was never asked for
            return stored(choices * 1000U, (choices & 1U) != 0);
        if (!pending_)
            return;
        const Persist done = std::move(*pending_);
        pending_.reset();
        const bool ok = choices % 4 != 3;
        if (ok)
            disk_.apply(done.changes);
        stored(done.token, ok);
    }
    void stored(std::uint64_t token, bool ok) {
        step(StoreCompleted{token, ok, now_}, kMaximumFramesOfTick, kMaximumOthersOfTick);
    }

    void command() {
        const auto give = [&](const Input& input) {
            step(input, kMaximumFramesOfTick, kMaximumOthersOfTick);
        };
        switch (source_.below(9)) {
            case 0:
                return give(StopRequested{now_});
            case 1:
                return give(ReloadRequested{now_});
            case 2:
                return give(ClearPeerMac{now_});
            case 3:
                return give(Stalled{std::chrono::milliseconds{source_.number16()}, now_});
            case 4:
                return give(FramesDropped{port(), wire::DropReason::vlan_mismatch,
                                          source_.any_number(), now_});
            case 5:
                return give(SwitchoverRequested{now_});
            case 6:
                return give(
                    LossIntervalChanged{std::chrono::milliseconds{source_.number16()}, now_});
            case 7:
                return give(RoleRequested{role_, now_});
            default:  // the process is killed and started again
                return boot();
        }
    }

    void change_keys() {
        keyring_ = rings_[source_.below(3)];
        step(KeyringChanged{keyring_, now_}, kMaximumFrames, kMaximumOthers);
    }

    // The supervisor -------------------------------------------------------------------------

    Incarnation peer() const { return Incarnation{(peer_life_ << 32U) + 2}; }

    void fill_store() {
        PersistentState state;
        state.peer_macs = {kPeerMac, kPeerMac};
        state.peer_incarnation = Incarnation{5};
        for (unsigned count = source_.below(kModuleNumbers + 1); count > 0; --count)
            state.modules.push_back(
                {host(count), Slot{static_cast<std::uint8_t>(kFirstModuleNumber + count - 1)},
                 "s"});
        disk_ = StoredState(state);
    }

    void boot() {
        Options options;
        options.pair.role = role_;
        options.pair.domain = kDomain;
        own_ = Incarnation{(++boots_ << 32U) + 1};
        options.pair.incarnation = own_;
        options.pair.peer_mac_policy = policy_;
        if (policy_ == redundancy::PeerMacPolicy::fixed)
            options.pair.peer_macs = {kPeerMac, kPeerMac};
        if (vsg_)
            options.pair.personality = redundancy::Personality::vsg;
        if (fast_) {
            options.pair.heartbeat_interval = 5ms;
            options.pair.loss_interval = 15ms;
        }
        options.keyring = keyring_;
        options.stored = disk_;
        options.backlog_limit = 3;
        machine_ = std::make_unique<Supervisor>(options, now_);
        started_ = now_;
        pending_.reset();
        ended_ = false;
        holds_address_ = false;
        for (const PortKind each : kPortKinds)
            step(LinkChanged{each, {true, true, true, kOwnMac, "x0", ""}, now_}, kMaximumFrames,
                 kMaximumOthers);
    }

    void step(const Input& input, std::size_t frames_limit, std::size_t others_limit) {
        Effects effects;
        machine_->step(input, effects);
        std::size_t frames = 0;
        bool over = false;
        for (Effect& effect : effects) {
            require(!over, "nothing follows the end");
            if (auto* send = std::get_if<SendFrame>(&effect)) {
                ++frames;
                check_sent(*send);
            } else if (auto* persist = std::get_if<Persist>(&effect)) {
                require(!pending_, "one state is stored at a time");
                pending_ = std::move(*persist);
            } else if (std::holds_alternative<HoldAddress>(effect)) {
                require(!std::exchange(holds_address_, true), "the address is taken once");
            } else if (std::holds_alternative<ReleaseAddress>(effect)) {
                require(std::exchange(holds_address_, false), "the address is released once");
            } else if (std::holds_alternative<Restart>(effect) ||
                       std::holds_alternative<Exit>(effect)) {
                over = true;
            }
        }
        require(frames <= frames_limit, "one step sends a bounded number of frames");
        require(effects.size() - frames <= others_limit, "one step asks for a bounded number");
        check();
        if (over && ended_)
            require(false, "a supervisor ends once");
        ended_ = ended_ || over;
        // Until the process is gone it may hear more.
        if (over && source_.below(4) != 3)
            boot();
    }

    void check_sent(const SendFrame& send) {
        const wire::Frame frame = require_sound(send.payload, kOwnMac, keyring_);
        require(frame.port == send.port, "a frame names the port it leaves on");
        require(frame.incarnation == own_, "a frame names its sender's life");
        std::uint64_t& sequence = sent_[{own_, send.port}];
        require(frame.sequence > sequence, "sequences go up");
        sequence = frame.sequence;
    }

    /// What holds after every step.
    void check() {
        const Snapshot snapshot = machine_->snapshot();
        require(snapshot.now == now_, "the snapshot is of this step");
        require(snapshot.pair.collisions.size() <= redundancy::kMaximumCollisions,
                "collisions are bounded");
        require(snapshot.pair.trace.size() <= redundancy::kTraceCapacity, "the trace is bounded");
        require(snapshot.modules.modules.size() <= kModuleNumbers, "modules are bounded");
        require(snapshot.pair.reason.size() <= kMaximumReason &&
                    snapshot.pair.peer.reason.size() <= kMaximumReason &&
                    snapshot.pair.degraded_reason.size() <= kMaximumReason,
                "reasons are bounded");
        require(snapshot.holds_address == redundancy::is_active(snapshot.pair.state),
                "the active, and nobody else, holds the address");
        require(snapshot.holds_address == holds_address_, "the snapshot tells who has the address");
        require(
            snapshot.modules.active == redundancy::is_active_or_switching_over(snapshot.pair.state),
            "the active, and nobody else, serves modules");
        if (role_ == Role::standalone)
            require(snapshot.pair.state == redundancy::PairState::standalone ||
                        snapshot.pair.state == redundancy::PairState::leaving,
                    "a standalone supervisor stays one (ROLE-1)");
    }

    /// The operator's look at the end of the story.
    void look_at_it() {
        cli::Context context;
        context.snapshot = machine_->snapshot();
        context.now = now_;
        for (const std::string_view line : {"show system redundancy status", "show module | json",
                                            "show system internal redundancy trace | xml"})
            require(cli::execute(line, context).exit_status == 0, "every state can be shown");
    }

    struct Heard {
        PortKind port;
        MacAddress from;
        wire::Bytes payload;
    };

    ByteSource source_;
    Role role_ = Role::primary;
    redundancy::PeerMacPolicy policy_ = redundancy::PeerMacPolicy::sticky;
    bool fast_ = false;
    bool vsg_ = false;
    std::array<wire::Keyring, 3> rings_{{{}, {{key(1)}}, {{key(2), key(1)}}}};
    wire::Keyring keyring_;
    Instant now_{1000s};
    Instant started_{1000s};
    Duration late_{};  ///< how long frames waited in the queue
    std::uint64_t boots_ = 6;
    std::uint64_t peer_life_ = 1;
    std::uint64_t sequence_ = 0;
    Incarnation own_{};
    StoredState disk_;
    std::optional<Persist> pending_;
    bool holds_address_ = false;
    bool ended_ = false;
    std::deque<Heard> heard_;
    std::map<std::pair<Incarnation, PortKind>, std::uint64_t> sent_;
    std::unique_ptr<Supervisor> machine_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Play(ByteSource(data, size)).run();
    return 0;
}
