// Proofs: only who holds a key makes a frame that passes, and only from its own MAC.
#include "libha/wire/seal.hpp"

#include <catch2/catch.hpp>

#include "libha/wire/layout.hpp"
#include "test/unit/wire/samples.hpp"

using namespace ha;
using namespace ha::wire;
using namespace ha::wire::test;

namespace {

const Keyring kRing{{key(1, 0x11)}};

std::optional<DropReason> refusal(const Bytes& payload, const MacAddress& source,
                                  const Keyring& ring) {
    const auto verified = verify(payload, source, ring);
    return verified ? std::nullopt : std::optional(verified.error());
}

}  // namespace

TEST_CASE("A sealed frame passes with its key and reads as before", "[wire][seal]") {
    for (const Frame& frame : sample_frames()) {
        const Bytes plain = encode(frame);
        Bytes payload = plain;
        seal(payload, kPeerMac, kRing);
        CHECK(payload.size() == plain.size() + kSealSize);
        CHECK(payload.size() <= kMaximumPayload);
        CHECK(verify(payload, kPeerMac, kRing));
        REQUIRE(decode(payload));
        CHECK(*decode(payload) == frame);
        payload.resize(std::min(payload.size() + 30, kMaximumPayload));
        CHECK(verify(payload, kPeerMac, kRing));
    }
}

TEST_CASE("The proof is keyed BLAKE2b-256 over the source MAC and all before it", "[wire][seal]") {
    // Made with another implementation: hashlib.blake2b(mac + payload, key=32 * b"\x11",
    // digest_size=32).
    Bytes payload = encode(frame_of(SwitchRequest{3}));
    seal(payload, kPeerMac, kRing);
    const Bytes proof(payload.end() - kProofSize, payload.end());
    CHECK(proof == Bytes{0x77, 0x3f, 0xe2, 0x12, 0xfe, 0x3f, 0x63, 0xb0, 0x0f, 0x62, 0xd6,
                         0x15, 0x68, 0x76, 0x0e, 0x44, 0x47, 0x3c, 0xf3, 0x6d, 0x5e, 0xc7,
                         0xb0, 0xde, 0x42, 0x67, 0x2d, 0xcf, 0x29, 0x5c, 0x4a, 0xcf});
}

TEST_CASE("Sealing with an empty ring changes nothing", "[wire][seal]") {
    const Bytes plain = encode(frame_of(SwitchRequest{3}));
    Bytes payload = plain;
    seal(payload, kPeerMac, {});
    CHECK(payload == plain);
    CHECK(verify(payload, kPeerMac, {}));
}

TEST_CASE("No bit of a sealed frame can be changed", "[wire][seal]") {
    for (const Message& message : ordinary_messages()) {
        const Bytes payload = sealed(frame_of(message), kPeerMac, kRing);
        for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
            Bytes flipped = payload;
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            if (verify(flipped, kPeerMac, kRing))
                FAIL(to_string(type_of(message)) << " bit " << bit);
        }
    }
}

TEST_CASE("Another source MAC, another key, no key: each refused by name", "[wire][seal]") {
    const Bytes plain = encode(frame_of(SwitchRequest{3}));
    const Bytes payload = sealed(frame_of(SwitchRequest{3}), kPeerMac, kRing);
    CHECK(refusal(payload, kOwnMac, kRing) == DropReason::authentication_failed);
    CHECK(refusal(payload, kPeerMac, {{key(1, 0x12)}}) == DropReason::authentication_failed);
    CHECK(refusal(payload, kPeerMac, {{key(2, 0x11)}}) == DropReason::unknown_key);
    CHECK(refusal(plain, kPeerMac, kRing) == DropReason::authentication_missing);
    CHECK(refusal(payload, kPeerMac, {}) == DropReason::authentication_unexpected);
}

TEST_CASE("A seal cannot hide inside another TLV, nor stand before one", "[wire][seal]") {
    // A frame whose last bytes look like a seal but are the value of an unknown TLV.
    Bytes payload = encode(frame_of(SwitchRequest{3}));
    Bytes hidden = sealed(frame_of(SwitchRequest{3}), kPeerMac, kRing);
    const Bytes seal_tlv(hidden.end() - kSealSize, hidden.end());
    payload.insert(payload.end(), {0x12, 0x34, 0, kSealSize});
    payload.insert(payload.end(), seal_tlv.begin(), seal_tlv.end());
    payload[kLengthOffset + 1] = static_cast<std::uint8_t>(payload.size());
    CHECK(refusal(payload, kPeerMac, kRing) == DropReason::authentication_missing);
    // Something after the seal would not be covered by it.
    hidden.insert(hidden.end(), {0x12, 0x34, 0, 0});
    hidden[kLengthOffset + 1] = static_cast<std::uint8_t>(hidden.size());
    CHECK(refusal(hidden, kPeerMac, kRing) == DropReason::malformed_tlv);
    // A seal of another size is none.
    Bytes small = encode(frame_of(SwitchRequest{3}));
    small.insert(small.end(), {0, 255, 0, 1, 1});
    small[kLengthOffset + 1] = static_cast<std::uint8_t>(small.size());
    CHECK(refusal(small, kPeerMac, kRing) == DropReason::malformed_tlv);
}

TEST_CASE("A key is rotated without a frame refused", "[wire][seal]") {
    const Key old_key = key(1, 0x11);
    const Key new_key = key(2, 0x22);
    // One step of one node at a time: add the new key, move it first, remove the old one.
    const std::vector<Keyring> steps = {
        {{old_key}}, {{old_key, new_key}}, {{new_key, old_key}}, {{new_key}}};
    const Frame frame = frame_of(SwitchRequest{3});
    for (std::size_t step = 0; step + 1 < steps.size(); ++step)
        for (const auto& [sender, receiver] :
             {std::pair{step, step}, std::pair{step, step + 1}, std::pair{step + 1, step}}) {
            INFO("sender at step " << sender << ", receiver at step " << receiver);
            CHECK(verify(sealed(frame, kPeerMac, steps[sender]), kPeerMac, steps[receiver]));
        }
    // Skipping a step is what would cost frames.
    CHECK(refusal(sealed(frame, kPeerMac, steps[2]), kPeerMac, steps[0]) ==
          DropReason::unknown_key);
}

TEST_CASE("Two keys of one id verify both", "[wire][seal]") {
    const Keyring ring{{key(1, 0x11), key(1, 0x22)}};
    const Frame frame = frame_of(SwitchRequest{3});
    CHECK(verify(sealed(frame, kPeerMac, {{key(1, 0x11)}}), kPeerMac, ring));
    CHECK(verify(sealed(frame, kPeerMac, {{key(1, 0x22)}}), kPeerMac, ring));
    CHECK(refusal(sealed(frame, kPeerMac, {{key(1, 0x33)}}), kPeerMac, ring) ==
          DropReason::authentication_failed);
}
