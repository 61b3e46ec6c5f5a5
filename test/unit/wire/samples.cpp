#include "test/unit/wire/samples.hpp"

#include <limits>

namespace ha::wire::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kMax64 = std::numeric_limits<std::uint64_t>::max();
constexpr auto kMax32 = std::numeric_limits<std::uint32_t>::max();
constexpr auto kMax16 = std::numeric_limits<std::uint16_t>::max();

SupervisorStatus ordinary_status() {
    SupervisorStatus status;
    status.state = ClaimedState::active;
    status.set(ControlFlag::peer_present);
    status.names = Incarnation{0x0000000312345678};
    status.heartbeat_interval = 1s;
    status.loss_interval = 15s;
    status.revision = 17;
    status.applied_revision = 16;
    return status;
}
SupervisorStatus smallest_status() {
    SupervisorStatus status;
    status.heartbeat_interval = kShortestHeartbeat;
    status.loss_interval = kShortestLoss;
    return status;
}
SupervisorStatus largest_status() {
    return {ClaimedState::switching_over,
            0x3f,
            Incarnation{kMax64},
            kLongestHeartbeat,
            kLongestLoss,
            kMax64,
            kMax64};
}
Uuid host_of(std::uint8_t fill) {
    Uuid host;
    host.octets.fill(fill);
    return host;
}
constexpr ArbitrationTuple kSmallestTuple{1, 0, 0, 0, 0, 0, false};
constexpr ArbitrationTuple kLargestTuple{kMax32,    kMax16,        kMax64, kMax64,
                                         kNeverAge, kLongestAgeMs, true};

/// As many as there may be, up to the greatest number.
std::vector<ChannelRange> ranges() {
    std::vector<ChannelRange> made;
    for (std::uint64_t below = 2 * kMaximumChannelRanges; below > 0; below -= 2)
        made.push_back({kMaximumChannelNumber - below + 2, kMaximumChannelNumber - below + 2});
    return made;
}

PortOrders some_orders() {
    return {2, {PortOrder::shutdown, PortOrder::none, PortOrder::no_shutdown}};
}

PortOrders most_orders() {
    return {kMax32, std::vector<PortOrder>(kMaximumModulePorts, PortOrder::no_shutdown)};
}

PortReport some_ports() {
    return {2, {{true, true, true, true, false}, {true, false, false, true, false}, {}}};
}

PortReport most_ports() {
    return {kMax32, std::vector<PortState>(kMaximumModulePorts, {true, true, true, true, true})};
}

}  // namespace

Frame frame_of(Message message) {
    Frame frame;
    frame.domain = kDomain;
    frame.incarnation = Incarnation{0x0000000200abcdef};
    frame.sequence = 42;
    const FrameType type = type_of(message);
    const bool module = type == FrameType::module_hello ||
                        type == FrameType::module_heartbeat_reply ||
                        type == FrameType::module_detach;
    frame.slot = module ? Slot{kFirstModuleNumber} : kSecondarySlot;
    frame.role = module ? Role::standalone : Role::secondary;
    frame.message = std::move(message);
    return frame;
}

std::vector<Message> ordinary_messages() {
    const Arbitration arbitration{{1, 3, 8, 9, 10000, 11000},
                                  ArbitrationTuple{2, 4, 8, 9, 12000, 13000}};
    const Incarnation peer{0x0000000312345678};
    return {Hello{ordinary_status(), arbitration},
            HeartbeatRequest{ordinary_status(), 77, std::nullopt, "bob:10.0.0.7@pts/1"},
            HeartbeatResponse{ordinary_status(), 77},
            Leaving{ordinary_status(), Incarnation{0x0000000200abcdef}, LeaveReason::reload},
            ModuleBeacon{kPeerMac},
            SwitchRequest{3},
            ModuleHello{host_of(7), "host-3", Slot{3}, true},
            ModuleAccept{peer, Slot{3}, 1s, kPeerMac},
            ModuleHeartbeat{peer, Slot{3}, 5, kPeerMac, some_orders()},
            ModuleHeartbeatReply{peer, host_of(7), Slot{3}, 5, some_ports()},
            ModuleDetach{peer, host_of(7), DetachReason::switched},
            ChannelData{peer, 2, 70, true, false, true, {'j', 'k', 'l'}},
            ChannelAck{peer, 2, 70, 4'000'000, {{72, 75}, {77, 77}}},
            StateApplied{peer, 19},
            ExchangeData{{peer, 3, 71, false, true, false, {'m', 'n'}}},
            ExchangeAck{{peer, 3, 71, 4'000'000, {{73, 73}}}}};
}

