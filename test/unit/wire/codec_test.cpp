// Frames to bytes and back: nothing is lost, nothing impossible gets in.
#include "libha/wire/codec.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <span>

#include "libha/wire/layout.hpp"
#include "test/unit/wire/samples.hpp"

using namespace ha;
using namespace ha::wire;
using namespace ha::wire::test;

namespace {

Bytes with_byte(Bytes payload, std::size_t offset, std::uint8_t value) {
    payload.at(offset) = value;
    return payload;
}

void set_length(Bytes& payload, std::size_t length) {
    payload[kLengthOffset] = static_cast<std::uint8_t>(length >> 8U);
    payload[kLengthOffset + 1] = static_cast<std::uint8_t>(length);
}

Bytes with_tlv(Bytes payload, std::uint16_t type, const Bytes& value) {
    for (const std::size_t part : {std::size_t{type}, value.size()}) {
        payload.push_back(static_cast<std::uint8_t>(part >> 8U));
        payload.push_back(static_cast<std::uint8_t>(part));
    }
    payload.insert(payload.end(), value.begin(), value.end());
    set_length(payload, payload.size());
    return payload;
}

/// Where the value of the first TLV of `type` starts.
std::size_t value_offset(const Bytes& payload, TlvType type) {
    std::size_t offset = kHeaderSize;
    while (offset < payload.size()) {
        if (payload[offset] * 256U + payload[offset + 1] == static_cast<unsigned>(type))
            return offset + kTlvHeaderSize;
        offset += kTlvHeaderSize + payload[offset + 2] * 256U + payload[offset + 3];
    }
    FAIL("no TLV " << to_string(type));
    return 0;
}

Bytes ordinary(FrameType type) {
    return encode(frame_of(ordinary_messages()[static_cast<std::size_t>(type) - 1]));
}

/// A part of a frame with bytes that it never has.
struct Row {
    FrameType type;
    TlvType tlv;
    std::size_t offset;
    std::vector<std::uint8_t> bytes;
    DropReason reason = DropReason::malformed_tlv;
};

void check_refused(std::span<const Row> rows) {
    for (const Row& row : rows) {
        Bytes payload = ordinary(row.type);
        REQUIRE(decode(payload));
        const std::size_t offset = value_offset(payload, row.tlv) + row.offset;
        std::ranges::copy(row.bytes, payload.begin() + static_cast<std::ptrdiff_t>(offset));
        INFO(to_string(row.type) << " " << to_string(row.tlv) << "+" << row.offset << " = "
                                 << unsigned{row.bytes.front()});
        const auto decoded = decode(payload);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error() == row.reason);
    }
}

}  // namespace

TEST_CASE("Every frame reads back what was written", "[wire][ANY-1]") {
    std::array<int, kFrameTypeCount + 1> seen{};
    for (const Frame& frame : sample_frames()) {
        INFO(to_string(type_of(frame.message)));
        const Bytes payload = encode(frame);
        CHECK(payload.size() <= kMaximumPayload - kSealSize);
        const auto decoded = decode(payload);
        REQUIRE(decoded);
        CHECK(*decoded == frame);
        ++seen[static_cast<std::size_t>(type_of(frame.message))];
    }
    for (std::size_t type = 1; type <= kFrameTypeCount; ++type)
        CHECK(seen[type] >= 2);
}

