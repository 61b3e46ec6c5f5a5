// See describe.hpp.
#include "libha/wire/describe.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace ha::wire {
namespace {

std::string_view to_string(ClaimedState state) {
    switch (state) {
        case ClaimedState::initializing:
            return "initializing";
        case ClaimedState::waiting:
            return "waiting";
        case ClaimedState::active:
            return "active";
        case ClaimedState::standby_syncing:
            return "standby-syncing";
        case ClaimedState::standby_ha:
            return "standby-ha";
        case ClaimedState::switching_over:
            return "switching-over";
    }
    return "?";
}

std::string_view to_string(LeaveReason reason) {
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
            return "crash";
    }
    return "?";
}

std::string_view to_string(DetachReason reason) {
    switch (reason) {
        case DetachReason::stopping:
            return "stopping";
        case DetachReason::switched:
            return "switched";
        case DetachReason::not_attached:
            return "not-attached";
        case DetachReason::table_full:
            return "table-full";
        case DetachReason::reload:
            return "reload";
    }
    return "?";
}

/// One character a port: '-' nothing, 's' shutdown, 'n' no shutdown.
std::string letters_of(const std::vector<PortOrder>& orders) {
    std::string text;
    for (const PortOrder order : orders)
        text += order == PortOrder::none ? '-' : order == PortOrder::shutdown ? 's' : 'n';
    return text.empty() ? "none" : text;
}

/// One character a port: 'm' missing, '!' disobeys, 'd' administratively down, 'l' no link, 'o' out
/// of its bridge, 'u' up.
std::string letters_of(const std::vector<PortState>& ports) {
    std::string text;
    for (const PortState& port : ports) {
        if (!port.present)
            text += 'm';
        else if (port.disobeys)
            text += '!';
        else if (!port.admin_up)
            text += 'd';
        else if (!port.link)
            text += 'l';
        else
            text += port.forwards ? 'u' : 'o';
    }
    return text.empty() ? "none" : text;
}

constexpr std::array<std::pair<ControlFlag, std::string_view>, 6> kFlags{{
    {ControlFlag::reset_yourself, "reset-yourself"},
    {ControlFlag::reset_me, "reset-me"},
    {ControlFlag::synchronized, "synchronized"},
    {ControlFlag::peer_present, "peer-present"},
    {ControlFlag::degraded, "degraded"},
    {ControlFlag::switch_over, "switch-over"},
}};

/// Appends " name=value" for each field.
class Words {
public:
    explicit Words(std::string& text) : text_(text) {}

    void operator()(std::string_view name, std::string_view value) {
        text_.append(" ").append(name).append("=").append(value);
    }
    void operator()(std::string_view name, std::uint64_t value) {
        (*this)(name, std::to_string(value));
    }
    void operator()(std::string_view name, Slot value) { (*this)(name, number(value)); }
    void operator()(std::string_view name, Duration value) { (*this)(name, describe(value)); }
    void operator()(std::string_view name, Incarnation value) {
        (*this)(name, value == kNoIncarnation ? std::string("none") : ha::to_string(value));
    }
    void age(std::string_view name, std::uint64_t age_ms) {
        (*this)(name, age_ms == kNeverAge ? std::string("never") : std::to_string(age_ms) + "ms");
    }

    void say(const SupervisorStatus& status) {
        (*this)("state", to_string(status.state));
        std::string flags;
        for (const auto& [flag, name] : kFlags) {
            if (status.has(flag))
                flags.append(flags.empty() ? "" : ",").append(name);
        }
        (*this)("flags", flags.empty() ? std::string_view("none") : flags);
        (*this)("names", status.names);
        (*this)("h", status.heartbeat_interval);
        (*this)("T", status.loss_interval);
        (*this)("revision", status.revision);
        (*this)("applied", status.applied_revision);
    }
    void say(std::string_view whose, const ArbitrationTuple& tuple) {
        text_.append(" ").append(whose).append("={");
        text_.append("freeze ").append(std::to_string(tuple.number));
        (*this)("modules", tuple.module_count);
        (*this)("maker", Incarnation{tuple.configuration_maker});
        (*this)("revision", tuple.configuration_revision);
        age("configured", tuple.configuration_age_ms);
        age("active", tuple.active_age_ms);
        text_.append(tuple.vsg ? " vsg}" : "}");
    }
    void say(const std::optional<Arbitration>& arbitration) {
        if (!arbitration)
            return;
        say("mine", arbitration->mine);
        if (arbitration->yours)
            say("yours", *arbitration->yours);
    }

