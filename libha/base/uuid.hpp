// A host UUID: what a module's number belongs to (BEHAVIOUR VEM-1).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ha {

struct Uuid {
    std::array<std::uint8_t, 16> octets{};

    friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

    [[nodiscard]] constexpr bool is_nil() const { return *this == Uuid{}; }
    /// "80c34566-7e89-b601-b4f9-001a64dc9054".
    [[nodiscard]] std::string to_string() const;
    /// Reads the form above (either case). The error says what is wrong with the text.
    static tl::expected<Uuid, std::string> parse(std::string_view text);
};

}  // namespace ha
