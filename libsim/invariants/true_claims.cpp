// true-claims: a frame says what its sender is.
#include <map>
#include <vector>

#include "libsim/invariants/all.hpp"

namespace sim::invariants {

namespace {

using ha::wire::ClaimedState;
using ha::wire::FrameType;

const ha::wire::SupervisorStatus* status_of(const ha::wire::Message& message) {
    if (const auto* hello = std::get_if<ha::wire::Hello>(&message))
        return &hello->status;
    if (const auto* request = std::get_if<ha::wire::HeartbeatRequest>(&message))
        return &request->status;
    if (const auto* response = std::get_if<ha::wire::HeartbeatResponse>(&message))
        return &response->status;
    if (const auto* leaving = std::get_if<ha::wire::Leaving>(&message))
        return &leaving->status;
    return nullptr;
}

bool fits(PairState state, ClaimedState claimed) {
    switch (claimed) {
        case ClaimedState::initializing:
            return state == PairState::discovering || state == PairState::leaving;
        case ClaimedState::waiting:
            return state == PairState::waiting;
        case ClaimedState::active:
            return ha::redundancy::is_active(state);
        case ClaimedState::standby_syncing:
            return state == PairState::standby_syncing;
        case ClaimedState::standby_ha:
            return state == PairState::standby_ha;
        case ClaimedState::switching_over:
            return state == PairState::switching_over;
    }
    return false;
}

/// Who sends what: the active asks, the standby answers (HB-1).
bool may_send(PairState state, FrameType type) {
    switch (type) {
        case FrameType::heartbeat_request:
        case FrameType::channel_data:
        case FrameType::module_beacon:
        case FrameType::switch_request:
        case FrameType::module_accept:
        case FrameType::module_heartbeat:
        case FrameType::module_detach:
            return ha::redundancy::is_active_or_switching_over(state);
        case FrameType::heartbeat_response:
        case FrameType::channel_ack:
        case FrameType::state_applied:
            return ha::redundancy::is_standby(state);
        case FrameType::exchange_data:
        case FrameType::exchange_ack:
            return state == PairState::active_arbitrating || state == PairState::active_ha ||
                   state == PairState::standby_ha;
        case FrameType::hello:
            return !ha::redundancy::is_standby(state);
        case FrameType::leaving:
            return state == PairState::leaving;
        case FrameType::module_hello:
        case FrameType::module_heartbeat_reply:
            return false;
    }
    return false;
}

class TrueClaims final : public Invariant {
public:
    using Invariant::Invariant;
    [[nodiscard]] const char* id() const override { return "true-claims"; }
    [[nodiscard]] const char* sentence() const override {
        return "A frame names its sender's domain, slot, life, port and state, counts up, and is "
               "of "
               "a type that this state sends on this port.";
    }

    void on_life(NodeIndex node) override {
        passed_[node] = {supervisor(node).state};
        sequences_[node] = {};
    }
    void on_state(NodeIndex node, const StateChange& change) override {
        passed_[node].push_back(change.to);
    }
    void on_stepped(NodeIndex node) override {
        const auto passed = passed_.find(node);
        if (passed != passed_.end() && passed->second.size() > 1)
            passed->second = {passed->second.back()};
    }

    void on_sent(const Sent& sent) override {
        const ha::wire::Frame& frame = *sent.frame;
        const SupervisorFacts& sender = supervisor(sent.from);
        const FrameType type = type_of(frame.message);
        const std::string what = name(sent.from) + " sends a " + std::string(to_string(type));
        // A module that is called to another domain still hears the one that it is in.
        const auto* beat = std::get_if<ha::wire::ModuleHeartbeat>(&frame.message);
        const bool calls = beat != nullptr && beat->new_domain == sender.domain;
        if ((frame.domain != sender.domain && !calls) || frame.slot != slot_of(sender.role) ||
            frame.role != sender.role || frame.incarnation != sender.incarnation)
            violate(what + " in another's name");
        if (frame.port != sent.raw->port || !carries(frame.port, type))
            violate(what + " on " + std::string(to_string(sent.raw->port)));
        std::uint64_t& sequence = sequences_[sent.from][ha::index_of(frame.port)];
        if (frame.sequence <= sequence)
            violate(what + " whose number is not new");
        sequence = frame.sequence;
        check_state(sent, what);
    }

private:
    /// A step may pass through several states; each of them may have spoken.
    void check_state(const Sent& sent, const std::string& what) {
        const auto type = type_of(sent.frame->message);
        const auto* status = status_of(sent.frame->message);
        bool sends = false;
        bool claims = status == nullptr || type == FrameType::leaving;
        for (const PairState state : passed_[sent.from]) {
            // A collision is answered with a hello whatever we are (COL-1).
            sends = sends || may_send(state, type) || type == FrameType::hello;
            claims = claims || fits(state, status->state);
        }
        const std::string state(to_string(supervisor(sent.from).state));
        if (!sends)
            violate(what + " as " + state);
        if (!claims)
            violate(what + " that claims another state than " + state);
    }

    std::map<NodeIndex, std::vector<PairState>> passed_;
    std::map<NodeIndex, std::array<std::uint64_t, ha::kPortCount>> sequences_;
};

}  // namespace

std::unique_ptr<Invariant> make_true_claims(Facts& facts) {
    return std::make_unique<TrueClaims>(facts);
}

}  // namespace sim::invariants
