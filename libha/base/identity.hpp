// Who is who in a domain: domain, slot, role, boot incarnation, and the two L2 ports of a
// supervisor.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ha {

/// The number that a pair and its modules share, 1…4095.
enum class DomainId : std::uint16_t {};
inline constexpr std::uint16_t kDomainIdMinimum = 1;
inline constexpr std::uint16_t kDomainIdMaximum = 4095;

/// A module number: 1 and 2 are the supervisors, 3…66 the modules (VEMs). 0 stands for "none yet".
enum class Slot : std::uint8_t {};
inline constexpr Slot kNoSlot{0};
inline constexpr Slot kPrimarySlot{1};
inline constexpr Slot kSecondarySlot{2};
inline constexpr std::uint8_t kFirstModuleNumber = 3;
inline constexpr std::uint8_t kLastModuleNumber = 66;

constexpr unsigned number(Slot slot) {
    return static_cast<unsigned>(slot);
}
constexpr unsigned number(DomainId domain) {
    return static_cast<unsigned>(domain);
}

/// The redundancy role (BEHAVIOUR ROLE-1). The values are the ones on the wire.
enum class Role : std::uint8_t { standalone = 0, primary = 1, secondary = 2 };

std::string_view to_string(Role role);
tl::expected<Role, std::string> parse_role(std::string_view text);

/// Standalone and primary sit in slot 1, secondary in slot 2.
constexpr Slot slot_of(Role role) {
    return role == Role::secondary ? kSecondarySlot : kPrimarySlot;
}
constexpr Slot other_slot(Slot slot) {
    return slot == kPrimarySlot ? kSecondarySlot : kPrimarySlot;
}

/// One life of one process: the stored boot counter in the upper half, random bits in the lower.
/// A later boot of the same store compares greater. 0 is "none".
enum class Incarnation : std::uint64_t {};
inline constexpr Incarnation kNoIncarnation{0};
/// "00000007.9f3a12c4".
std::string to_string(Incarnation incarnation);

/// The L2 interfaces of a supervisor. Modules have control only. The values are the ones on the
/// wire.
enum class PortKind : std::uint8_t { control = 1, mgmt = 2 };
inline constexpr PortKind kPortKinds[] = {PortKind::control, PortKind::mgmt};
inline constexpr std::size_t kPortCount = 2;
constexpr std::size_t index_of(PortKind port) {
    return port == PortKind::control ? 0 : 1;
}
/// "control" or "mgmt".
std::string_view to_string(PortKind port);

}  // namespace ha
