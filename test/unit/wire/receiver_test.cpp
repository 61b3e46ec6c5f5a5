// The gate: every reason it can give, replay windows, and that a refusal leaves nothing behind.
#include "libha/wire/receiver.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "libha/wire/layout.hpp"
#include "test/unit/wire/samples.hpp"

using namespace ha;
using namespace ha::wire;
using namespace ha::wire::test;

namespace {

const Keyring kRing{{key(1, 0x11)}};

Frame heartbeat(std::uint64_t sequence) {
    Frame frame = frame_of(ordinary_messages()[1]);
    frame.sequence = sequence;
    return frame;
}

std::optional<DropReason> pass(Receiver& gate, const Bytes& payload,
                               PortKind port = PortKind::control,
                               const MacAddress& source = kPeerMac) {
    const auto received = gate.receive(payload, port, source, kOwnMac);
    return received ? std::nullopt : std::optional(received.error());
}

std::optional<DropReason> pass_sequence(Receiver& gate, std::uint64_t sequence) {
    return pass(gate, encode(heartbeat(sequence)));
}

}  // namespace

TEST_CASE("The gate lets in what is right and says whether it was proved", "[wire][gate]") {
    Receiver open(kDomain, {});
    const auto received = open.receive(encode(heartbeat(1)), PortKind::control, kPeerMac, kOwnMac);
    REQUIRE(received);
    CHECK(received->frame == heartbeat(1));
    CHECK(received->source == kPeerMac);
    CHECK_FALSE(received->authenticated);
    CHECK_FALSE(open.requires_proof());

    Receiver guarded(kDomain, kRing);
    CHECK(guarded.requires_proof());
    const auto proved = guarded.receive(sealed(heartbeat(1), kPeerMac, kRing), PortKind::control,
                                        kPeerMac, kOwnMac);
    REQUIRE(proved);
    CHECK(proved->authenticated);
}

TEST_CASE("Every reason of the gate can be met", "[wire][gate][ANY-1]") {
    std::set<DropReason> met;
    Receiver open(kDomain, {});
    Receiver guarded(kDomain, kRing);
    const Bytes good = encode(heartbeat(1));
    const auto changed = [&](std::size_t offset, std::uint8_t value) {
        Bytes payload = good;
        payload[offset] = value;
        return payload;
    };
    const auto meet = [&](std::optional<DropReason> got, DropReason expected) {
        INFO(to_string(expected));
        REQUIRE(got);
        CHECK(to_string(*got) == to_string(expected));
        met.insert(expected);
    };
    meet(pass(open, Bytes(good.begin(), good.end() - 1)), DropReason::truncated);
    meet(pass(open, Bytes(kMaximumPayload + 1)), DropReason::oversized);
    meet(pass(open, changed(0, 0)), DropReason::bad_magic);
    meet(pass(open, changed(kVersionOffset, 9)), DropReason::unsupported_version);
    meet(pass(open, changed(kTypeOffset, 99)), DropReason::unknown_type);
    meet(pass(open, changed(kHeaderSize + kTlvHeaderSize, 99)), DropReason::malformed_tlv);
    meet(pass(open, changed(kHeaderSize + 1, 99)), DropReason::missing_tlv);
    meet(pass(open, changed(kReservedOffset, 1)), DropReason::reserved_bits);
    meet(pass(open, good, PortKind::control, kBroadcastMac), DropReason::bad_source);
    meet(pass(open, good, PortKind::control, {}), DropReason::bad_source);
    meet(pass(open, good, PortKind::mgmt), DropReason::wrong_port);
    meet(pass(open, changed(kDomainOffset + 1, 101)), DropReason::foreign_domain);
    meet(pass(open, changed(kSlotOffset, 1)), DropReason::bad_slot);
    meet(pass(open, good, PortKind::control, kOwnMac), DropReason::own_frame);
    meet(pass(guarded, good), DropReason::authentication_missing);
    meet(pass(open, sealed(heartbeat(1), kPeerMac, kRing)), DropReason::authentication_unexpected);
    meet(pass(guarded, sealed(heartbeat(1), kPeerMac, {{key(9, 0x11)}})), DropReason::unknown_key);
    meet(pass(guarded, sealed(heartbeat(1), kPeerMac, {{key(1, 0x12)}})),
         DropReason::authentication_failed);
    // None of them has spoilt the window: the true frame still gets in, once.
    CHECK_FALSE(pass(open, good));
    CHECK_FALSE(pass(guarded, sealed(heartbeat(1), kPeerMac, kRing)));
    meet(pass(open, good), DropReason::replayed);
    meet(pass(guarded, sealed(heartbeat(1), kPeerMac, kRing)), DropReason::replayed);

    const std::set<DropReason> of_the_machines = {
        DropReason::stale_incarnation, DropReason::unlearnt_mac, DropReason::not_for_us,
        DropReason::standalone,        DropReason::rate_limited, DropReason::vlan_mismatch};
    CHECK(met.size() + of_the_machines.size() == kDropReasonCount);
}

