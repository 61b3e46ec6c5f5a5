// Fuzz target: a whole module in the hands of supervisors that say anything, a link that comes and
// goes, and a clock that only goes forward. After every step it must be sound: see check().
#include <array>
#include <memory>

#include "libvem/module/module.hpp"
#include "test/fuzz/support/messages.hpp"
#include "test/fuzz/support/require.hpp"

using namespace ha;
using namespace vem::module;
using namespace std::chrono_literals;
using namespace test::fuzz;

namespace {

constexpr unsigned kMaximumSteps = 600;
/// One step sends at most a farewell to each of two supervisors, and a hello.
constexpr std::size_t kMaximumFrames = 3;
constexpr std::size_t kMaximumOthers = 6;
constexpr std::size_t kMaximumReason = 512;

class Play {
public:
    explicit Play(ByteSource source) : source_(source) {
        const std::uint8_t choices = source_.byte();
        if ((choices & 1U) != 0)
            keyring_ = rings_[1];
        fast_ = (choices & 2U) != 0;
        if ((choices & 4U) != 0)
            remembered_ = Slot{static_cast<std::uint8_t>(kFirstModuleNumber + choices / 8)};
        boot();
    }

    void run() {
        for (unsigned steps = 0; steps < kMaximumSteps && !source_.empty(); ++steps)
            act();
    }

private:
    // What happens ---------------------------------------------------------------------------

    void act() {
        switch (source_.below(16)) {
            default:
                return hear_message();
            case 7:
            case 8:
            case 9: {
                const Instant due = machine_->next_deadline();
                if (due != kNever)
                    now_ = std::max(now_, due);
                return tick();
            }
            case 10:
                now_ += std::chrono::milliseconds{source_.number16()};
                return tick();
            case 11: {
                const std::uint8_t choices = source_.byte();
                link_ = (choices & 1U) != 0;
                return step(
                    LinkChanged{(choices & 6U) != 6, (choices & 24U) != 24, link_, kOwnMac, now_});
            }
            case 12:
                if (source_.below(8) == 7)
                    return step(StopRequested{now_});
                keyring_ = rings_[source_.below(3)];
                return step(KeyringChanged{keyring_, now_});
            case 13:
                return hear_bytes(speakers_[0], source_.bytes(source_.byte()));
            case 14:
                ++speakers_[source_.below(2)].life;
                return;
            case 15:
                late_ = std::chrono::milliseconds{source_.byte()} * 16;
        }
    }

    struct Speaker {
        MacAddress mac;
        Role role;
        std::uint64_t life;
        [[nodiscard]] Incarnation incarnation() const { return Incarnation{(life << 32U) + 2}; }
    };

    void hear_message() {
        const std::uint8_t choices = source_.byte();
        const Speaker& speaker = speakers_[choices & 1U];
        wire::Frame frame;
        frame.message = message(source_, {own_, speaker.incarnation(), host(1)});
        const auto type = wire::type_of(frame.message);
        const bool module = type == wire::FrameType::module_hello ||
                            type == wire::FrameType::module_heartbeat_reply ||
                            type == wire::FrameType::module_detach;
        // A refusal is the one message that both sides send.
        const bool other_module = module && (choices & 2U) != 0;
        frame.domain = (choices & 0xf0U) == 0xf0U ? DomainId{101} : kDomain;
        frame.role = other_module ? Role::standalone : speaker.role;
        frame.slot = other_module ? kNoSlot : slot_of(speaker.role);
        frame.incarnation = speaker.incarnation();
        frame.sequence = ++sequence_;
        const MacAddress from = (choices & 0x0cU) == 0x0cU ? kOtherMac : speaker.mac;
        wire::Bytes payload = wire::encode(frame);
        const wire::Keyring& ring =
            (choices & 0xe0U) == 0xc0U ? rings_[source_.below(3)] : keyring_;
        wire::seal(payload, from, ring);
        if ((choices & 0xe0U) == 0xa0U)
            damage(source_, payload);
        hear_bytes({from, speaker.role, 0}, std::move(payload));
    }

    void hear_bytes(const Speaker& speaker, const wire::Bytes& payload) {
        const Instant received_at = now_ - std::min<Duration>(late_, now_ - started_);
        step(FrameReceived{speaker.mac, payload, received_at, now_});
    }

    void tick() {
        step(Tick{now_});
        require(machine_->next_deadline() > now_, "after a tick the next one is later");
    }

    // The module -----------------------------------------------------------------------------

    void boot() {
        Options options;
        options.domain = kDomain;
        options.host = host(1);
        options.host_name = "host-1";
        options.incarnation = own_ = Incarnation{(++boots_ << 32U) + 1};
        options.keyring = keyring_;
        options.remembered_module = remembered_;
        if (fast_) {
            options.heartbeat_interval = 5ms;
            options.headless_after = 15ms;
        }
        machine_ = std::make_unique<Module>(options, now_);
        started_ = now_;
        sent_ = 0;
        step(LinkChanged{true, true, link_, kOwnMac, now_});
    }

    void step(const Input& input) {
        Effects effects;
        machine_->step(input, effects);
        std::size_t frames = 0;
        bool over = false;
        for (const Effect& effect : effects) {
            require(!over, "nothing follows the end");
            if (const auto* send = std::get_if<SendFrame>(&effect)) {
                ++frames;
                const wire::Frame frame =
                    require_sound(send->payload, kOwnMac, keyring_, machine_->snapshot().domain);
                require(frame.incarnation == own_, "a frame names its sender's life");
                require(frame.sequence > sent_, "sequences go up");
                sent_ = frame.sequence;
            } else if (const auto* remember = std::get_if<RememberModule>(&effect)) {
                require(number(remember->module) >= kFirstModuleNumber &&
                            number(remember->module) <= kLastModuleNumber,
                        "only a module's number is remembered");
                remembered_ = remember->module;
            } else if (std::holds_alternative<Stopped>(effect)) {
                over = true;
            }
        }
        require(frames <= kMaximumFrames, "one step sends a bounded number of frames");
        require(effects.size() - frames <= kMaximumOthers, "one step asks for a bounded number");
        check();
        if (over)
            boot();
    }

    /// What holds after every step.
    void check() {
        const Snapshot snapshot = machine_->snapshot();
        require(snapshot.drops.size() <= wire::kDropReasonCount, "counters are bounded");
        require(snapshot.reason.size() <= kMaximumReason, "the reason is bounded");
        if (snapshot.state == State::attached)
            require(snapshot.module != kNoSlot && snapshot.supervisor != kNoSlot &&
                        !snapshot.supervisor_mac.is_zero(),
                    "who is attached has a number and a supervisor");
        require(number(snapshot.module) <= kLastModuleNumber, "the number is a module's");
    }

    ByteSource source_;
    bool fast_ = false;
    bool link_ = true;
    Slot remembered_ = kNoSlot;
    std::array<wire::Keyring, 3> rings_{{{}, {{key(1)}}, {{key(2), key(1)}}}};
    wire::Keyring keyring_;
    std::array<Speaker, 2> speakers_{
        {{kPeerMac, Role::primary, 1}, {MacAddress{{2, 0, 0, 0, 0, 4}}, Role::secondary, 1}}};
    Instant now_{1000s};
    Instant started_{1000s};
    Duration late_{};  ///< how long frames waited in the queue
    std::uint64_t boots_ = 6;
    std::uint64_t sequence_ = 0;
    std::uint64_t sent_ = 0;
    Incarnation own_{};
    std::unique_ptr<Module> machine_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Play(ByteSource(data, size)).run();
    return 0;
}
