// The numbers of the wire format, shared by the codec, the seal and the tests that pin them.
// docs/wire-format.md says the same in words; scripts/wireshark/vsm_ha.lua says it to Wireshark.
//
// A number that was ever on a wire never changes its meaning: a new field is a new TLV.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ha::wire {

inline constexpr std::uint32_t kMagic = 0x56534841;  ///< "VSHA"
inline constexpr std::uint8_t kVersion = 1;

// Offsets in the header.
inline constexpr std::size_t kMagicOffset = 0;       ///< 4 bytes
inline constexpr std::size_t kVersionOffset = 4;     ///< 1 byte
inline constexpr std::size_t kTypeOffset = 5;        ///< 1 byte, FrameType
inline constexpr std::size_t kLengthOffset = 6;      ///< 2 bytes: header and all TLVs, not padding
inline constexpr std::size_t kReservedOffset = 8;    ///< 2 bytes, zero
inline constexpr std::size_t kDomainOffset = 10;     ///< 2 bytes
inline constexpr std::size_t kSlotOffset = 12;       ///< 1 byte
inline constexpr std::size_t kRoleOffset = 13;       ///< 1 byte, Role
inline constexpr std::size_t kPortOffset = 14;       ///< 1 byte, PortKind
inline constexpr std::size_t kReserved2Offset = 15;  ///< 1 byte, zero
inline constexpr std::size_t kIncarnationOffset = 16;  ///< 8 bytes
inline constexpr std::size_t kSequenceOffset = 24;     ///< 8 bytes
inline constexpr std::size_t kHeaderSize = 32;

/// Type and length in front of every TLV's value, two bytes each; the length is the value's alone.
inline constexpr std::size_t kTlvHeaderSize = 4;

enum class TlvType : std::uint16_t {
    status = 1,
    number = 2,
    my_tuple = 3,
    your_tuple = 4,
    leaving = 5,
    other_supervisor = 9,
    host = 10,
    host_name = 11,
    names = 12,
    module_number = 13,
    module_wish = 14,
    heartbeat_interval = 15,
    detach_reason = 16,
    channel_data = 17,
    channel_ack = 18,
    applied = 19,
    port_orders = 20,
    port_report = 21,
    new_domain = 22,
    ordered_by = 23,
    seal = 255,
};
inline constexpr TlvType kTlvTypes[] = {
    TlvType::status,        TlvType::number,       TlvType::my_tuple,
    TlvType::your_tuple,    TlvType::leaving,      TlvType::other_supervisor,
    TlvType::host,          TlvType::host_name,    TlvType::names,
    TlvType::module_number, TlvType::module_wish,  TlvType::heartbeat_interval,
    TlvType::detach_reason, TlvType::channel_data, TlvType::channel_ack,
    TlvType::applied,       TlvType::port_orders,  TlvType::port_report,
    TlvType::new_domain,    TlvType::ordered_by,   TlvType::seal,
};
/// Bits of a channel-data's flags.
inline constexpr std::uint8_t kChannelFirst = 0x01;
inline constexpr std::uint8_t kChannelLast = 0x02;
inline constexpr std::uint8_t kChannelAnswer = 0x04;
/// Bits of each port in a port-report.
inline constexpr std::uint8_t kPortPresent = 0x01;
inline constexpr std::uint8_t kPortAdminUp = 0x02;
inline constexpr std::uint8_t kPortLink = 0x04;
inline constexpr std::uint8_t kPortForwards = 0x08;
inline constexpr std::uint8_t kPortDisobeys = 0x10;
/// A channel-data's value in front of the bytes, a channel-ack's in front of the ranges.
inline constexpr std::size_t kChannelDataSize = 13;
inline constexpr std::size_t kChannelAckSize = 16;
inline constexpr std::size_t kChannelRangeSize = 16;

/// "module-record".
std::string_view to_string(TlvType type);

}  // namespace ha::wire
