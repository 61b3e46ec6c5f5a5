// See hostile.hpp.
#include "libsim/play/hostile.hpp"

#include <array>

#include "libha/wire/layout.hpp"

namespace sim::play {

using namespace ha::wire;
using scenario::InjectKind;

namespace {

void put_u16(Bytes& payload, std::size_t offset, std::uint16_t value) {
    if (offset + 1 < payload.size()) {
        payload[offset] = static_cast<std::uint8_t>(value >> 8U);
        payload[offset + 1] = static_cast<std::uint8_t>(value & 0xffU);
    }
}

std::uint16_t u16_at(const Bytes& payload, std::size_t offset) {
    return offset + 1 < payload.size()
               ? static_cast<std::uint16_t>((payload[offset] << 8U) | payload[offset + 1])
               : std::uint16_t{0};
}

}  // namespace

ha::MacAddress stranger(unsigned number) {
    return {{0x02, 0xde, 0xad, 0, 0, static_cast<std::uint8_t>(number)}};
}

void HostileFrames::append_random(Bytes& payload, std::size_t count) {
    for (std::size_t added = 0; added < count; ++added)
        payload.push_back(static_cast<std::uint8_t>(chance_.below(256)));
}

void HostileFrames::spoil(InjectKind kind, Bytes& payload) {
    static constexpr std::array<std::uint16_t, 8> kLengths{0, 31, 32, 33, 1499, 1500, 1501, 65535};
    static constexpr std::array<std::uint8_t, 4> kVersions{0, 2, 99, 255};
    if (kind == InjectKind::corrupted) {
        for (std::uint64_t flips = 1 + chance_.below(8); flips > 0; --flips) {
            std::uint8_t& octet = payload[chance_.below(payload.size())];
            octet = static_cast<std::uint8_t>(octet ^ (1U << chance_.below(8)));
        }
    } else if (kind == InjectKind::truncated) {
        payload.resize(chance_.below(payload.size()));
    } else if (kind == InjectKind::random) {
        payload.clear();
        append_random(payload, chance_.below(kMaximumPayload + 1));
    } else if (kind == InjectKind::wrong_length) {
        put_u16(payload, kLengthOffset, kLengths[chance_.below(kLengths.size())]);
        if (chance_.below(2) == 1 && payload.size() < kMaximumPayload)
            append_random(payload, kMaximumPayload - payload.size());
    } else if (kind == InjectKind::wrong_version) {
        payload[kVersionOffset] = kVersions[chance_.below(kVersions.size())];
    } else if (kind == InjectKind::foreign_domain) {
        put_u16(payload, kDomainOffset,
                static_cast<std::uint16_t>(u16_at(payload, kDomainOffset) % 4095 + 1));
    } else if (kind == InjectKind::clashing_role) {
        for (std::size_t octet = 0; octet < 8; ++octet)
            payload[kIncarnationOffset + octet] = static_cast<std::uint8_t>(chance_.below(256));
    }
}

HostileFrames::Made HostileFrames::make(InjectKind kind, const ha::MacAddress& source,
                                        Bytes payload, unsigned number) {
    spoil(kind, payload);
    const bool is_strange = kind == InjectKind::unlearnt_mac || kind == InjectKind::clashing_role;
    // Each clashing frame is of another supervisor.
    const unsigned who = kind == InjectKind::clashing_role ? number + 1 : 1;
    return {is_strange ? stranger(who) : source, std::move(payload)};
}

}  // namespace sim::play
