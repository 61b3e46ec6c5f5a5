#include "test/fuzz/support/messages.hpp"

#include "test/fuzz/support/require.hpp"

namespace test::fuzz {

using namespace ha;
using namespace std::chrono_literals;

namespace {

constexpr unsigned kHosts = 80;  // more than there are module numbers

Incarnation life(ByteSource& source, Incarnation expected) {
    const unsigned choice = source.below(16);
    if (choice == 15)
        return Incarnation{source.any_number()};
    return choice == 14 ? kNoIncarnation : expected;
}
Slot module_number(ByteSource& source) {
    return Slot{static_cast<std::uint8_t>(
        kFirstModuleNumber + source.below(kLastModuleNumber - kFirstModuleNumber + 1))};
}
MacAddress other_supervisor(ByteSource& source) {
    switch (source.below(4)) {
        case 0:
            return {};
        case 1:
            return kPeerMac;
        default:
            return kOtherMac;
    }
}
Duration interval(ByteSource& source, Duration usual, Duration shortest, Duration longest) {
    switch (source.below(16)) {
        case 14:
            return shortest;
        case 15:
            return longest;
        default:
            return usual;
    }
}
std::uint64_t age(ByteSource& source) {
    const std::uint64_t number = source.any_number();
    return number > wire::kLongestAgeMs ? wire::kNeverAge : number;
}

wire::SupervisorStatus status(ByteSource& source, const Cast& cast) {
    wire::SupervisorStatus made;
    made.state = static_cast<wire::ClaimedState>(1 + source.below(6));
    const std::uint8_t flags = source.byte();
    made.flags = (flags & 0x80U) != 0 ? static_cast<std::uint8_t>(flags & 0x3fU) : std::uint8_t{0};
    made.names = life(source, cast.own);
    made.heartbeat_interval =
        interval(source, 1s, wire::kShortestHeartbeat, wire::kLongestHeartbeat);
    made.loss_interval = interval(source, 15s, wire::kShortestLoss, wire::kLongestLoss);
    made.revision = source.any_number();
    made.applied_revision = source.any_number();
    return made;
}
wire::ArbitrationTuple tuple(ByteSource& source) {
    wire::ArbitrationTuple made;
    made.number = 1 + source.below(255);
    made.module_count = source.byte();
    made.configuration_maker = source.any_number();
    made.configuration_revision = source.any_number();
    made.configuration_age_ms = age(source);
    made.active_age_ms = std::min(source.any_number(), wire::kLongestAgeMs);
    made.vsg = source.below(8) == 7;
    return made;
}
std::optional<wire::Arbitration> arbitration(ByteSource& source) {
    const unsigned choice = source.below(4);
    if (choice < 2)
        return std::nullopt;
    wire::Arbitration made{tuple(source), std::nullopt};
    if (choice == 3)
        made.yours = tuple(source);
    return made;
}
Uuid some_host(ByteSource& source, const Cast& cast) {
    const unsigned number = source.below(kHosts + 1);
    return number == 0 ? cast.own_host : host(number - 1);
}
std::string name(ByteSource& source) {
    return std::string(source.below(4) == 3 ? wire::kMaximumHostName : 4,
                       static_cast<char>('a' + source.below(26)));
}
std::uint32_t number32(ByteSource& source) {
    return static_cast<std::uint32_t>(source.any_number());
}

wire::Message supervisor_message(ByteSource& source, const Cast& cast, wire::FrameType type) {
    using enum wire::FrameType;
    switch (type) {
        case hello: {
            auto made = status(source, cast);
            return wire::Hello{made, arbitration(source)};
        }
        case heartbeat_request: {
            auto made = status(source, cast);
            const auto number = number32(source);
            return wire::HeartbeatRequest{made, number, arbitration(source),
                                          source.flag() ? name(source) : std::string()};
        }
        case heartbeat_response: {
            auto made = status(source, cast);
            return wire::HeartbeatResponse{made, number32(source)};
        }
        case leaving: {
            auto made = status(source, cast);
            const auto subject = life(source, cast.peer);
            return wire::Leaving{made, subject,
                                 static_cast<wire::LeaveReason>(1 + source.below(4))};
        }
        case module_beacon:
        case switch_request:
        case module_hello:
        case module_accept:
        case module_heartbeat:
        case module_heartbeat_reply:
        case module_detach:
        case channel_data:
        case channel_ack:
        case state_applied:
        case exchange_data:
        case exchange_ack:
            break;
    }
    return {};
}

wire::PortOrders port_orders(ByteSource& source) {
    wire::PortOrders made{1 + source.below(4), {}};
    for (std::size_t port = source.below(6); port > 0; --port)
        made.ports.push_back(static_cast<wire::PortOrder>(source.below(3)));
    return made;
}

wire::PortReport port_report(ByteSource& source) {
    wire::PortReport made{source.below(4), {}};
    for (std::size_t port = source.below(6); port > 0; --port)
        made.ports.push_back(
            {source.flag(), source.flag(), source.flag(), source.flag(), source.flag()});
    return made;
}

wire::Message module_message(ByteSource& source, const Cast& cast, wire::FrameType type) {
    using enum wire::FrameType;
    switch (type) {
        case hello:
        case heartbeat_request:
        case heartbeat_response:
        case leaving:
        case channel_data:
        case channel_ack:
        case state_applied:
        case exchange_data:
        case exchange_ack:
            break;
        case module_beacon:
            return wire::ModuleBeacon{other_supervisor(source)};
        case switch_request:
            return wire::SwitchRequest{number32(source)};
        case module_hello: {
            wire::ModuleHello made;
            made.host = some_host(source, cast);
            made.host_name = name(source);
            made.wanted = source.flag() ? module_number(source) : kNoSlot;
            made.headless = source.flag();
            return made;
        }
        case module_accept: {
            wire::ModuleAccept made;
            made.names = life(source, cast.own);
            made.module = module_number(source);
            made.heartbeat_interval =
                interval(source, 1s, wire::kShortestHeartbeat, wire::kLongestHeartbeat);
            made.other_supervisor = other_supervisor(source);
            return made;
        }
        case module_heartbeat: {
            wire::ModuleHeartbeat made;
            made.names = life(source, cast.own);
            made.module = module_number(source);
            made.number = number32(source);
            made.other_supervisor = other_supervisor(source);
            if (source.flag())
                made.orders = port_orders(source);
            if (source.flag())
                made.new_domain = DomainId{static_cast<std::uint16_t>(1 + source.below(4095))};
            return made;
        }
        case module_heartbeat_reply: {
            wire::ModuleHeartbeatReply made;
            made.names = life(source, cast.own);
            made.host = some_host(source, cast);
            made.module = module_number(source);
            made.number = number32(source);
            if (source.flag())
                made.ports = port_report(source);
            return made;
        }
        case module_detach: {
            wire::ModuleDetach made;
            made.names = life(source, cast.own);
            made.host = some_host(source, cast);
            made.reason = static_cast<wire::DetachReason>(1 + source.below(5));
            return made;
        }
    }
    return {};
}

wire::Message channel_message(ByteSource& source, const Cast& cast, wire::FrameType type) {
    const auto names = life(source, cast.own);
    if (type == wire::FrameType::channel_data) {
        wire::ChannelData made = channel_data(source);
        made.names = names;
        return made;
    }
    if (type == wire::FrameType::channel_ack) {
        wire::ChannelAck made = channel_ack(source);
        made.names = names;
        return made;
    }
    if (type == wire::FrameType::exchange_data) {
        wire::ExchangeData made{channel_data(source)};
        made.names = names;
        return made;
    }
    if (type == wire::FrameType::exchange_ack) {
        wire::ExchangeAck made{channel_ack(source)};
        made.names = names;
        return made;
    }
    return wire::StateApplied{names, source.any_number()};
}

}  // namespace

wire::ChannelData channel_data(ByteSource& source) {
    wire::ChannelData made;
    made.stream = 1 + source.below(4);
    made.number = 1 + source.any_number() % wire::kMaximumChannelNumber;
    const std::uint8_t choices = source.byte();
    made.first = (choices & 1U) != 0;
    made.last = (choices & 2U) != 0;
    made.answer = (choices & 4U) != 0;
    const std::size_t size = (choices & 8U) != 0 ? wire::kMaximumChannelBytes : choices >> 4U;
    made.bytes.assign(made.first && made.last ? size : std::max<std::size_t>(size, 1), choices);
    return made;
}

wire::ChannelAck channel_ack(ByteSource& source) {
    wire::ChannelAck made;
    made.stream = 1 + source.below(4);
    made.next = 1 + source.any_number() % wire::kMaximumChannelNumber;
    made.window = number32(source) * (source.flag() ? 1U : 1000U);
    std::uint64_t below = made.next;
    for (auto count = source.below(wire::kMaximumChannelRanges + 1); count > 0; --count) {
        wire::ChannelRange range;
        range.first = below + 1 + source.byte();
        range.last = range.first + source.any_number() % wire::kMaximumChannelNumber;
        if (range.last > wire::kMaximumChannelNumber)
            break;
        made.ranges.push_back(range);
        below = range.last + 1;
    }
    return made;
}

wire::Key key(std::uint8_t id) {
    wire::Key made;
    made.id = id;
    made.secret.fill(id);
    return made;
}

Uuid host(unsigned number) {
    return Uuid{{1, static_cast<std::uint8_t>(number)}};
}

wire::Message message(ByteSource& source, const Cast& cast) {
    const auto type = static_cast<wire::FrameType>(1 + source.below(wire::kFrameTypeCount));
    if (type >= wire::FrameType::channel_data)
        return channel_message(source, cast, type);
    return type < wire::FrameType::module_beacon ? supervisor_message(source, cast, type)
                                                 : module_message(source, cast, type);
}

void damage(ByteSource& source, wire::Bytes& payload) {
    switch (source.below(4)) {
        case 0:
            payload.resize(std::min<std::size_t>(payload.size(), source.byte()));
            return;
        case 1:
            payload.resize(payload.size() + source.byte());
            return;
        default:
            for (auto count = 1 + source.below(4); count > 0 && !payload.empty(); --count)
                payload[source.number16() % payload.size()] = source.byte();
    }
}

wire::Frame require_sound(const wire::Bytes& payload, const MacAddress& source,
                          const wire::Keyring& keyring, DomainId domain) {
    require(payload.size() <= wire::kMaximumPayload, "a frame fits into the maximum payload");
    const auto frame = wire::decode(payload);
    require(frame.has_value(), "a frame that is sent can be read");
    require(frame->domain == domain, "a frame that is sent is of the own domain");
    require(wire::carries(frame->port, wire::type_of(frame->message)),
            "a frame that is sent is of a type that its port carries");
    require(wire::verify(payload, source, keyring).has_value(),
            "a frame that is sent carries the proof that is asked for");
    return *frame;
}

}  // namespace test::fuzz