std::vector<Message> extreme_messages() {
    constexpr MacAddress kNone{};
    constexpr MacAddress kHighest{{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}};
    const std::string longest(kMaximumHostName, '~');
    const Slot first{kFirstModuleNumber};
    const Slot last{kLastModuleNumber};
    return {Hello{smallest_status(), std::nullopt},
            Hello{largest_status(), Arbitration{kLargestTuple, kLargestTuple}},
            Hello{largest_status(), Arbitration{kSmallestTuple, std::nullopt}},
            HeartbeatRequest{smallest_status(), 0, std::nullopt},
            HeartbeatRequest{largest_status(), kMax32, Arbitration{kLargestTuple, kSmallestTuple},
                             std::string(kMaximumOrderedBy, '~')},
            HeartbeatResponse{smallest_status(), 0},
            HeartbeatResponse{largest_status(), kMax32},
            Leaving{smallest_status(), Incarnation{1}, LeaveReason::stop},
            Leaving{largest_status(), Incarnation{kMax64}, LeaveReason::reset},
            Leaving{ordinary_status(), Incarnation{0x0000000200abcdef}, LeaveReason::crash},
            ModuleBeacon{kNone},
            ModuleBeacon{kHighest},
            SwitchRequest{0},
            SwitchRequest{kMax32},
            ModuleHello{host_of(0xff), "", kNoSlot, false},
            ModuleHello{host_of(1), longest, last, true},
            ModuleAccept{kNoIncarnation, first, kShortestHeartbeat, kNone},
            ModuleAccept{Incarnation{kMax64}, last, kLongestHeartbeat, kHighest},
            ModuleHeartbeat{kNoIncarnation, first, 0, kNone},
            ModuleHeartbeat{Incarnation{kMax64}, last, kMax32, kHighest},
            ModuleHeartbeat{Incarnation{kMax64}, last, kMax32, kHighest, PortOrders{1, {}}},
            ModuleHeartbeat{Incarnation{1}, last, 1, kNone, {}, DomainId{kDomainIdMinimum}},
            ModuleHeartbeat{Incarnation{1}, last, 1, kNone, {}, DomainId{kDomainIdMaximum}},
            ModuleHeartbeat{Incarnation{kMax64}, last, kMax32, kHighest, most_orders()},
            ModuleHeartbeatReply{kNoIncarnation, host_of(1), first, 0},
            ModuleHeartbeatReply{Incarnation{kMax64}, host_of(0xff), last, kMax32},
            ModuleHeartbeatReply{Incarnation{kMax64}, host_of(1), last, 1, PortReport{}},
            ModuleHeartbeatReply{Incarnation{kMax64}, host_of(1), last, 1, most_ports()},
            ModuleDetach{kNoIncarnation, host_of(1), DetachReason::stopping},
            ModuleDetach{Incarnation{kMax64}, host_of(0xff), DetachReason::reload},
            ChannelData{Incarnation{1}, 1, 1, true, true, false, {}},
            ChannelData{Incarnation{kMax64}, kMax32, kMaximumChannelNumber, false, false, false,
                        Bytes(kMaximumChannelBytes, 0xff)},
            ChannelAck{Incarnation{1}, 1, 1, 0, {}},
            ChannelAck{Incarnation{kMax64}, kMax32, kMaximumChannelNumber + 1, kMax32, {}},
            ChannelAck{Incarnation{kMax64}, kMax32, kMaximumChannelNumber - 32, kMax32, ranges()},
            StateApplied{Incarnation{1}, 0},
            StateApplied{Incarnation{kMax64}, kMax64},
            ExchangeData{{Incarnation{1}, 1, 1, true, true, false, {}}},
            ExchangeData{{Incarnation{kMax64}, kMax32, kMaximumChannelNumber, false, false, false,
                          Bytes(kMaximumChannelBytes, 0xff)}},
            ExchangeAck{{Incarnation{1}, 1, 1, 0, {}}},
            ExchangeAck{{Incarnation{kMax64}, kMax32, kMaximumChannelNumber + 1, kMax32, {}}}};
}

std::vector<Frame> sample_frames() {
    std::vector<Frame> frames;
    for (Message& message : ordinary_messages())
        frames.push_back(frame_of(std::move(message)));
    for (Message& message : extreme_messages()) {
        Frame frame = frame_of(std::move(message));
        frame.domain = DomainId{kDomainIdMaximum};
        frame.incarnation = Incarnation{kMax64};
        frame.sequence = kMax64;
        if (carries(PortKind::mgmt, type_of(frame.message)))
            frame.port = PortKind::mgmt;
        frames.push_back(std::move(frame));
    }
    return frames;
}

Key key(std::uint8_t id, std::uint8_t fill) {
    Key made;
    made.id = id;
    made.secret.fill(fill);
    return made;
}

Bytes sealed(const Frame& frame, const MacAddress& source, const Keyring& keyring) {
    Bytes payload = encode(frame);
    seal(payload, source, keyring);
    return payload;
}

}  // namespace ha::wire::test
