// Why a received frame was not used: one closed list, counted per port, shown by
// `show system internal redundancy statistics` (BEHAVIOUR ANY-1).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ha::wire {

enum class DropReason : std::uint8_t {
    truncated,            ///< shorter than its header or its TLVs say
    oversized,            ///< longer than kMaximumPayload
    bad_magic,            ///< not ours
    unsupported_version,  ///< a version this program does not speak
    unknown_type,         ///< a frame type this program does not know
    malformed_tlv,        ///< a TLV with an impossible length or value
    missing_tlv,          ///< a TLV its type requires is not there
    reserved_bits,        ///< bits that must be zero are not
    bad_source,           ///< the source MAC is a group address or zero
    wrong_port,      ///< claims to be sent on the other port, or of a type that port never carries
    foreign_domain,  ///< another domain's number
    bad_slot,        ///< role and slot do not fit, or a slot out of range
    authentication_missing,     ///< a key is set here and the frame carries no proof
    authentication_unexpected,  ///< carries a proof and no key is set here
    unknown_key,                ///< proof made with a key id we do not have
    authentication_failed,      ///< the proof does not match
    replayed,                   ///< sequence already seen, or too old to tell
    stale_incarnation,          ///< from an earlier life of its sender
    unlearnt_mac,               ///< not from the learnt MAC of the peer (BOOT-5)
    own_frame,                  ///< our own frame reflected
    not_for_us,                 ///< names another incarnation, or is of a type we never take
    standalone,                 ///< this supervisor is standalone (ROLE-1)
    rate_limited,               ///< more than a sender may make us handle
    vlan_mismatch,              ///< tagged for another VLAN, or not tagged where a tag is required
};
inline constexpr std::size_t kDropReasonCount =
    static_cast<std::size_t>(DropReason::vlan_mismatch) + 1;

/// "unlearnt-mac".
std::string_view to_string(DropReason reason);
/// A sentence for documentation and help.
std::string_view describe(DropReason reason);

}  // namespace ha::wire
