// One frame of every type, and frames at the limits of their fields, for the tests of the wire
// room.
#pragma once

#include <vector>

#include "libha/wire/codec.hpp"
#include "libha/wire/frame.hpp"
#include "libha/wire/seal.hpp"

namespace ha::wire::test {

inline constexpr MacAddress kOwnMac{{0x02, 0, 0, 0, 0, 0x01}};
inline constexpr MacAddress kPeerMac{{0x02, 0, 0, 0, 0, 0x02}};
inline constexpr DomainId kDomain{100};

/// A frame that fits its type: sender, slot and role as the type requires.
Frame frame_of(Message message);
/// One ordinary message of every type, in the order of FrameType.
std::vector<Message> ordinary_messages();
/// Messages with every field at its smallest or largest, optional parts with and without.
std::vector<Message> extreme_messages();
/// Both, as frames, the extreme ones with extreme header fields as well.
std::vector<Frame> sample_frames();

Key key(std::uint8_t id, std::uint8_t fill);
Bytes sealed(const Frame& frame, const MacAddress& source, const Keyring& keyring);

}  // namespace ha::wire::test
