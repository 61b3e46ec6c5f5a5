// How our frames look on a wire, and which received ones are taken for ours.
#include "libha/runtime/ethernet.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace {

using namespace ha::runtime;
using ha::MacAddress;

constexpr MacAddress kMine{{0x02, 0, 0, 0, 0, 1}};
constexpr MacAddress kPeer{{0x02, 0, 0, 0, 0, 2}};
constexpr Framing kUntagged{.ether_type = 0x88b5, .vlan = std::nullopt};
constexpr Framing kVlan260{.ether_type = 0x88b5, .vlan = std::uint16_t{260}};

std::vector<std::uint8_t> frame(std::vector<std::uint8_t> tag_and_type,
                                std::vector<std::uint8_t> payload = {1, 2, 3}) {
    std::vector<std::uint8_t> bytes(kMine.octets.begin(), kMine.octets.end());
    bytes.insert(bytes.end(), kPeer.octets.begin(), kPeer.octets.end());
    bytes.insert(bytes.end(), tag_and_type.begin(), tag_and_type.end());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

}  // namespace

TEST_CASE("an untagged frame is header, payload and padding to the smallest frame") {
    FrameBuffer buffer;
    const std::vector<std::uint8_t> payload{0xaa, 0xbb};
    const auto built = build_frame(buffer, kUntagged, kPeer, kMine, payload);
    REQUIRE(built.size() == 60);
    const std::vector<std::uint8_t> head(built.begin(), built.begin() + 18);
    CHECK(head == std::vector<std::uint8_t>{0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x88, 0xb5,
                                            0xaa, 0xbb, 0, 0});
}

TEST_CASE("padding is zero, whatever the buffer held before") {
    FrameBuffer buffer;
    buffer.fill(0x5a);
    const std::vector<std::uint8_t> payload{1};
    for (const std::uint8_t octet :
         build_frame(buffer, kVlan260, kPeer, kMine, payload).subspan(19))
        CHECK(octet == 0);
}

TEST_CASE("a tagged frame names its VLAN and stays whole when a switch removes the tag") {
    FrameBuffer buffer;
    const auto built = build_frame(buffer, kVlan260, kPeer, kMine, {});
    REQUIRE(built.size() == 64);
    const std::vector<std::uint8_t> tag(built.begin() + 12, built.begin() + 18);
    CHECK(tag == std::vector<std::uint8_t>{0x81, 0x00, 0xc1, 0x04, 0x88, 0xb5});
}

TEST_CASE("the longest payload fits, one octet more is refused") {
    FrameBuffer buffer;
    std::vector<std::uint8_t> payload(kMaximumFramePayload, 7);
    CHECK(build_frame(buffer, kVlan260, kPeer, kMine, payload).size() == 1518);
    payload.push_back(7);
    CHECK(build_frame(buffer, kVlan260, kPeer, kMine, payload).empty());
}

TEST_CASE("what is built is understood, tagged or not") {
    const auto framing = GENERATE(kUntagged, kVlan260);
    FrameBuffer buffer;
    const std::vector<std::uint8_t> payload(100, 9);
    const auto parsed = parse_frame(build_frame(buffer, framing, kPeer, kMine, payload), framing);
    REQUIRE(parsed);
    CHECK(parsed->destination == kPeer);
    CHECK(parsed->source == kMine);
    CHECK(std::vector<std::uint8_t>(parsed->payload.begin(), parsed->payload.end()) == payload);
}

TEST_CASE("frames of another VLAN are never ours", "[ANY-1]") {
    const auto untagged = frame({0x88, 0xb5});
    const auto priority_only = frame({0x81, 0x00, 0xe0, 0x00, 0x88, 0xb5});
    const auto vlan_260 = frame({0x81, 0x00, 0xc1, 0x04, 0x88, 0xb5});
    const auto vlan_261 = frame({0x81, 0x00, 0xc1, 0x05, 0x88, 0xb5});
    const auto service_260 = frame({0x88, 0xa8, 0x01, 0x04, 0x88, 0xb5});
    const auto two_tags = frame({0x81, 0x00, 0x01, 0x04, 0x81, 0x00, 0x00, 0x01, 0x88, 0xb5});

    CHECK(parse_frame(untagged, kUntagged));
    CHECK(parse_frame(priority_only, kUntagged));
    CHECK(parse_frame(vlan_260, kVlan260));
    const auto refusal = [](const auto& bytes, const Framing& framing) {
        return parse_frame(bytes, framing).error();
    };
    CHECK(refusal(vlan_260, kUntagged) == FrameRefusal::vlan_mismatch);
    CHECK(refusal(untagged, kVlan260) == FrameRefusal::vlan_mismatch);
    CHECK(refusal(priority_only, kVlan260) == FrameRefusal::vlan_mismatch);
    CHECK(refusal(vlan_261, kVlan260) == FrameRefusal::vlan_mismatch);
    CHECK(refusal(service_260, kVlan260) == FrameRefusal::vlan_mismatch);
    CHECK(refusal(two_tags, kVlan260) == FrameRefusal::not_ours);
    CHECK(refusal(frame({0x08, 0x00}), kUntagged) == FrameRefusal::not_ours);
}

TEST_CASE("a frame cut off anywhere in its header is refused, not read past", "[ANY-1]") {
    const auto whole = frame({0x81, 0x00, 0xc1, 0x04, 0x88, 0xb5}, {});
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::vector<std::uint8_t> cut(whole.begin(),
                                            whole.begin() + static_cast<std::ptrdiff_t>(length));
        CHECK_FALSE(parse_frame(cut, kVlan260));
    }
    const auto empty_payload = parse_frame(whole, kVlan260);
    REQUIRE(empty_payload);
    CHECK(empty_payload->payload.empty());
}
