// docs/configuration.md lists every command of the table.
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "libha/config/commands.hpp"

using namespace ha::config;

namespace {

const char* where(Mode mode) {
    switch (mode) {
        case Mode::global:
            return "top level";
        case Mode::svs_domain:
            return "`svs-domain`";
        case Mode::control_interface:
        case Mode::mgmt_interface:
            return "`interface control0`, `mgmt0`";
        case Mode::module_interface:
            return "`interface ethernet`";
        case Mode::module:
            return "`vem`";
    }
    return "";
}

const char* meaning(const Command& command) {
    if (!command.refusal.empty())
        return "not supported";
    switch (command.no) {
        case No::erase:
            return command.opens == Mode::global ? "removes the line" : "removes the section";
        case No::negate:
            return "a line of its own: `no shutdown`";
        case No::refuse:
            return "refused";
    }
    return "";
}

std::string table() {
    std::string text;
    for (const Command& command : commands()) {
        text += "| " + std::string(where(command.modes.front())) + " | **";
        for (std::size_t at = 0; at < command.words.size(); ++at) {
            text += at == 0 ? "" : " ";
            text += "`" + std::string(command.words[at].text) + "`";
            text += at + 1 == command.place_words ? "**" : "";
        }
        text += " | " + std::string(meaning(command)) + " |\n";
    }
    return text;
}

}  // namespace

TEST_CASE("docs/configuration.md lists every command and what `no` does") {
    std::ifstream file(VSM_HA_SOURCE_DIR "/docs/configuration.md");
    std::stringstream text;
    text << file.rdbuf();
    const std::string expected = table();
    INFO(expected);
    CHECK(text.str().find("|---|---|---|\n" + expected + "\n") != std::string::npos);
}
