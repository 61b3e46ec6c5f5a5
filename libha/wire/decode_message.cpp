// The TLVs of each frame type. Nothing here trusts a length or a value: each TLV is read through a
// Reader of exactly its own bytes, must be used up, and each value is checked before it becomes
// one.
#include "libha/wire/decode_message.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "libha/wire/cursor.hpp"
#include "libha/wire/layout.hpp"

namespace ha::wire {
namespace {

constexpr std::uint8_t kKnownFlags = 0x3f;
constexpr std::uint8_t kKnownPortBits =
    kPortPresent | kPortAdminUp | kPortLink | kPortForwards | kPortDisobeys;
constexpr std::uint8_t kKnownChannelFlags = kChannelFirst | kChannelLast | kChannelAnswer;

/// The TLVs a message may have, by type; those of later versions and those that do not belong to
/// the type in hand are skipped. A TLV that may come once may not come twice.
class Body {
public:
    tl::expected<void, DropReason> read(ByteView body) {
        Reader reader(body);
        while (reader.left() > 0) {
            const auto type = reader.number<std::uint16_t>();
            const auto length = reader.number<std::uint16_t>();
            const ByteView value = reader.bytes(length);
            if (reader.failed())
                return tl::unexpected(DropReason::truncated);
            if (type >= singles_.size() || !is_known(type))
                continue;
            if (singles_[type])
                return tl::unexpected(DropReason::malformed_tlv);
            singles_[type] = value;
        }
        return {};
    }

    [[nodiscard]] bool has(TlvType type) const {
        return singles_[static_cast<std::size_t>(type)].has_value();
    }
    /// A reader of the TLV's value; notes that it is missing when it is.
    Reader required(TlvType type) {
        if (!has(type)) {
            note(DropReason::missing_tlv);
            return Reader({});
        }
        return Reader(*singles_[static_cast<std::size_t>(type)]);
    }

    /// Remembers the first thing that was wrong; a TLV that is missing is not malformed as well.
    void note(DropReason reason) {
        if (!error_)
            error_ = reason;
    }
    void expect(bool condition, DropReason reason = DropReason::malformed_tlv) {
        if (!condition)
            note(reason);
    }
    [[nodiscard]] const std::optional<DropReason>& error() const { return error_; }

private:
    static bool is_known(std::uint16_t type) {
        return type != static_cast<std::uint16_t>(TlvType::seal) &&
               std::ranges::find(kTlvTypes, static_cast<TlvType>(type)) != std::end(kTlvTypes);
    }