TEST_CASE("The bytes of a frame are the documented ones", "[wire]") {
    Frame frame = frame_of(SwitchRequest{0x01020304});
    frame.domain = DomainId{0x0abc};
    frame.incarnation = Incarnation{0x1112131415161718};
    frame.sequence = 0x2122232425262728;
    CHECK(encode(frame) == Bytes{'V',  'S',  'H',  'A',   // magic
                                 1,    6,    0,    40,    // version type length
                                 0,    0,    0x0a, 0xbc,  // reserved domain
                                 2,    2,    1,    0,     // slot role port
                                 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,  // incarnation
                                 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,  // sequence
                                 0,    2,    0,    4,                             // TLV: number
                                 1,    2,    3,    4});
    static_assert(kMagicOffset == 0 && kVersionOffset == 4 && kTypeOffset == 5 &&
                  kLengthOffset == 6);
    static_assert(kReservedOffset == 8 && kDomainOffset == 10 && kSlotOffset == 12);
    static_assert(kRoleOffset == 13 && kPortOffset == 14 && kReserved2Offset == 15);
    static_assert(kIncarnationOffset == 16 && kSequenceOffset == 24 && kHeaderSize == 32);
    const Bytes hello = ordinary(FrameType::hello);
    const Bytes status(hello.begin() + 32, hello.begin() + 32 + 38);
    CHECK(status == Bytes{0,    1,    0,    34,                            // TLV: status
                          3,    8,                                         // state flags
                          0,    0,    0,    3,    0x12, 0x34, 0x56, 0x78,  // names
                          0x00, 0x0f, 0x42, 0x40,                          // h, microseconds
                          0x00, 0xe4, 0xe1, 0xc0,                          // T, microseconds
                          0,    0,    0,    0,    0,    0,    0,    17,    // revision
                          0,    0,    0,    0,    0,    0,    0,    16});  // applied
}

TEST_CASE("Ethernet padding is ignored, other trailing bytes are not", "[wire][ANY-1]") {
    for (const Frame& frame : sample_frames()) {
        Bytes payload = encode(frame);
        payload.resize(std::min(payload.size() + 46, kMaximumPayload));
        REQUIRE(decode(payload));
        CHECK(*decode(payload) == frame);
        payload.back() = 1;
        CHECK(decode(payload).error() == DropReason::reserved_bits);
    }
}

TEST_CASE("A frame cut anywhere is refused as truncated", "[wire][ANY-1]") {
    for (const Frame& frame : sample_frames()) {
        const Bytes payload = encode(frame);
        for (std::size_t length = 0; length < payload.size(); ++length) {
            const auto decoded = decode(ByteView(payload).first(length));
            REQUIRE_FALSE(decoded);
            REQUIRE(decoded.error() == DropReason::truncated);
        }
    }
}

TEST_CASE("A frame cut anywhere with a length to match is refused, or is another true frame",
          "[wire][ANY-1]") {
    for (const Frame& frame : sample_frames()) {
        const Bytes payload = encode(frame);
        for (std::size_t length = kHeaderSize; length < payload.size(); ++length) {
            Bytes cut(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(length));
            set_length(cut, length);
            const auto decoded = decode(cut);
            if (decoded)
                REQUIRE(encode(*decoded) == cut);  // an optional TLV was cut away, exactly
            else
                REQUIRE((decoded.error() == DropReason::truncated ||
                         decoded.error() == DropReason::missing_tlv));
        }
    }
}

TEST_CASE("Each impossible header field has its own reason", "[wire][ANY-1]") {
    const Bytes good = ordinary(FrameType::heartbeat_request);
    const auto reason = [&](std::size_t offset, std::uint8_t value) {
        return decode(with_byte(good, offset, value)).error();
    };
    for (std::size_t offset = 0; offset < 4; ++offset)
        CHECK(reason(offset, 0) == DropReason::bad_magic);
    CHECK(reason(kVersionOffset, 0) == DropReason::unsupported_version);
    CHECK(reason(kVersionOffset, 2) == DropReason::unsupported_version);
    CHECK(reason(kTypeOffset, 0) == DropReason::unknown_type);
    CHECK(reason(kTypeOffset, kFrameTypeCount + 1) == DropReason::unknown_type);
    CHECK(reason(kTypeOffset, 255) == DropReason::unknown_type);
    CHECK(reason(kLengthOffset, 0xff) == DropReason::truncated);
    CHECK(reason(kLengthOffset + 1, kHeaderSize - 1) == DropReason::malformed_tlv);
    for (const std::size_t offset : {kReservedOffset, kReservedOffset + 1, kReserved2Offset})
        CHECK(reason(offset, 0x80) == DropReason::reserved_bits);
    CHECK(reason(kDomainOffset, 0x10) == DropReason::foreign_domain);  // 4096 and more
    CHECK(reason(kDomainOffset + 1, 0) == DropReason::foreign_domain);
    CHECK(reason(kPortOffset, 0) == DropReason::wrong_port);
    CHECK(reason(kPortOffset, 3) == DropReason::wrong_port);
    Bytes nobody = good;
    std::fill_n(nobody.begin() + kIncarnationOffset, 8, std::uint8_t{0});
    CHECK(decode(nobody).error() == DropReason::malformed_tlv);
    Bytes oversized = good;
    oversized.resize(kMaximumPayload + 1);
    CHECK(decode(oversized).error() == DropReason::oversized);
    oversized.resize(kMaximumPayload);
    CHECK(decode(oversized));
}