TEST_CASE("The ports carry what they may carry", "[wire][gate][HB-3]") {
    Receiver gate(kDomain, {});
    for (const Message& message : ordinary_messages())
        for (const PortKind port : kPortKinds) {
            Frame frame = frame_of(message);
            frame.port = port;
            INFO(to_string(type_of(message)) << " on " << to_string(port));
            const bool both = std::holds_alternative<Hello>(message) ||
                              std::holds_alternative<HeartbeatRequest>(message) ||
                              std::holds_alternative<HeartbeatResponse>(message) ||
                              std::holds_alternative<Leaving>(message) ||
                              std::holds_alternative<ExchangeData>(message) ||
                              std::holds_alternative<ExchangeAck>(message);
            // A sequence is counted for each port: take a fresh sender for each frame.
            const MacAddress sender{{2, 0, 0, 0, 1, static_cast<std::uint8_t>(message.index())}};
            const auto refused = pass(gate, encode(frame), port, sender);
            if (port == PortKind::control || both)
                CHECK_FALSE(refused);
            else
                CHECK(refused == DropReason::wrong_port);
        }
}

TEST_CASE("Bulk and all other frames overtake each other by any number", "[wire][gate]") {
    Receiver gate(kDomain, {});
    const auto pass_bulk = [&](std::uint64_t sequence) {
        Frame frame = frame_of(ChannelData{Incarnation{1}, 1, 1, true, true, false, {'x'}});
        REQUIRE(type_of(frame.message) == kBulkType);
        frame.sequence = sequence;
        return pass(gate, encode(frame));
    };
    for (std::uint64_t sequence = 501; sequence <= 1000; ++sequence)
        REQUIRE_FALSE(pass_bulk(sequence));
    CHECK_FALSE(pass_sequence(gate, 500));  // read after all of the bulk that was sent behind it
    CHECK(pass_sequence(gate, 500) == DropReason::replayed);
    CHECK(pass_bulk(1000) == DropReason::replayed);
    CHECK(pass_bulk(900) == DropReason::replayed);
    CHECK_FALSE(pass_sequence(gate, 2000));
    CHECK_FALSE(pass_bulk(1001));  // read after a heartbeat that was sent long after it
    CHECK(pass_bulk(0) == DropReason::replayed);
}

TEST_CASE("A frame gets in once, also re-ordered, while it is in the window", "[wire][gate]") {
    Receiver gate(kDomain, {});
    CHECK(pass_sequence(gate, 0) == DropReason::replayed);
    CHECK_FALSE(pass_sequence(gate, 100));
    CHECK(pass_sequence(gate, 100) == DropReason::replayed);
    CHECK_FALSE(pass_sequence(gate, 36));  // 64 before the newest
    CHECK(pass_sequence(gate, 36) == DropReason::replayed);
    CHECK(pass_sequence(gate, 35) == DropReason::replayed);  // too old to tell
    CHECK_FALSE(pass_sequence(gate, 99));
    CHECK_FALSE(pass_sequence(gate, 98));
    CHECK(pass_sequence(gate, 99) == DropReason::replayed);
    CHECK_FALSE(pass_sequence(gate, 164));  // 100 is now the oldest that can be told
    CHECK(pass_sequence(gate, 100) == DropReason::replayed);
    CHECK(pass_sequence(gate, 99) == DropReason::replayed);
    CHECK_FALSE(pass_sequence(gate, 101));
    CHECK_FALSE(pass_sequence(gate, 1000));
    CHECK(pass_sequence(gate, 164) == DropReason::replayed);
    CHECK_FALSE(pass_sequence(gate, 936));
    CHECK_FALSE(pass_sequence(gate, ~std::uint64_t{0}));
    CHECK(pass_sequence(gate, 1001) == DropReason::replayed);
    CHECK(pass_sequence(gate, ~std::uint64_t{0}) == DropReason::replayed);
}

