// docs/wire-format.md and the Wireshark dissector know every frame type, TLV and drop reason there
// is.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "libha/wire/drop.hpp"
#include "libha/wire/frame.hpp"
#include "libha/wire/layout.hpp"

using namespace ha::wire;

namespace {

std::string read(const char* path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Without printing the whole page when it does not.
void check_contains(const std::string& page, const std::string& wanted) {
    INFO(wanted);
    CHECK(page.find(wanted) != std::string::npos);
}

std::string line_of(std::size_t value, std::string_view name) {
    return "| " + std::to_string(value) + " | " + std::string(name) + " |";
}

}  // namespace

TEST_CASE("docs/wire-format.md documents every frame type, TLV and drop reason",
          "[wire][document]") {
    const std::string page = read(VSM_HA_SOURCE_DIR "/docs/wire-format.md");
    for (std::size_t type = 1; type <= kFrameTypeCount; ++type)
        check_contains(page, line_of(type, to_string(static_cast<FrameType>(type))));
    for (const TlvType type : kTlvTypes) {
        const std::string name =
            std::to_string(static_cast<unsigned>(type)) + " " + std::string(to_string(type));
        const bool titled = page.find("### " + name + ":") != std::string::npos ||
                            page.find("### 3 my-tuple and " + name + ":") != std::string::npos ||
                            page.find("### " + name + " and ") != std::string::npos;
        const bool listed = page.find(line_of(static_cast<std::size_t>(type), to_string(type)) +
                                      " ") != std::string::npos;
        INFO(name);
        CHECK((titled || listed));
    }
    for (std::size_t index = 0; index < kDropReasonCount; ++index) {
        const auto reason = static_cast<DropReason>(index);
        check_contains(page, "| `" + std::string(to_string(reason)) + "` | " +
                                 std::string(describe(reason)) + " |");
    }
}

TEST_CASE("The dissector knows every frame type and TLV by name", "[wire][document]") {
    const std::string script = read(VSM_HA_SOURCE_DIR "/scripts/wireshark/vsm_ha.lua");
    const auto entry = [](std::size_t value, std::string_view name) {
        return "[" + std::to_string(value) + "] = \"" + std::string(name) + "\"";
    };
    for (std::size_t type = 1; type <= kFrameTypeCount; ++type)
        check_contains(script, entry(type, to_string(static_cast<FrameType>(type))));
    for (const TlvType type : kTlvTypes)
        check_contains(script, entry(static_cast<std::size_t>(type), to_string(type)));
}