TEST_CASE("Who sends what: slot, role and type must fit", "[wire][ROLE-1][ANY-1]") {
    enum Sender { pair, supervisor, module, either };
    constexpr std::array<Sender, kFrameTypeCount> kSenders = {
        pair,       pair,       pair,   supervisor, supervisor, supervisor, module,
        supervisor, supervisor, module, either,     pair,       pair,       pair};
    for (std::size_t index = 0; index < kFrameTypeCount; ++index) {
        const Bytes payload = ordinary(static_cast<FrameType>(index + 1));
        INFO(to_string(static_cast<FrameType>(index + 1)));
        for (unsigned slot = 0; slot < 256; ++slot)
            for (unsigned role = 0; role < 256; ++role) {
                const bool in_pair = (slot == 1 && role == 1) || (slot == 2 && role == 2);
                const bool is_supervisor = in_pair || (slot == 1 && role == 0);
                const bool is_module = role == 0 && (slot == 0 || (slot >= 3 && slot <= 66));
                const Sender sender = kSenders[index];
                const bool fits = (sender == pair && in_pair) ||
                                  (sender == supervisor && is_supervisor) ||
                                  (sender == module && is_module) ||
                                  (sender == either && (is_supervisor || is_module));
                const auto decoded = decode(
                    with_byte(with_byte(payload, kSlotOffset, static_cast<std::uint8_t>(slot)),
                              kRoleOffset, static_cast<std::uint8_t>(role)));
                if (decoded.has_value() != fits ||
                    (!decoded && decoded.error() != DropReason::bad_slot))
                    FAIL("slot " << slot << " role " << role);
            }
    }
}

TEST_CASE("Each impossible value of a TLV is refused", "[wire][ANY-1]") {
    const Row rows[] = {
        {FrameType::hello, TlvType::status, 0, {0}},
        {FrameType::hello, TlvType::status, 0, {7}},
        {FrameType::hello, TlvType::status, 0, {255}},
        {FrameType::hello, TlvType::status, 1, {0x40}, DropReason::reserved_bits},
        {FrameType::hello, TlvType::status, 1, {0x80}, DropReason::reserved_bits},
        {FrameType::hello, TlvType::status, 10, {0, 0, 0x03, 0xe7}},        // h: 999 µs
        {FrameType::hello, TlvType::status, 10, {0x03, 0x93, 0x87, 0x01}},  // h: 60 s and 1 µs
        {FrameType::hello, TlvType::status, 10, {0xff, 0xff, 0xff, 0xff}},
        {FrameType::hello, TlvType::status, 14, {0, 0, 0x0b, 0xb7}},        // T: 2999 µs
        {FrameType::hello, TlvType::status, 14, {0x23, 0xc3, 0x46, 0x01}},  // T: 600 s and 1 µs
        {FrameType::hello, TlvType::my_tuple, 0, {0, 0, 0, 0}},
        {FrameType::hello, TlvType::my_tuple, 38, {2}},
        {FrameType::hello, TlvType::my_tuple, 22, {0x7f}},          // configuration age
        {FrameType::hello, TlvType::my_tuple, 30, Bytes(8, 0xff)},  // active age
        {FrameType::hello, TlvType::your_tuple, 0, {0, 0, 0, 0}},
        {FrameType::leaving, TlvType::leaving, 0, {0, 0, 0, 0, 0, 0, 0, 0}},
        {FrameType::leaving, TlvType::leaving, 8, {0}},
        {FrameType::leaving, TlvType::leaving, 8, {6}},
        {FrameType::module_beacon, TlvType::other_supervisor, 0, {0x01}},
        {FrameType::module_hello, TlvType::host, 0, Bytes(16, 0)},
        {FrameType::module_hello, TlvType::host_name, 0, {0x1b}},
        {FrameType::module_hello, TlvType::host_name, 5, {0x7f}},
        {FrameType::module_hello, TlvType::host_name, 5, {0}},
        {FrameType::module_hello, TlvType::module_wish, 0, {1}},
        {FrameType::module_hello, TlvType::module_wish, 0, {67}},
        {FrameType::module_hello, TlvType::module_wish, 1, {2}},
        {FrameType::module_accept, TlvType::module_number, 0, {0}},
        {FrameType::module_accept, TlvType::module_number, 0, {2}},
        {FrameType::module_accept, TlvType::module_number, 0, {67}},
        {FrameType::module_accept, TlvType::heartbeat_interval, 0, {0, 0, 0, 0}},
        {FrameType::module_heartbeat, TlvType::other_supervisor, 0, {0xff}},
        {FrameType::module_heartbeat_reply, TlvType::module_number, 0, {255}},
        {FrameType::module_detach, TlvType::detach_reason, 0, {0}},
        {FrameType::module_detach, TlvType::detach_reason, 0, {6}},
    };
    check_refused(rows);
}

