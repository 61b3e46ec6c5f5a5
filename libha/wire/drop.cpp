// The names and the explanations of the drop reasons.
#include "libha/wire/drop.hpp"

namespace ha::wire {
namespace {

struct Words {
    std::string_view name;
    std::string_view description;
};

Words words_of(DropReason reason) {
    switch (reason) {
        case DropReason::truncated:
            return {"truncated", "The frame is shorter than its header or its TLVs say."};
        case DropReason::oversized:
            return {"oversized", "The frame is longer than any this protocol sends."};
        case DropReason::bad_magic:
            return {"bad-magic", "The frame does not start with this protocol's magic number."};
        case DropReason::unsupported_version:
            return {"unsupported-version",
                    "The frame is of a version this program does not speak."};
        case DropReason::unknown_type:
            return {"unknown-type", "The frame is of a type this program does not know."};
        case DropReason::malformed_tlv:
            return {"malformed-tlv", "A field or TLV has an impossible length or value."};
        case DropReason::missing_tlv:
            return {"missing-tlv", "A TLV that the frame's type requires is not there."};
        case DropReason::reserved_bits:
            return {"reserved-bits", "Bits that must be zero are not."};
        case DropReason::bad_source:
            return {"bad-source", "The source MAC is a group address or zero."};
        case DropReason::wrong_port:
            return {"wrong-port",
                    "The frame says it was sent on the other port, or its type never travels on "
                    "this one."};
        case DropReason::foreign_domain:
            return {"foreign-domain", "The frame belongs to another domain."};
        case DropReason::bad_slot:
            return {"bad-slot", "Role, slot and frame type do not fit together."};
        case DropReason::authentication_missing:
            return {"authentication-missing", "A key is set here and the frame carries no proof."};
        case DropReason::authentication_unexpected:
            return {"authentication-unexpected",
                    "The frame carries a proof and no key is set here."};
        case DropReason::unknown_key:
            return {"unknown-key", "The proof was made with a key id that is not set here."};
        case DropReason::authentication_failed:
            return {"authentication-failed",
                    "The proof does not match the frame and its source MAC."};
        case DropReason::replayed:
            return {"replayed", "The sequence number was seen before, or is too old to tell."};
        case DropReason::stale_incarnation:
            return {"stale-incarnation", "The frame is from an earlier life of its sender."};
        case DropReason::unlearnt_mac:
            return {"unlearnt-mac", "The frame is not from the learnt MAC of the peer."};
        case DropReason::own_frame:
            return {"own-frame", "The frame is one of our own, reflected."};
        case DropReason::not_for_us:
            return {
                "not-for-us",
                "The frame names another incarnation, or is of a type this program never takes."};
        case DropReason::standalone:
            return {"standalone", "This supervisor is standalone and takes no frames of a pair."};
        case DropReason::rate_limited:
            return {"rate-limited", "The sender sends more than it may make us handle."};
        case DropReason::vlan_mismatch:
            return {"vlan-mismatch",
                    "The frame is tagged for another VLAN, or lacks the tag this port requires."};
    }
    return {"unknown", "Not a reason of this program."};
}

}  // namespace

std::string_view to_string(DropReason reason) {
    return words_of(reason).name;
}
std::string_view describe(DropReason reason) {
    return words_of(reason).description;
}

}  // namespace ha::wire
