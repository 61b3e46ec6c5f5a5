// Writing frames, and reading their header; decode_message.cpp reads what follows it.
#include "libha/wire/codec.hpp"

#include <algorithm>

#include "libha/wire/cursor.hpp"
#include "libha/wire/decode_message.hpp"
#include "libha/wire/layout.hpp"

namespace ha::wire {
namespace {

std::uint32_t microseconds(Duration duration) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

/// Names come from configuration and from the host; whatever got past them leaves as so many
/// printable characters.
std::string wire_name(const std::string& name, std::size_t longest) {
    std::string text = name.substr(0, longest);
    std::ranges::replace_if(
        text, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

std::uint8_t bits_of(const PortState& port) {
    return static_cast<std::uint8_t>(
        (port.present ? kPortPresent : 0U) | (port.admin_up ? kPortAdminUp : 0U) |
        (port.link ? kPortLink : 0U) | (port.forwards ? kPortForwards : 0U) |
        (port.disobeys ? kPortDisobeys : 0U));
}

class MessageWriter {
public:
    explicit MessageWriter(Bytes& out) : writer_(out) {}

    void operator()(const Hello& message) {
        status(message.status);
        arbitration(message.arbitration);
    }
    void operator()(const HeartbeatRequest& message) {
        status(message.status);
        number(message.number);
        arbitration(message.arbitration);
        if (!message.ordered_by.empty()) {
            const std::string name = wire_name(message.ordered_by, kMaximumOrderedBy);
            tlv(TlvType::ordered_by, name.size());
            writer_.text(name);
        }
    }
    void operator()(const HeartbeatResponse& message) {
        status(message.status);
        number(message.number);
    }
    void operator()(const Leaving& message) {
        status(message.status);
        tlv(TlvType::leaving, 9);
        writer_.number(static_cast<std::uint64_t>(message.subject));
        writer_.number(static_cast<std::uint8_t>(message.reason));
    }
    void operator()(const ModuleBeacon& message) { other_supervisor(message.other_supervisor); }
    void operator()(const SwitchRequest& message) { number(message.number); }
    void operator()(const ModuleHello& message) {
        host(message.host);
        const std::string name = wire_name(message.host_name, kMaximumHostName);
        tlv(TlvType::host_name, name.size());
        writer_.text(name);
        tlv(TlvType::module_wish, 2);
        writer_.number(static_cast<std::uint8_t>(message.wanted));
        writer_.number(static_cast<std::uint8_t>(message.headless ? 1 : 0));
    }
    void operator()(const ModuleAccept& message) {
        names(message.names);
        module_number(message.module);
        tlv(TlvType::heartbeat_interval, 4);
        writer_.number(microseconds(message.heartbeat_interval));
        other_supervisor(message.other_supervisor);
    }
    void operator()(const ModuleHeartbeat& message) {
        names(message.names);
        module_number(message.module);
        number(message.number);
        other_supervisor(message.other_supervisor);
        if (message.orders)
            orders(*message.orders);
        if (message.new_domain) {
            tlv(TlvType::new_domain, 2);
            writer_.number(static_cast<std::uint16_t>(*message.new_domain));
        }
    }
    void operator()(const ModuleHeartbeatReply& message) {
        names(message.names);
        host(message.host);
        module_number(message.module);
        number(message.number);
        if (message.ports)
            report(*message.ports);
    }
    void operator()(const ModuleDetach& message) {
        names(message.names);
        host(message.host);
        tlv(TlvType::detach_reason, 1);
        writer_.number(static_cast<std::uint8_t>(message.reason));
    }
    void operator()(const ChannelData& message) {
        names(message.names);
        tlv(TlvType::channel_data, kChannelDataSize + message.bytes.size());
        writer_.number(message.stream);
        writer_.number(message.number);
        writer_.number(static_cast<std::uint8_t>((message.first ? kChannelFirst : 0U) |
                                                 (message.last ? kChannelLast : 0U) |
                                                 (message.answer ? kChannelAnswer : 0U)));
        writer_.bytes(message.bytes);
    }
    void operator()(const ChannelAck& message) {
        names(message.names);
        tlv(TlvType::channel_ack, kChannelAckSize + message.ranges.size() * kChannelRangeSize);
        writer_.number(message.stream);
        writer_.number(message.next);
        writer_.number(message.window);
        for (const ChannelRange& range : message.ranges) {
            writer_.number(range.first);
            writer_.number(range.last);
        }
    }
    void operator()(const StateApplied& message) {
        names(message.names);
        tlv(TlvType::applied, 8);
        writer_.number(message.revision);
    }

private:
    void tlv(TlvType type, std::size_t length) {
        writer_.number(static_cast<std::uint16_t>(type));
        writer_.number(static_cast<std::uint16_t>(length));
    }
    void status(const SupervisorStatus& status) {
        tlv(TlvType::status, 34);
        writer_.number(static_cast<std::uint8_t>(status.state));
        writer_.number(status.flags);
        writer_.number(static_cast<std::uint64_t>(status.names));
        writer_.number(microseconds(status.heartbeat_interval));
        writer_.number(microseconds(status.loss_interval));
        writer_.number(status.revision);
        writer_.number(status.applied_revision);
    }
    void arbitration(const std::optional<Arbitration>& arbitration) {
        if (!arbitration)
            return;
        tuple(TlvType::my_tuple, arbitration->mine);
        if (arbitration->yours)
            tuple(TlvType::your_tuple, *arbitration->yours);
    }
    void tuple(TlvType type, const ArbitrationTuple& tuple) {
        tlv(type, 39);
        writer_.number(tuple.number);
        writer_.number(tuple.module_count);
        writer_.number(tuple.configuration_maker);
        writer_.number(tuple.configuration_revision);
        writer_.number(tuple.configuration_age_ms);
        writer_.number(tuple.active_age_ms);
        writer_.number(static_cast<std::uint8_t>(tuple.vsg ? 1 : 0));
    }
    void number(std::uint32_t value) {
        tlv(TlvType::number, 4);
        writer_.number(value);
    }
    void other_supervisor(const MacAddress& mac) {
        tlv(TlvType::other_supervisor, 6);
        writer_.bytes(mac.octets);
    }
    void host(const Uuid& uuid) {
        tlv(TlvType::host, 16);
        writer_.bytes(uuid.octets);
    }
    void names(Incarnation incarnation) {
        tlv(TlvType::names, 8);
        writer_.number(static_cast<std::uint64_t>(incarnation));
    }
    void module_number(Slot module) {
        tlv(TlvType::module_number, 1);
        writer_.number(static_cast<std::uint8_t>(module));
    }
    void orders(const PortOrders& orders) {
        const std::size_t count = std::min(orders.ports.size(), kMaximumModulePorts);
        tlv(TlvType::port_orders, 4 + count);
        writer_.number(orders.number);
        for (std::size_t port = 0; port < count; ++port)
            writer_.number(static_cast<std::uint8_t>(orders.ports[port]));
    }
    void report(const PortReport& report) {
        const std::size_t count = std::min(report.ports.size(), kMaximumModulePorts);
        tlv(TlvType::port_report, 4 + count);
        writer_.number(report.held);
        for (std::size_t port = 0; port < count; ++port)
            writer_.number(bits_of(report.ports[port]));
    }

    Writer writer_;
};

bool is_module_slot(Slot slot) {
    return slot == kNoSlot ||
           (number(slot) >= kFirstModuleNumber && number(slot) <= kLastModuleNumber);
}

/// Who may send what: supervisors of a pair, any supervisor, or modules (whose role is
/// "standalone").
bool slot_fits(FrameType type, Slot slot, Role role) {
    const bool pair = role != Role::standalone && slot == slot_of(role);
    const bool supervisor = slot == slot_of(role);
    const bool module = role == Role::standalone && is_module_slot(slot);
    switch (type) {
        case FrameType::hello:
        case FrameType::heartbeat_request:
        case FrameType::heartbeat_response:
        case FrameType::channel_data:
        case FrameType::channel_ack:
        case FrameType::state_applied:
        case FrameType::exchange_data:
        case FrameType::exchange_ack:
            return pair;
        case FrameType::leaving:
        case FrameType::module_beacon:
        case FrameType::switch_request:
        case FrameType::module_accept:
        case FrameType::module_heartbeat:
            return supervisor;
        case FrameType::module_hello:
        case FrameType::module_heartbeat_reply:
            return module;
        case FrameType::module_detach:
            return supervisor || module;
    }
    return false;
}

}  // namespace

tl::expected<Frame, DropReason> decode_header(ByteView part) {
    const auto type = static_cast<FrameType>(part[kTypeOffset]);
    Reader reader(part.first(kHeaderSize).subspan(kReservedOffset));
    Frame frame;
    if (reader.number<std::uint16_t>() != 0)
        return tl::unexpected(DropReason::reserved_bits);
    const auto domain = reader.number<std::uint16_t>();
    const auto slot = reader.number<std::uint8_t>();
    const auto role = reader.number<std::uint8_t>();
    const auto port = reader.number<std::uint8_t>();
    if (reader.number<std::uint8_t>() != 0)
        return tl::unexpected(DropReason::reserved_bits);
    const auto incarnation = reader.number<std::uint64_t>();
    frame.sequence = reader.number<std::uint64_t>();
    if (domain < kDomainIdMinimum || domain > kDomainIdMaximum)
        return tl::unexpected(DropReason::foreign_domain);
    if (role > static_cast<std::uint8_t>(Role::secondary) ||
        !slot_fits(type, Slot{slot}, static_cast<Role>(role)))
        return tl::unexpected(DropReason::bad_slot);
    if (port != static_cast<std::uint8_t>(PortKind::control) &&
        port != static_cast<std::uint8_t>(PortKind::mgmt))
        return tl::unexpected(DropReason::wrong_port);
    if (incarnation == 0)
        return tl::unexpected(DropReason::malformed_tlv);
    frame.domain = DomainId{domain};
    frame.slot = Slot{slot};
    frame.role = static_cast<Role>(role);
    frame.port = static_cast<PortKind>(port);
    frame.incarnation = Incarnation{incarnation};
    return frame;
}

Bytes encode(const Frame& frame) {
    Bytes out;
    const auto* data = std::get_if<ChannelData>(&frame.message);
    out.reserve(kHeaderSize + 128 + (data != nullptr ? data->bytes.size() : 0));
    Writer writer(out);
    writer.number(kMagic);
    writer.number(kVersion);
    writer.number(static_cast<std::uint8_t>(type_of(frame.message)));
    writer.number(std::uint16_t{0});  // the length, known at the end
    writer.number(std::uint16_t{0});
    writer.number(static_cast<std::uint16_t>(frame.domain));
    writer.number(static_cast<std::uint8_t>(frame.slot));
    writer.number(static_cast<std::uint8_t>(frame.role));
    writer.number(static_cast<std::uint8_t>(frame.port));
    writer.number(std::uint8_t{0});
    writer.number(static_cast<std::uint64_t>(frame.incarnation));
    writer.number(frame.sequence);
    std::visit(MessageWriter(out), frame.message);
    writer.patch(kLengthOffset, static_cast<std::uint16_t>(out.size()));
    return out;
}

tl::expected<ByteView, DropReason> announced_part(ByteView payload) {
    if (payload.size() > kMaximumPayload)
        return tl::unexpected(DropReason::oversized);
    Reader reader(payload);
    const auto magic = reader.number<std::uint32_t>();
    if (!reader.failed() && magic != kMagic)
        return tl::unexpected(DropReason::bad_magic);
    reader.bytes(sizeof kVersion);
    const auto type = reader.number<std::uint8_t>();
    if (!reader.failed() && (type == 0 || type > kFrameTypeCount))
        return tl::unexpected(DropReason::unknown_type);
    const auto length = reader.number<std::uint16_t>();
    if (payload.size() < kHeaderSize || length > payload.size())
        return tl::unexpected(DropReason::truncated);
    if (length < kHeaderSize)
        return tl::unexpected(DropReason::malformed_tlv);
    const auto padding = payload.subspan(length);
    if (std::ranges::any_of(padding, [](std::uint8_t octet) { return octet != 0; }))
        return tl::unexpected(DropReason::reserved_bits);
    return payload.first(length);
}

std::optional<std::uint8_t> version_of(ByteView payload) {
    Reader reader(payload);
    const auto magic = reader.number<std::uint32_t>();
    const auto version = reader.number<std::uint8_t>();
    if (reader.failed() || magic != kMagic)
        return std::nullopt;
    return version;
}

tl::expected<Frame, DropReason> decode(ByteView payload) {
    const auto version = version_of(payload);
    if (payload.size() <= kMaximumPayload && version && *version != kVersion)
        return tl::unexpected(DropReason::unsupported_version);
    const auto part = announced_part(payload);
    if (!part)
        return tl::unexpected(part.error());
    auto frame = decode_header(*part);
    if (!frame)
        return frame;
    auto message =
        decode_message(static_cast<FrameType>((*part)[kTypeOffset]), part->subspan(kHeaderSize));
    if (!message)
        return tl::unexpected(message.error());
    frame->message = std::move(*message);
    return frame;
}

}  // namespace ha::wire