    void operator()(const Hello& message) {
        say(message.status);
        say(message.arbitration);
    }
    void operator()(const HeartbeatRequest& message) {
        (*this)("number", message.number);
        say(message.status);
        say(message.arbitration);
        if (!message.ordered_by.empty())
            (*this)("by", message.ordered_by);
    }
    void operator()(const HeartbeatResponse& message) {
        (*this)("number", message.number);
        say(message.status);
    }
    void operator()(const Leaving& message) {
        (*this)("subject", message.subject);
        (*this)("reason", to_string(message.reason));
        say(message.status);
    }
    void operator()(const ModuleBeacon& message) {
        (*this)("other", message.other_supervisor.to_string());
    }
    void operator()(const SwitchRequest& message) { (*this)("number", message.number); }
    void operator()(const ModuleHello& message) {
        (*this)("host", message.host.to_string());
        (*this)("name", message.host_name);
        (*this)("wanted", message.wanted);
        (*this)("headless", message.headless ? "yes" : "no");
    }
    void operator()(const ModuleAccept& message) {
        (*this)("module", message.module);
        (*this)("names", message.names);
        (*this)("h", message.heartbeat_interval);
        (*this)("other", message.other_supervisor.to_string());
    }
    void operator()(const ModuleHeartbeat& message) {
        (*this)("module", message.module);
        (*this)("number", message.number);
        (*this)("names", message.names);
        (*this)("other", message.other_supervisor.to_string());
        if (message.orders) {
            (*this)("orders", message.orders->number);
            (*this)("ports", letters_of(message.orders->ports));
        }
        if (message.new_domain)
            (*this)("domain", ha::number(*message.new_domain));
    }
    void operator()(const ModuleHeartbeatReply& message) {
        (*this)("module", message.module);
        (*this)("number", message.number);
        (*this)("names", message.names);
        (*this)("host", message.host.to_string());
        if (message.ports) {
            (*this)("held", message.ports->held);
            (*this)("ports", letters_of(message.ports->ports));
        }
    }
    void operator()(const ModuleDetach& message) {
        (*this)("reason", to_string(message.reason));
        (*this)("names", message.names);
        (*this)("host", message.host.to_string());
    }
    void operator()(const ChannelData& message) {
        (*this)("stream", message.stream);
        (*this)("number", message.number);
        (*this)("bytes", message.bytes.size());
        std::string flags;
        for (const auto& [set, name] : {std::pair{message.first, "first"},
                                        {message.last, "last"},
                                        {message.answer, "answer"}}) {
            if (set)
                flags.append(flags.empty() ? "" : ",").append(name);
        }
        (*this)("flags", flags.empty() ? std::string_view("none") : flags);
        (*this)("names", message.names);
    }
    void operator()(const ChannelAck& message) {
        (*this)("stream", message.stream);
        (*this)("next", message.next);
        (*this)("window", message.window);
        for (const ChannelRange& range : message.ranges)
            (*this)("has", std::to_string(range.first) + "-" + std::to_string(range.last));
        (*this)("names", message.names);
    }
    void operator()(const StateApplied& message) {
        (*this)("revision", message.revision);
        (*this)("names", message.names);
    }

private:
    std::string& text_;
};

}  // namespace

std::string describe(const Frame& frame) {
    const FrameType type = type_of(frame.message);
    std::string text(to_string(type));
    if (frame.slot == kPrimarySlot || frame.slot == kSecondarySlot)
        text.append(" ").append(ha::to_string(frame.role));
    else
        text += frame.slot == kNoSlot ? " module" : " module-" + std::to_string(number(frame.slot));
    text += " #" + std::to_string(frame.sequence) + " " + ha::to_string(frame.incarnation);
    Words words(text);
    std::visit(words, frame.message);
    return text;
}

std::string describe(Duration duration) {
    const auto count = static_cast<double>(duration.count());
    constexpr std::array<std::pair<double, const char*>, 4> kUnits{
        {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}}};
    for (const auto& [size, name] : kUnits) {
        if (count >= size || count <= -size || size == 1) {
            std::array<char, 40> text{};
            std::snprintf(text.data(), text.size(), "%.9g%s", count / size, name);
            return text.data();
        }
    }
    return "";  // not reached: every duration is at least one of its smallest unit
}

}  // namespace ha::wire