TEST_CASE("Each impossible value of a frame of a stream is refused", "[wire][ANY-1]") {
    const Row rows[] = {
        {FrameType::channel_data, TlvType::names, 0, Bytes(8, 0)},
        {FrameType::channel_data, TlvType::channel_data, 0, Bytes(4, 0)},  // stream
        {FrameType::channel_data, TlvType::channel_data, 4, Bytes(8, 0)},  // number
        {FrameType::channel_data, TlvType::channel_data, 4, {0x40, 0, 0, 0, 0, 0, 0, 1}},
        {FrameType::channel_data, TlvType::channel_data, 4, Bytes(8, 0xff)},
        {FrameType::channel_data, TlvType::channel_data, 12, {0x08}, DropReason::reserved_bits},
        {FrameType::channel_data, TlvType::channel_data, 12, {0x83}, DropReason::reserved_bits},
        {FrameType::channel_ack, TlvType::names, 0, Bytes(8, 0)},
        {FrameType::channel_ack, TlvType::channel_ack, 0, Bytes(4, 0)},
        {FrameType::channel_ack, TlvType::channel_ack, 4, Bytes(8, 0)},
        {FrameType::channel_ack, TlvType::channel_ack, 4, {0x40, 0, 0, 0, 0, 0, 0, 2}},
        {FrameType::channel_ack, TlvType::channel_ack, 4, {0, 0, 0, 0, 0, 0, 0, 72}},   // = first
        {FrameType::channel_ack, TlvType::channel_ack, 16, {0, 0, 0, 0, 0, 0, 0, 76}},  // > last
        {FrameType::channel_ack, TlvType::channel_ack, 24, {0, 0, 0, 0, 0, 0, 0, 76}},  // no gap
        {FrameType::channel_ack, TlvType::channel_ack, 40, {0, 0, 0, 0, 0, 0, 0, 76}},
        {FrameType::channel_ack, TlvType::channel_ack, 40, {0x40, 0, 0, 0, 0, 0, 0, 1}},
        {FrameType::channel_ack, TlvType::channel_ack, 40, Bytes(8, 0xff)},
        {FrameType::state_applied, TlvType::names, 0, Bytes(8, 0)},
    };
    check_refused(rows);
}

