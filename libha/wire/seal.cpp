// The proof: BLAKE2b-256, keyed, over the source MAC and the payload up to the proof itself (so
// with the header, whose length already counts the seal, and with the key id).
#include "libha/wire/seal.hpp"

#include <sodium.h>

#include "libha/wire/cursor.hpp"
#include "libha/wire/decode_message.hpp"
#include "libha/wire/layout.hpp"

namespace ha::wire {
namespace {

static_assert(kSealSize == kTlvHeaderSize + 1 + kProofSize);
static_assert(kKeySize >= crypto_generichash_KEYBYTES_MIN &&
              kKeySize <= crypto_generichash_KEYBYTES_MAX);
static_assert(kProofSize >= crypto_generichash_BYTES_MIN &&
              kProofSize <= crypto_generichash_BYTES_MAX);

using Proof = std::array<std::uint8_t, kProofSize>;

Proof prove(ByteView covered, const MacAddress& source, const Key& key) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, key.secret.data(), key.secret.size(), kProofSize);
    crypto_generichash_update(&state, source.octets.data(), source.octets.size());
    crypto_generichash_update(&state, covered.data(), covered.size());
    Proof proof{};
    crypto_generichash_final(&state, proof.data(), proof.size());
    return proof;
}

/// The value of the seal TLV, which must be the last one; empty when there is none.
tl::expected<ByteView, DropReason> find_seal(ByteView part) {
    Reader reader(part.subspan(kHeaderSize));
    while (reader.left() > 0) {
        const auto type = reader.number<std::uint16_t>();
        const auto length = reader.number<std::uint16_t>();
        const ByteView value = reader.bytes(length);
        if (reader.failed())
            return tl::unexpected(DropReason::truncated);
        if (type != static_cast<std::uint16_t>(TlvType::seal))
            continue;
        if (length != 1 + kProofSize || reader.left() != 0)
            return tl::unexpected(DropReason::malformed_tlv);
        return value;
    }
    return ByteView{};
}

}  // namespace

void seal(Bytes& payload, const MacAddress& source, const Keyring& keyring) {
    if (keyring.empty())
        return;
    const Key& key = keyring.keys.front();
    Writer writer(payload);
    writer.number(static_cast<std::uint16_t>(TlvType::seal));
    writer.number(static_cast<std::uint16_t>(1 + kProofSize));
    writer.number(key.id);
    writer.patch(kLengthOffset, static_cast<std::uint16_t>(payload.size() + kProofSize));
    const Proof proof = prove(payload, source, key);
    writer.bytes(proof);
}

tl::expected<void, DropReason> verify(ByteView payload, const MacAddress& source,
                                      const Keyring& keyring) {
    const auto part = announced_part(payload);
    if (!part)
        return tl::unexpected(part.error());
    const auto value = find_seal(*part);
    if (!value)
        return tl::unexpected(value.error());
    if (value->empty()) {
        if (keyring.empty())
            return {};
        return tl::unexpected(DropReason::authentication_missing);
    }
    if (keyring.empty())
        return tl::unexpected(DropReason::authentication_unexpected);
    const ByteView covered = part->first(part->size() - kProofSize);
    // Two keys of one id may be set while somebody replaces a key in place: any of them will do.
    DropReason refusal = DropReason::unknown_key;
    for (const Key& key : keyring.keys) {
        if (key.id != value->front())
            continue;
        const Proof expected = prove(covered, source, key);
        if (sodium_memcmp(expected.data(), value->data() + 1, kProofSize) == 0)
            return {};
        refusal = DropReason::authentication_failed;
    }
    return tl::unexpected(refusal);
}

}  // namespace ha::wire