    /// By type, up to the highest but the seal's.
    std::array<std::optional<ByteView>, static_cast<std::size_t>(TlvType::ordered_by) + 1>
        singles_{};
    std::optional<DropReason> error_;
};

Duration read_duration(Reader& reader, Body& body, Duration shortest, Duration longest) {
    const Duration value = std::chrono::microseconds{reader.number<std::uint32_t>()};
    body.expect(value >= shortest && value <= longest);
    return value;
}

std::uint64_t read_age(Reader& reader, Body& body, bool may_be_never) {
    const auto age = reader.number<std::uint64_t>();
    body.expect(age <= kLongestAgeMs || (may_be_never && age == kNeverAge));
    return age;
}

template <typename Enum>
Enum read_enum(Reader& reader, Body& body, Enum first, Enum last) {
    const auto value = reader.number<std::uint8_t>();
    body.expect(value >= static_cast<std::uint8_t>(first) &&
                value <= static_cast<std::uint8_t>(last));
    return static_cast<Enum>(value);
}

SupervisorStatus read_status(Body& body) {
    Reader reader = body.required(TlvType::status);
    SupervisorStatus status;
    status.state =
        read_enum(reader, body, ClaimedState::initializing, ClaimedState::switching_over);
    status.flags = reader.number<std::uint8_t>();
    body.expect((status.flags & ~kKnownFlags) == 0, DropReason::reserved_bits);
    status.names = Incarnation{reader.number<std::uint64_t>()};
    status.heartbeat_interval = read_duration(reader, body, kShortestHeartbeat, kLongestHeartbeat);
    status.loss_interval = read_duration(reader, body, kShortestLoss, kLongestLoss);
    status.revision = reader.number<std::uint64_t>();
    status.applied_revision = reader.number<std::uint64_t>();
    body.expect(reader.exact());
    return status;
}

ArbitrationTuple read_tuple(Body& body, TlvType type) {
    Reader reader = body.required(type);
    ArbitrationTuple tuple;
    tuple.number = reader.number<std::uint32_t>();
    tuple.module_count = reader.number<std::uint16_t>();
    tuple.configuration_maker = reader.number<std::uint64_t>();
    tuple.configuration_revision = reader.number<std::uint64_t>();
    tuple.configuration_age_ms = read_age(reader, body, true);
    tuple.active_age_ms = read_age(reader, body, false);
    const auto vsg = reader.number<std::uint8_t>();
    tuple.vsg = vsg == 1;
    body.expect(reader.exact() && tuple.number != 0 && vsg <= 1);
    return tuple;
}

/// "Yours" alone says nothing: whoever answers a tuple has frozen its own.
std::optional<Arbitration> read_arbitration(Body& body) {
    if (!body.has(TlvType::my_tuple) && !body.has(TlvType::your_tuple))
        return std::nullopt;
    Arbitration arbitration;
    arbitration.mine = read_tuple(body, TlvType::my_tuple);
    if (body.has(TlvType::your_tuple))
        arbitration.yours = read_tuple(body, TlvType::your_tuple);
    return arbitration;
}

std::uint32_t read_number(Body& body) {
    Reader reader = body.required(TlvType::number);
    const auto value = reader.number<std::uint32_t>();
    body.expect(reader.exact());
    return value;
}

MacAddress read_other_supervisor(Body& body) {
    Reader reader = body.required(TlvType::other_supervisor);
    const MacAddress mac{reader.octets<6>()};
    body.expect(reader.exact() && !mac.is_group());
    return mac;
}

Uuid read_host(Body& body) {
    Reader reader = body.required(TlvType::host);
    const Uuid host{reader.octets<16>()};
    body.expect(reader.exact() && !host.is_nil());
    return host;
}

Incarnation read_names(Body& body) {
    Reader reader = body.required(TlvType::names);
    const Incarnation names{reader.number<std::uint64_t>()};
    body.expect(reader.exact());
    return names;
}

Slot read_slot(Reader& reader, Body& body) {
    const auto value = reader.number<std::uint8_t>();
    body.expect(value >= kFirstModuleNumber && value <= kLastModuleNumber);
    return Slot{value};
}

Slot read_module_number(Body& body) {
    Reader reader = body.required(TlvType::module_number);
    const Slot module = read_slot(reader, body);
    body.expect(reader.exact());
    return module;
}

std::string read_name(Reader& reader, Body& body, std::size_t longest) {
    std::string name;
    for (const std::uint8_t octet : reader.bytes(reader.left())) {
        body.expect(octet >= ' ' && octet <= '~');
        name += static_cast<char>(octet);
    }
    body.expect(name.size() <= longest);
    return name;
}

Hello read_hello(Body& body) {
    return {read_status(body), read_arbitration(body)};
}

std::string read_ordered_by(Body& body) {
    if (!body.has(TlvType::ordered_by))
        return {};
    Reader reader = body.required(TlvType::ordered_by);
    std::string name = read_name(reader, body, kMaximumOrderedBy);
    body.expect(!name.empty());
    return name;
}

HeartbeatRequest read_heartbeat_request(Body& body) {
    return {read_status(body), read_number(body), read_arbitration(body), read_ordered_by(body)};
}

HeartbeatResponse read_heartbeat_response(Body& body) {
    return {read_status(body), read_number(body)};
}

Leaving read_leaving(Body& body) {
    Leaving message;
    message.status = read_status(body);
    Reader reader = body.required(TlvType::leaving);
    message.subject = Incarnation{reader.number<std::uint64_t>()};
    message.reason = read_enum(reader, body, LeaveReason::stop, LeaveReason::crash);
    body.expect(reader.exact() && message.subject != kNoIncarnation);
    return message;
}

std::optional<DomainId> read_new_domain(Body& body) {
    if (!body.has(TlvType::new_domain))
        return std::nullopt;
    Reader reader = body.required(TlvType::new_domain);
    const auto domain = reader.number<std::uint16_t>();
    body.expect(reader.exact() && domain >= kDomainIdMinimum && domain <= kDomainIdMaximum);
    return DomainId{domain};
}

ModuleHello read_module_hello(Body& body) {
    ModuleHello message;
    message.host = read_host(body);
    Reader name = body.required(TlvType::host_name);
    message.host_name = read_name(name, body, kMaximumHostName);
    Reader wish = body.required(TlvType::module_wish);
    const auto wanted = wish.number<std::uint8_t>();
    const auto headless = wish.number<std::uint8_t>();
    body.expect(wish.exact() && headless <= 1 &&
                (wanted == 0 || (wanted >= kFirstModuleNumber && wanted <= kLastModuleNumber)));
    message.wanted = Slot{wanted};
    message.headless = headless == 1;
    return message;
}

ModuleAccept read_module_accept(Body& body) {
    ModuleAccept message;
    message.names = read_names(body);
    message.module = read_module_number(body);
    Reader reader = body.required(TlvType::heartbeat_interval);
    message.heartbeat_interval = read_duration(reader, body, kShortestHeartbeat, kLongestHeartbeat);
    body.expect(reader.exact());
    message.other_supervisor = read_other_supervisor(body);
    return message;
}

std::optional<PortOrders> read_port_orders(Body& body) {
    if (!body.has(TlvType::port_orders))
        return std::nullopt;
    Reader reader = body.required(TlvType::port_orders);
    PortOrders orders;
    orders.number = reader.number<std::uint32_t>();
    body.expect(!reader.failed() && orders.number != 0 && reader.left() <= kMaximumModulePorts);
    while (reader.left() > 0 && !body.error())
        orders.ports.push_back(read_enum(reader, body, PortOrder::none, PortOrder::no_shutdown));
    return orders;
}

std::optional<PortReport> read_port_report(Body& body) {
    if (!body.has(TlvType::port_report))
        return std::nullopt;
    Reader reader = body.required(TlvType::port_report);
    PortReport report;
    report.held = reader.number<std::uint32_t>();
    body.expect(!reader.failed() && reader.left() <= kMaximumModulePorts);
    while (reader.left() > 0 && !body.error()) {
        const auto bits = reader.number<std::uint8_t>();
        body.expect((bits & ~kKnownPortBits) == 0, DropReason::reserved_bits);
        report.ports.push_back({(bits & kPortPresent) != 0, (bits & kPortAdminUp) != 0,
                                (bits & kPortLink) != 0, (bits & kPortForwards) != 0,
                                (bits & kPortDisobeys) != 0});
    }
    return report;
}

ModuleDetach read_module_detach(Body& body) {
    ModuleDetach message;
    message.names = read_names(body);
    message.host = read_host(body);
    Reader reader = body.required(TlvType::detach_reason);
    message.reason = read_enum(reader, body, DetachReason::stopping, DetachReason::reload);
    body.expect(reader.exact());
    return message;
}

/// Whoever speaks of a stream knows the life that it speaks to.
Incarnation read_known_names(Body& body) {
    const Incarnation names = read_names(body);
    body.expect(names != kNoIncarnation);
    return names;
}

ChannelData read_channel_data(Body& body) {
    ChannelData message;
    message.names = read_known_names(body);
    Reader reader = body.required(TlvType::channel_data);
    message.stream = reader.number<std::uint32_t>();
    message.number = reader.number<std::uint64_t>();
    const auto flags = reader.number<std::uint8_t>();
    body.expect((flags & ~kKnownChannelFlags) == 0, DropReason::reserved_bits);
    message.first = (flags & kChannelFirst) != 0;
    message.last = (flags & kChannelLast) != 0;
    message.answer = (flags & kChannelAnswer) != 0;
    body.expect(!reader.failed() && reader.left() <= kMaximumChannelBytes);
    body.expect(reader.left() > 0 || (message.first && message.last));
    body.expect(message.stream != 0 && message.number != 0 &&
                message.number <= kMaximumChannelNumber);
    const ByteView bytes = reader.bytes(reader.left());
    message.bytes.assign(bytes.begin(), bytes.end());
    return message;
}

ChannelAck read_channel_ack(Body& body) {
    ChannelAck message;
    message.names = read_known_names(body);
    Reader reader = body.required(TlvType::channel_ack);
    message.stream = reader.number<std::uint32_t>();
    message.next = reader.number<std::uint64_t>();
    message.window = reader.number<std::uint32_t>();
    body.expect(!reader.failed() && message.stream != 0 && message.next != 0 &&
                message.next <= kMaximumChannelNumber + 1 &&
                reader.left() <= kMaximumChannelRanges * kChannelRangeSize);
    std::uint64_t below = message.next;  // the number that must be missing before the next range
    while (reader.left() > 0 && !body.error()) {
        ChannelRange range;
        range.first = reader.number<std::uint64_t>();
        range.last = reader.number<std::uint64_t>();
        body.expect(!reader.failed() && range.first > below && range.last >= range.first &&
                    range.last <= kMaximumChannelNumber);
        below = range.last + 1;
        message.ranges.push_back(range);
    }
    return message;
}

StateApplied read_state_applied(Body& body) {
    StateApplied message;
    message.names = read_known_names(body);
    Reader reader = body.required(TlvType::applied);
    message.revision = reader.number<std::uint64_t>();
    body.expect(reader.exact());
    return message;
}

Message read_message(FrameType type, Body& body) {
    switch (type) {
        case FrameType::hello:
            return read_hello(body);
        case FrameType::heartbeat_request:
            return read_heartbeat_request(body);
        case FrameType::heartbeat_response:
            return read_heartbeat_response(body);
        case FrameType::leaving:
            return read_leaving(body);
        case FrameType::module_beacon:
            return ModuleBeacon{read_other_supervisor(body)};
        case FrameType::switch_request:
            return SwitchRequest{read_number(body)};
        case FrameType::module_hello:
            return read_module_hello(body);
        case FrameType::module_accept:
            return read_module_accept(body);
        case FrameType::module_heartbeat:
            return ModuleHeartbeat{read_names(body),       read_module_number(body),
                                   read_number(body),      read_other_supervisor(body),
                                   read_port_orders(body), read_new_domain(body)};
        case FrameType::module_heartbeat_reply:
            return ModuleHeartbeatReply{read_names(body), read_host(body), read_module_number(body),
                                        read_number(body), read_port_report(body)};
        case FrameType::module_detach:
            return read_module_detach(body);
        case FrameType::channel_data:
            return read_channel_data(body);
        case FrameType::channel_ack:
            return read_channel_ack(body);
        case FrameType::state_applied:
            return read_state_applied(body);
        case FrameType::exchange_data:
            return ExchangeData{read_channel_data(body)};
        case FrameType::exchange_ack:
            return ExchangeAck{read_channel_ack(body)};
    }
    body.note(DropReason::unknown_type);
    return Hello{};
}

}  // namespace

tl::expected<Message, DropReason> decode_message(FrameType type, ByteView bytes) {
    Body body;
    if (const auto read = body.read(bytes); !read)
        return tl::unexpected(read.error());
    Message message = read_message(type, body);
    if (body.error())
        return tl::unexpected(*body.error());
    return message;
}

}  // namespace ha::wire