TEST_CASE("TLVs of a wrong length, twice, or missing are refused", "[wire][ANY-1]") {
    for (const Message& message : ordinary_messages()) {
        const Bytes payload = encode(frame_of(message));
        for (std::size_t offset = kHeaderSize; offset < payload.size();) {
            const unsigned type = payload[offset] * 256U + payload[offset + 1];
            const std::size_t length = payload[offset + 2] * 256U + payload[offset + 3];
            const auto first = payload.begin() + static_cast<std::ptrdiff_t>(offset);
            const auto last = first + static_cast<std::ptrdiff_t>(kTlvHeaderSize + length);
            INFO(to_string(type_of(message)) << " " << to_string(static_cast<TlvType>(type)));
            const bool of_ports = type == static_cast<unsigned>(TlvType::port_orders) ||
                                  type == static_cast<unsigned>(TlvType::port_report);
            const bool sized_name = type == static_cast<unsigned>(TlvType::host_name) ||
                                    type == static_cast<unsigned>(TlvType::channel_data) ||
                                    type == static_cast<unsigned>(TlvType::ordered_by) || of_ports;

            Bytes without(payload.begin(), first);
            without.insert(without.end(), last, payload.end());
            set_length(without, without.size());
            if (type == static_cast<unsigned>(TlvType::your_tuple) ||
                type == static_cast<unsigned>(TlvType::new_domain) ||
                type == static_cast<unsigned>(TlvType::ordered_by) || of_ports)
                CHECK(decode(without));
            else
                CHECK(decode(without).error() == DropReason::missing_tlv);

            Bytes doubled = payload;
            doubled.insert(doubled.end(), first, last);
            set_length(doubled, doubled.size());
            CHECK(decode(doubled).error() == DropReason::malformed_tlv);

            Bytes longer = payload;
            longer[offset + 3] = static_cast<std::uint8_t>(length + 1);
            longer.insert(longer.begin() + (last - payload.begin()), of_ports ? 0 : 'x');
            set_length(longer, longer.size());
            if (sized_name)
                CHECK(decode(longer));
            else
                CHECK(decode(longer).error() == DropReason::malformed_tlv);

            Bytes shorter = payload;
            shorter[offset + 3] = static_cast<std::uint8_t>(length - 1);
            shorter.erase(shorter.begin() + (last - payload.begin()) - 1);
            set_length(shorter, shorter.size());
            if (sized_name)
                CHECK(decode(shorter));
            else
                CHECK(decode(shorter).error() == DropReason::malformed_tlv);
            offset += kTlvHeaderSize + length;
        }
    }
}

TEST_CASE("Orders and reports of ports have limits", "[wire][VEM-8][ANY-1]") {
    const auto bytes_of = [](std::size_t ports, std::uint8_t number, std::uint8_t value) {
        Bytes bytes{0, 0, 0, number};
        bytes.insert(bytes.end(), ports, value);
        return bytes;
    };
    const auto decoded = [](const Message& message, TlvType type, const Bytes& value) {
        return decode(with_tlv(encode(frame_of(message)), static_cast<std::uint16_t>(type), value));
    };
    const Message beat = ModuleHeartbeat{Incarnation{3}, Slot{3}, 1, {}};
    const auto orders = [&](const Bytes& value) {
        return decoded(beat, TlvType::port_orders, value);
    };
    CHECK(orders(bytes_of(248, 1, 2)));
    CHECK(orders(bytes_of(249, 1, 2)).error() == DropReason::malformed_tlv);
    CHECK(orders(bytes_of(1, 0, 2)).error() == DropReason::malformed_tlv);
    CHECK(orders(bytes_of(1, 1, 3)).error() == DropReason::malformed_tlv);
    CHECK(orders({0, 0, 1}).error() == DropReason::malformed_tlv);
    const Message reply = ModuleHeartbeatReply{
        Incarnation{3}, *Uuid::parse("80c34566-7e89-b601-b4f9-001a64dc9054"), Slot{3}, 1};
    const auto report = [&](const Bytes& value) {
        return decoded(reply, TlvType::port_report, value);
    };
    CHECK(report(bytes_of(248, 0, 0x1f)));
    CHECK(report(bytes_of(249, 0, 0x1f)).error() == DropReason::malformed_tlv);
    CHECK(report(bytes_of(1, 0, 0x20)).error() == DropReason::reserved_bits);
    CHECK(report({0, 0, 1}).error() == DropReason::malformed_tlv);
    // A frame of another type may carry them: they do not belong there, and are skipped.
    CHECK(decoded(reply, TlvType::port_orders, bytes_of(1, 1, 3)));
}

TEST_CASE("Host names have a limit", "[wire][ANY-1]") {
    Bytes hello = ordinary(FrameType::module_hello);
    const std::size_t name = value_offset(hello, TlvType::host_name);
    hello[name - 1] = kMaximumHostName + 1;
    hello.insert(hello.begin() + static_cast<std::ptrdiff_t>(name), kMaximumHostName + 1 - 6, 'n');
    set_length(hello, hello.size());
    CHECK(decode(hello).error() == DropReason::malformed_tlv);
}

