// Frames out of the fuzzer's bytes: every message there is, with fields that fit the story so far
// unless the bytes say otherwise. Random bytes would rarely get past the gate; these do, and reach
// what stands behind it.
#pragma once

#include "libha/wire/codec.hpp"
#include "libha/wire/frame.hpp"
#include "libha/wire/seal.hpp"
#include "test/fuzz/support/byte_source.hpp"

namespace test::fuzz {

inline constexpr ha::DomainId kDomain{100};
inline constexpr ha::MacAddress kOwnMac{{2, 0, 0, 0, 0, 1}};
inline constexpr ha::MacAddress kPeerMac{{2, 0, 0, 0, 0, 2}};
inline constexpr ha::MacAddress kOtherMac{{2, 0, 0, 0, 0, 3}};

ha::wire::Key key(std::uint8_t id);
ha::Uuid host(unsigned number);

/// Whom the frames speak of.
struct Cast {
    ha::Incarnation own = ha::kNoIncarnation;   ///< of the machine that hears them
    ha::Incarnation peer = ha::kNoIncarnation;  ///< of the supervisor that speaks
    ha::Uuid own_host;                          ///< of the module that hears them
};

/// One message with all its fields.
ha::wire::Message message(ByteSource& source, const Cast& cast);
/// Frames of a stream that the codec takes, but for `names`, which is the caller's to fill in.
ha::wire::ChannelData channel_data(ByteSource& source);
ha::wire::ChannelAck channel_ack(ByteSource& source);
/// A few octets set to others, or cut, or lengthened.
void damage(ByteSource& source, ha::wire::Bytes& payload);

/// What any machine of ours sends: within the size, readable, of the domain, and proven when there
/// is a key. Ends the program otherwise.
ha::wire::Frame require_sound(const ha::wire::Bytes& payload, const ha::MacAddress& source,
                              const ha::wire::Keyring& keyring, ha::DomainId domain = kDomain);

}  // namespace test::fuzz
