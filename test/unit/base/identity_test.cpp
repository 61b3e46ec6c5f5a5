// Identities as text: what an operator writes and reads back is the same.
#include <catch2/catch.hpp>

#include "libha/base/identity.hpp"
#include "libha/base/mac_address.hpp"
#include "libha/base/uuid.hpp"

using namespace ha;

TEST_CASE("A MAC address reads back what it prints", "[base]") {
    const auto mac = MacAddress::parse("00:50:56:97:02:3B");
    REQUIRE(mac);
    CHECK(mac->to_string() == "00:50:56:97:02:3b");
    CHECK(mac->to_dotted_string() == "0050-5697-023b");
    CHECK(mac->to_dashed_string() == "00-50-56-97-02-3b");
    for (const char* bad :
         {"", "00:50:56:97:02", "00:50:56:97:02:3g", "00-50-56-97-02-3b", "00:50:56:97:02:3b0"})
        CHECK_FALSE(MacAddress::parse(bad));
}

TEST_CASE("A UUID reads back what it prints", "[base]") {
    const auto uuid = Uuid::parse("80C34566-7e89-b601-b4f9-001a64dc9054");
    REQUIRE(uuid);
    CHECK(uuid->to_string() == "80c34566-7e89-b601-b4f9-001a64dc9054");
    for (const char* bad :
         {"", "80c34566-7e89-b601-b4f9-001a64dc905", "80c34566x7e89-b601-b4f9-001a64dc9054",
          "80c34566-7e89-b601-b4f9-001a64dc905z"})
        CHECK_FALSE(Uuid::parse(bad));
}

TEST_CASE("Roles sit in their slots", "[base][ROLE-1]") {
    CHECK(slot_of(Role::standalone) == kPrimarySlot);
    CHECK(slot_of(Role::primary) == kPrimarySlot);
    CHECK(slot_of(Role::secondary) == kSecondarySlot);
    CHECK(parse_role("secondary") == Role::secondary);
    CHECK_FALSE(parse_role("tertiary"));
    CHECK(to_string(Incarnation{0x000000079f3a12c4}) == "00000007.9f3a12c4");
}