TEST_CASE("Frames of a stream have limits", "[wire][ANY-1]") {
    const auto refused = [](const Message& message) {
        const auto decoded = decode(encode(frame_of(message)));
        return !decoded && decoded.error() == DropReason::malformed_tlv;
    };
    auto data = std::get<ChannelData>(ordinary_messages()[11]);
    data.bytes.assign(kMaximumChannelBytes, 1);
    CHECK_FALSE(refused(data));
    data.bytes.push_back(1);
    CHECK(refused(data));
    // Bytes may be missing only where a whole message has none.
    data.bytes.clear();
    for (const bool first : {false, true})
        for (const bool last : {false, true}) {
            data.first = first;
            data.last = last;
            CHECK(refused(data) == !(first && last));
        }

    auto ack = std::get<ChannelAck>(ordinary_messages()[12]);
    ack.ranges.clear();
    for (std::uint64_t index = 0; index < kMaximumChannelRanges; ++index)
        ack.ranges.push_back({72 + 2 * index, 72 + 2 * index});
    CHECK_FALSE(refused(ack));
    ack.ranges.push_back({1000, 1001});
    CHECK(refused(ack));
}

TEST_CASE("A name that no configuration should have let in leaves as printable text", "[wire]") {
    const Frame frame =
        frame_of(ModuleHello{Uuid{{1}}, "evil\n\x1b[2J" + std::string(80, 'x'), kNoSlot, false});
    const auto decoded = decode(encode(frame));
    REQUIRE(decoded);
    CHECK(std::get<ModuleHello>(decoded->message).host_name == "evil??[2J" + std::string(54, 'x'));
}

TEST_CASE("TLVs of later versions and of other types are skipped", "[wire]") {
    for (const Message& message : ordinary_messages()) {
        const Frame frame = frame_of(message);
        Bytes payload = encode(frame);
        payload = with_tlv(payload, 0, {});
        payload = with_tlv(payload, 254, {1, 2, 3});
        payload = with_tlv(payload, 0x7fff, Bytes(200, 0xee));
        payload = with_tlv(payload, 0xffff, {});
        if (!std::holds_alternative<ModuleDetach>(message))
            payload = with_tlv(payload, static_cast<std::uint16_t>(TlvType::detach_reason), {77});
        const auto decoded = decode(payload);
        REQUIRE(decoded);
        CHECK(*decoded == frame);
    }
}

TEST_CASE("Random bytes never get in, never crash", "[wire][ANY-1]") {
    std::mt19937_64 random(20090331);  // NOLINT: the same bytes in every run
    for (int round = 0; round < 100'000; ++round) {
        Bytes payload(random() % (kMaximumPayload + 100));
        for (std::uint8_t& octet : payload)
            octet = static_cast<std::uint8_t>(random());
        REQUIRE_FALSE(decode(payload));
    }
}

TEST_CASE("Mutated frames are refused or mean what their bytes say", "[wire][ANY-1]") {
    std::mt19937_64 random(20110118);  // NOLINT: the same bytes in every run
    std::vector<Bytes> payloads;
    for (const Frame& frame : sample_frames())
        payloads.push_back(encode(frame));
    std::size_t accepted = 0;
    for (int round = 0; round < 100'000; ++round) {
        Bytes payload = payloads[random() % payloads.size()];
        for (auto changes = 1 + random() % 4; changes > 0; --changes) {
            const auto offset = random() % payload.size();
            switch (random() % 4) {
                case 0:
                    payload[offset] = static_cast<std::uint8_t>(random());
                    break;
                case 1:
                    payload[offset] ^= static_cast<std::uint8_t>(1U << (random() % 8));
                    break;
                case 2:
                    payload.erase(payload.begin() + static_cast<std::ptrdiff_t>(offset));
                    break;
                case 3:
                    payload.insert(payload.begin() + static_cast<std::ptrdiff_t>(offset),
                                   static_cast<std::uint8_t>(random()));
                    break;
            }
            if (random() % 2 == 0 && payload.size() > kHeaderSize)
                set_length(payload, payload.size());
            if (payload.empty())
                break;
        }
        const auto decoded = decode(payload);
        if (!decoded)
            continue;
        ++accepted;
        const auto again = decode(encode(*decoded));
        REQUIRE(again);
        REQUIRE(*again == *decoded);
    }
    CHECK(accepted > 1000);  // the mutations reach past the first checks
}
