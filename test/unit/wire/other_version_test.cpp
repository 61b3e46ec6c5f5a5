// Frames of another version: what every version keeps in its place is read, and nothing else.
#include "libha/wire/other_version.hpp"

#include <catch2/catch.hpp>

#include "libha/wire/layout.hpp"
#include "libha/wire/receiver.hpp"
#include "test/unit/wire/samples.hpp"

using namespace ha;
using namespace ha::wire;
using namespace ha::wire::test;

namespace {

const Keyring kRing{{key(1, 0x11)}};
constexpr std::uint8_t kOther = kVersion + 1;

Bytes of_version(const Frame& frame, std::uint8_t version) {
    Bytes payload = encode(frame);
    payload[kVersionOffset] = version;
    return payload;
}

const SupervisorStatus& status_of(const Message& message) {
    if (const auto* leaving = std::get_if<Leaving>(&message))
        return leaving->status;
    if (const auto* request = std::get_if<HeartbeatRequest>(&message))
        return request->status;
    if (const auto* response = std::get_if<HeartbeatResponse>(&message))
        return response->status;
    return std::get<Hello>(message).status;
}

bool is_of_pair(FrameType type) {
    return type <= FrameType::leaving;
}

}  // namespace

TEST_CASE("All versions say who and what their supervisors are", "[wire][version]") {
    for (const Frame& frame : sample_frames()) {
        const FrameType type = type_of(frame.message);
        INFO(to_string(type));
        const auto other = decode_other_version(of_version(frame, kOther));
        if (!is_of_pair(type)) {
            REQUIRE_FALSE(other);
            CHECK(other.error() == DropReason::unsupported_version);
            continue;
        }
        REQUIRE(other);
        CHECK(other->version == kOther);
        CHECK(other->frame.domain == frame.domain);
        CHECK(other->frame.slot == frame.slot);
        CHECK(other->frame.role == frame.role);
        CHECK(other->frame.port == frame.port);
        CHECK(other->frame.incarnation == frame.incarnation);
        CHECK(other->frame.sequence == frame.sequence);
        CHECK(std::holds_alternative<Leaving>(other->frame.message) ==
              (type == FrameType::leaving));
        CHECK(status_of(other->frame.message).state == status_of(frame.message).state);
        CHECK(status_of(other->frame.message).names == status_of(frame.message).names);
    }
}

TEST_CASE("Later versions may say more, and in other words", "[wire][version]") {
    Bytes payload = of_version(frame_of(ordinary_messages()[0]), 200);
    const std::size_t status = kHeaderSize + kTlvHeaderSize;
    // A state nobody knows yet, flags that are reserved, fields of another meaning, and a TLV.
    payload[status] = 99;
    payload[status + 1] = 0xff;
    for (std::size_t offset = 10; offset < 34; ++offset)
        payload[status + offset] = 0xee;
    payload.insert(payload.end(), {0x77, 0x77, 0x00, 0x01, 0x42});
    payload[kLengthOffset + 1] = static_cast<std::uint8_t>(payload.size());
    const auto other = decode_other_version(payload);
    REQUIRE(other);
    CHECK(status_of(other->frame.message).state == ClaimedState::standby_ha);
    // A status that has become shorter is still one.
    Bytes shorter(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(status) + 10);
    shorter[kHeaderSize + 3] = 10;
    shorter[kLengthOffset + 1] = static_cast<std::uint8_t>(shorter.size());
    CHECK(decode_other_version(shorter));
}

TEST_CASE("What does not keep its place is no frame of another version", "[wire][version][ANY-1]") {
    const Bytes good = of_version(frame_of(ordinary_messages()[0]), kOther);
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_FALSE(decode_other_version(ByteView(good).first(size)));
    const auto changed = [&](std::size_t offset, std::uint8_t value) {
        Bytes payload = good;
        payload[offset] = value;
        return decode_other_version(payload);
    };
    CHECK(changed(kVersionOffset, kVersion).error() == DropReason::unsupported_version);
    CHECK(changed(kMagicOffset, 0).error() == DropReason::bad_magic);
    CHECK(changed(kReservedOffset, 1).error() == DropReason::reserved_bits);
    CHECK(changed(kSlotOffset, 9).error() == DropReason::bad_slot);
    CHECK(changed(kPortOffset, 9).error() == DropReason::wrong_port);
    CHECK(changed(kHeaderSize + 1, 2).error() == DropReason::missing_tlv);
    CHECK(changed(kHeaderSize + 2, 0xff).error() == DropReason::truncated);
    CHECK(changed(kHeaderSize + 3, 9).error() == DropReason::truncated);
    CHECK(changed(kHeaderSize + kTlvHeaderSize, 0).error() == DropReason::malformed_tlv);
}

TEST_CASE("The gate proves frames of other versions too", "[wire][gate][version]") {
    const Frame frame = frame_of(ordinary_messages()[0]);
    Bytes proven = of_version(frame, kOther);
    seal(proven, kPeerMac, kRing);
    Receiver gate(frame.domain, kRing);
    CHECK(gate.receive(proven, frame.port, kPeerMac, kOwnMac).error() ==
          DropReason::unsupported_version);
    const auto received = gate.receive_other_version(proven, frame.port, kPeerMac);
    REQUIRE(received);
    CHECK(received->version == kOther);
    CHECK(received->received.authenticated);
    CHECK(received->received.source == kPeerMac);
    // Again; without the proof; with the proof of the version before; of another domain.
    CHECK_FALSE(gate.receive_other_version(proven, frame.port, kPeerMac));
    CHECK_FALSE(gate.receive_other_version(of_version(frame, kOther), frame.port, kPeerMac));
    Bytes forged = sealed(frame, kPeerMac, kRing);
    forged[kVersionOffset] = kOther;
    CHECK_FALSE(gate.receive_other_version(forged, frame.port, kPeerMac));
    // A copy that says another version does not use up the number of the frame itself.
    Receiver open(frame.domain, {});
    CHECK(open.receive_other_version(of_version(frame, kOther), frame.port, kPeerMac));
    CHECK(open.receive(encode(frame), frame.port, kPeerMac, kOwnMac));
    Receiver elsewhere(DomainId{999}, kRing);
    CHECK_FALSE(elsewhere.receive_other_version(proven, frame.port, kPeerMac));
}
