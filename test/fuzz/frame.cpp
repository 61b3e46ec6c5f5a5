// Fuzz target: the frame decoder and the gate, with and without a key. What can be read is written
// and read again without a difference, and nothing passes the gate twice.
#include "libha/wire/layout.hpp"
#include "libha/wire/receiver.hpp"
#include "test/fuzz/support/messages.hpp"
#include "test/fuzz/support/require.hpp"

using namespace ha;
using namespace ha::wire;
using namespace test::fuzz;

namespace {

void check_codec(const Bytes& payload) {
    const auto frame = decode(payload);
    if (!frame)
        return;
    const Bytes written = encode(*frame);
    require(written.size() <= kMaximumPayload - kSealSize,
            "a written frame leaves room for a seal");
    const auto again = decode(written);
    require(again.has_value(), "a written frame can be read");
    require(*again == *frame, "a frame that was written is read as it was");
    require(encode(*again) == written, "a frame has one form");
}

/// What the gate lets in is what it says it lets in, and only once.
void check_gate(const Bytes& payload, PortKind port, const MacAddress& source,
                const Keyring& keyring) {
    Receiver gate(kDomain, keyring);
    const auto received = gate.receive(payload, port, source, kOwnMac);
    if (!received)
        return;
    require(payload.size() <= kMaximumPayload, "what is let in is not too long");
    require(source != kOwnMac && !source.is_group() && !source.is_zero(),
            "what is let in comes from another node");
    require(received->frame.domain == kDomain, "what is let in is of the own domain");
    require(received->frame.port == port && carries(port, type_of(received->frame.message)),
            "what is let in belongs on the port");
    require(received->authenticated != keyring.empty(), "with a key only proven frames are let in");
    require(received->frame.sequence != 0, "a frame let in has a sequence");
    const auto again = gate.receive(payload, port, source, kOwnMac);
    require(!again && again.error() == DropReason::replayed, "a frame is let in only once");
}

/// The same of frames of supervisors that speak another version.
void check_other_version(const Bytes& payload, PortKind port, const MacAddress& source,
                         const Keyring& keyring) {
    Receiver gate(kDomain, keyring);
    const auto other = gate.receive_other_version(payload, port, source);
    if (!other)
        return;
    const Frame& frame = other->received.frame;
    require(other->version != kVersion && !decode(payload), "a frame is of one version");
    require(frame.role != Role::standalone && frame.slot == slot_of(frame.role),
            "only supervisors of a pair are read in other versions");
    require(frame.domain == kDomain && frame.port == port && frame.incarnation != kNoIncarnation,
            "another version is no way around the gate");
    require(other->received.authenticated != keyring.empty(),
            "with a key only proven frames are let in");
    require(!gate.receive_other_version(payload, port, source), "a frame is let in only once");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteSource source(data, size);
    const std::uint8_t choices = source.byte();
    const PortKind port = (choices & 1U) != 0 ? PortKind::mgmt : PortKind::control;
    const MacAddress sources[] = {kPeerMac, kOwnMac, kBroadcastMac, MacAddress{}};
    const MacAddress& from = sources[(choices >> 1U) & 3U];
    const Keyring keyring{{key(1), key(2)}};
    Bytes payload = source.bytes(2 * kMaximumPayload);
    check_codec(payload);
    check_gate(payload, port, from, {});
    check_gate(payload, port, from, keyring);
    check_other_version(payload, port, from, {});
    // The fuzzer cannot make proofs: the same payload sealed, as a node with the key would send it.
    if (payload.size() >= 32) {
        seal(payload, from, keyring);
        check_codec(payload);
        check_gate(payload, port, from, keyring);
        check_gate(payload, port, from, {});
        check_other_version(payload, port, from, keyring);
    }
    return 0;
}
