// Authentication with pre-shared keys: a keyed BLAKE2b over the whole payload and the source MAC,
// carried as the last TLV with the id of the key (libsodium's crypto_generichash).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <tl/expected.hpp>

#include "libha/base/mac_address.hpp"
#include "libha/wire/codec.hpp"
#include "libha/wire/drop.hpp"

namespace ha::wire {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kProofSize = 32;

struct Key {
    std::uint8_t id = 0;  ///< 1…255
    std::array<std::uint8_t, kKeySize> secret{};
};

/// The keys of a node. Empty: no authentication. The first one makes proofs, all of them verify, so
/// a key is rotated by adding the new one everywhere, moving it first, and removing the old one.
struct Keyring {
    std::vector<Key> keys;
    [[nodiscard]] bool empty() const { return keys.empty(); }
};

/// Appends the proof of the keyring's first key; leaves `payload` alone when the ring is empty.
void seal(Bytes& payload, const MacAddress& source, const Keyring& keyring);

/// Checks the proof of a payload. With an empty ring only unsealed payloads pass.
/// Errors: authentication_missing, authentication_unexpected, unknown_key, authentication_failed,
/// truncated, malformed_tlv.
tl::expected<void, DropReason> verify(ByteView payload, const MacAddress& source,
                                      const Keyring& keyring);

}  // namespace ha::wire
