// Frames to bytes and back: nothing is lost, nothing impossible gets in.
#include <catch2/catch.hpp>

#include "libha/wire/codec.hpp"
#include "libha/wire/layout.hpp"
#include "test/unit/wire/samples.hpp"

using namespace ha;
using namespace ha::wire;
using namespace ha::wire::test;

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
