// See frame_words.hpp.
#include "libsim/timeline/frame_words.hpp"

namespace sim::timeline {

using namespace ha::wire;

namespace {

std::string with_number(const char* word, std::uint64_t number) {
    return word + (" " + std::to_string(number));
}

void add(std::string& text, const std::string& word) {
    text += (text.empty() ? "" : ", ") + word;
}

std::string claim(ClaimedState state) {
    switch (state) {
        case ClaimedState::initializing:
            return "initializing";
        case ClaimedState::waiting:
            return "waiting";
        case ClaimedState::active:
            return "active";
        case ClaimedState::standby_syncing:
            return "standby, syncing";
        case ClaimedState::standby_ha:
            return "HA standby";
        case ClaimedState::switching_over:
            return "switching over";
    }
    return "?";
}

std::string in_words(const SupervisorStatus& status) {
    std::string text = claim(status.state);
    if (status.has(ControlFlag::synchronized))
        add(text, "synchronized");
    if (status.has(ControlFlag::degraded))
        add(text, "degraded");
    if (status.has(ControlFlag::reset_yourself))
        add(text, "reset yourself");
    if (status.has(ControlFlag::reset_me))
        add(text, "reset me");
    if (status.has(ControlFlag::switch_over))
        add(text, "take over");
    return text;
}

std::string in_words(const std::optional<Arbitration>& arbitration) {
    if (!arbitration)
        return {};
    const std::uint16_t mine = arbitration->mine.module_count;
    const std::string yours =
        arbitration->yours ? std::to_string(arbitration->yours->module_count) : "?";
    return ", modules " + std::to_string(mine) + " : " + yours;
}

std::string in_words(LeaveReason reason) {
    switch (reason) {
        case LeaveReason::stop:
            return "stop";
        case LeaveReason::reload:
            return "reload";
        case LeaveReason::switchover:
            return "switchover";
        case LeaveReason::reset:
            return "reset";
        case LeaveReason::crash:
            return "dying gasp";
    }
    return "?";
}

std::string in_words(DetachReason reason) {
    switch (reason) {
        case DetachReason::stopping:
            return "stopping";
        case DetachReason::switched:
            return "switched";
        case DetachReason::not_attached:
            return "not attached";
        case DetachReason::table_full:
            return "no free number";
        case DetachReason::reload:
            return "reload";
    }
    return "?";
}

struct Describe {
    std::string operator()(const Hello& hello) const {
        return in_words(hello.status) + in_words(hello.arbitration);
    }
    std::string operator()(const HeartbeatRequest& request) const {
        return in_words(request.status) + in_words(request.arbitration);
    }
    std::string operator()(const HeartbeatResponse& response) const {
        return in_words(response.status);
    }
    std::string operator()(const Leaving& leaving) const { return in_words(leaving.reason); }
    std::string operator()(const ModuleBeacon&) const { return {}; }
    std::string operator()(const SwitchRequest&) const { return {}; }
    std::string operator()(const ModuleHello& hello) const {
        std::string text =
            hello.wanted == ha::kNoSlot ? "new" : with_number("was module", number(hello.wanted));
        if (hello.headless)
            add(text, "headless");
        return text;
    }
    std::string operator()(const ModuleAccept& accept) const {
        return with_number("module", number(accept.module));
    }
    std::string operator()(const ModuleHeartbeat& heartbeat) const {
        std::string text = with_number("module", number(heartbeat.module));
        if (heartbeat.orders && !heartbeat.orders->ports.empty())
            add(text, "orders for its ports");
        return text;
    }
    std::string operator()(const ModuleHeartbeatReply& reply) const {
        return with_number("module", number(reply.module));
    }
    std::string operator()(const ModuleDetach& detach) const { return in_words(detach.reason); }
    std::string operator()(const ChannelData& data) const {
        return with_number("frame", data.number) + ", " + std::to_string(data.bytes.size()) +
               " bytes";
    }
    std::string operator()(const ChannelAck& ack) const { return with_number("next", ack.next); }
    std::string operator()(const StateApplied& applied) const {
        return with_number("revision", applied.revision);
    }
};

}  // namespace

FrameWords words_of(ByteView payload) {
    const auto frame = decode(payload);
    if (!frame)
        return {"unreadable", std::string(to_string(frame.error()))};
    return {std::string(to_string(type_of(frame->message))),
            std::visit(Describe{}, frame->message)};
}

}  // namespace sim::timeline
