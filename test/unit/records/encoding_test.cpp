// Changes as bytes: everything comes back, and nothing that is cut off or impossible gets in.
#include "libha/records/encoding.hpp"

#include <catch2/catch.hpp>

using namespace ha::records;

namespace {

const Changes kChanges{{{Space::facts, "f"}, "x"},
                       {{Space::modules, std::string("\0\xff", 2)}, std::string()},
                       {{Space::checkpoints, std::string(kMaximumName, 'n')}, std::nullopt},
                       {{Space::events, "big"}, std::string(70000, 'v')}};

std::vector<std::uint8_t> bytes_of(const Changes& changes) {
    std::vector<std::uint8_t> bytes;
    encode(changes, bytes);
    return bytes;
}

}  // namespace

TEST_CASE("Changes come back from their bytes as they were") {
    const auto bytes = bytes_of(kChanges);
    std::size_t size = 0;
    for (const Change& change : kChanges)
        size += encoded_size(change);
    CHECK(bytes.size() == size);
    const auto decoded = decode(bytes);
    REQUIRE(decoded);
    CHECK(*decoded == kChanges);
    CHECK(decode({})->empty());
}

TEST_CASE("Changes that are cut off are refused at every byte", "[ANY-1]") {
    const auto bytes = bytes_of({kChanges[0], kChanges[1]});
    const std::size_t first = bytes_of({kChanges[0]}).size();
    for (std::size_t length = 1; length < bytes.size(); ++length) {
        const auto decoded = decode(std::span(bytes).first(length));
        CHECK(decoded.has_value() == (length == first));
    }
}

TEST_CASE("Impossible changes are refused with what and where", "[ANY-1]") {
    auto bytes = bytes_of({kChanges[0], kChanges[0]});
    const std::size_t second = bytes.size() / 2;
    bytes[second] = 99;
    CHECK(decode(bytes).error() == "a record of the unknown space 99 at byte 10");
    bytes[second] = 3;
    bytes[second + 1] = 2;
    CHECK(decode(bytes).error() == "a change of the unknown kind 2 at byte 10");
    CHECK(fault_of({{{Space::modules, ""}, "x"}}) ==
          "a record of the space modules has a name of 0 bytes (1..400)");
    CHECK(fault_of({{{Space::modules, std::string(401, 'x')}, "x"}}) ==
          "a record of the space modules has a name of 401 bytes (1..400)");
    CHECK(fault_of({{{Space::modules, "x"}, std::string(kMaximumValue + 1, 'x')}}) ==
          "a record of the space modules has a value of 1048577 bytes (0..1048576)");
    CHECK(fault_of(kChanges).empty());
}
