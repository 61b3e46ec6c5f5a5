// Addresses as configured: which texts are taken, and how they are printed.
#include "libha/runtime/interface_address.hpp"

#include <catch2/catch.hpp>
#include <string>

using ha::runtime::InterfaceAddress;

TEST_CASE("addresses are read and printed in their shortest form") {
    CHECK(InterfaceAddress::parse("10.0.0.10/24")->to_string() == "10.0.0.10/24");
    CHECK(InterfaceAddress::parse("10.0.0.10/24")->address_text() == "10.0.0.10");
    CHECK(InterfaceAddress::parse("FD00:0:0:0::10/64")->to_string() == "fd00::10/64");
    CHECK(InterfaceAddress::parse("192.0.2.1/32")->prefix_length == 32);
}

TEST_CASE("what no node can have is refused with its text", "[ANY-1]") {
    const std::string text =
        GENERATE("", "/", "10.0.0.10", "10.0.0.10/", "10.0.0.10/33", "10.0.0.10/0", "10.0.0.10/-1",
                 "10.0.0.10/24x", "10.0.0.10/2 4", "10.0.0/24", "fd00::10/129", "fd00::10/0",
                 "224.0.0.1/24", "255.255.255.255/32", "0.0.0.0/8", "127.0.0.1/8", "::/64",
                 "ff02::1/64", "host/24", "10.0.0.10/99999999999999999999");
    const auto parsed = InterfaceAddress::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK_THAT(parsed.error(), Catch::Matchers::StartsWith("'" + text + "' "));
}
