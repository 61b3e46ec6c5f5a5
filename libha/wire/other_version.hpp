// Frames of supervisors that speak another version of the wire format. Nobody can be a pair with
// such a one, but it must be told from silence: two programs of different releases would both
// become active. So every version keeps in its place what says who and what its sender is
// (docs/wire-format.md, "Versions"), and this reads it.
#pragma once

#include <cstdint>

#include <tl/expected.hpp>

#include "libha/wire/drop.hpp"
#include "libha/wire/frame.hpp"

namespace ha::wire {

/// What all versions keep of a hello, heartbeat request, heartbeat response or leaving.
struct OtherVersion {
    std::uint8_t version = 0;  ///< never kVersion
    /// The header; and as the message a Leaving of its own life when it is one, else a Hello. In
    /// the status only `state` and `names` are known. A state that this version does not know is
    /// taken for standby_ha: new ones are those of established supervisors.
    Frame frame;
};

/// Reads a payload of another version, with or without its authentication TLV, which is skipped
/// here. Errors: those of decode(); unsupported_version for frames of any other type, and for our
/// own version.
tl::expected<OtherVersion, DropReason> decode_other_version(ByteView payload);

}  // namespace ha::wire