TEST_CASE("The window agrees with a plain record of what was seen", "[wire][gate]") {
    std::mt19937_64 random(7);  // NOLINT: the same order in every run
    Receiver gate(kDomain, {});
    std::set<std::uint64_t> seen;
    std::uint64_t newest = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::uint64_t base = newest > 80 ? newest - 80 : 1;
        const std::uint64_t sequence = base + random() % (random() % 50 == 0 ? 300 : 90);
        const bool fresh =
            !seen.contains(sequence) && (sequence > newest || newest - sequence <= 64);
        REQUIRE(pass_sequence(gate, sequence).has_value() != fresh);
        if (fresh) {
            seen.insert(sequence);
            newest = std::max(newest, sequence);
        }
    }
}

TEST_CASE("Windows are kept apart by MAC, port and incarnation", "[wire][gate]") {
    Receiver gate(kDomain, {});
    CHECK_FALSE(pass_sequence(gate, 5));
    CHECK_FALSE(pass(gate, encode(heartbeat(5)), PortKind::control, {{2, 0, 0, 0, 0, 9}}));
    Frame frame = heartbeat(5);
    frame.port = PortKind::mgmt;
    CHECK_FALSE(pass(gate, encode(frame), PortKind::mgmt));
    frame = heartbeat(5);
    frame.incarnation = Incarnation{0x0000000300000001};
    CHECK_FALSE(pass(gate, encode(frame)));
    CHECK(pass(gate, encode(frame)) == DropReason::replayed);
}

TEST_CASE("Senders beyond the limit push out the one heard longest ago, not the busy ones",
          "[wire][gate]") {
    Receiver gate(kDomain, {});
    const auto from = [&](unsigned sender, std::uint64_t sequence) {
        return pass(gate, encode(heartbeat(sequence)), PortKind::control,
                    {{2, 1, 0, 0, static_cast<std::uint8_t>(sender >> 8U),
                      static_cast<std::uint8_t>(sender)}});
    };
    CHECK_FALSE(from(0, 1));
    for (unsigned sender = 1; sender < 5000; ++sender) {
        REQUIRE_FALSE(from(sender, 1));
        REQUIRE_FALSE(from(0, sender + 1));
    }
    CHECK(from(0, 1234) == DropReason::replayed);
    CHECK(from(0, 5000) == DropReason::replayed);
    CHECK(from(4999, 1) == DropReason::replayed);
}

TEST_CASE("Domain and keys change live", "[wire][gate]") {
    Receiver gate(kDomain, {});
    gate.set_domain(DomainId{7});
    CHECK(pass_sequence(gate, 1) == DropReason::foreign_domain);
    gate.set_domain(kDomain);
    gate.set_keyring(kRing);
    CHECK(pass_sequence(gate, 1) == DropReason::authentication_missing);
    CHECK_FALSE(pass(gate, sealed(heartbeat(1), kPeerMac, kRing)));
    // What was seen stays seen when the keys change.
    gate.set_keyring({{key(2, 0x22), key(1, 0x11)}});
    CHECK(pass(gate, sealed(heartbeat(1), kPeerMac, kRing)) == DropReason::replayed);
    CHECK_FALSE(pass(gate, sealed(heartbeat(2), kPeerMac, {{key(2, 0x22)}})));
}

TEST_CASE("Random and mutated payloads change nothing behind a key", "[wire][gate][ANY-1]") {
    std::mt19937_64 random(42);  // NOLINT: the same bytes in every run
    Receiver gate(kDomain, kRing);
    std::vector<Bytes> payloads;
    for (const Message& message : ordinary_messages())
        payloads.push_back(sealed(frame_of(message), kPeerMac, kRing));
    for (int round = 0; round < 50'000; ++round) {
        Bytes payload = payloads[random() % payloads.size()];
        for (auto changes = 1 + random() % 3; changes > 0; --changes)
            payload[random() % payload.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        if (std::ranges::find(payloads, payload) != payloads.end())
            continue;  // two changes may undo each other
        REQUIRE(pass(gate, payload));
    }
    // The samples share one sequence number, so the window lets in the first of them alone.
    CHECK_FALSE(pass(gate, payloads[0]));
    CHECK(pass(gate, payloads[1]) == DropReason::replayed);
}

TEST_CASE("Every reason has a name and a sentence of its own", "[wire][ANY-1]") {
    std::set<std::string_view> names;
    std::set<std::string_view> sentences;
    for (std::size_t index = 0; index < kDropReasonCount; ++index) {
        names.insert(to_string(static_cast<DropReason>(index)));
        sentences.insert(describe(static_cast<DropReason>(index)));
    }
    CHECK(names.size() == kDropReasonCount);
    CHECK(sentences.size() == kDropReasonCount);
    CHECK_FALSE(names.contains("unknown"));
}
