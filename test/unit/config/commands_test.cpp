// Every command of the table, made from the table so that none is forgotten: taken in its modes,
// removed by `no`, and refused with a clear error when something is missing, too much, out of
// range or not a text that may be stored (BEHAVIOUR ANY-1).
#include "libha/config/commands.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "libha/config/configuration.hpp"
#include "libha/config/edit.hpp"
#include "libha/config/forms.hpp"
#include "libha/config/load.hpp"

using namespace ha;
using namespace ha::config;

namespace {

/// A header of each mode.
std::string section_of(Mode mode) {
    switch (mode) {
        case Mode::global:
            return "";
        case Mode::svs_domain:
            return "svs-domain";
        case Mode::control_interface:
            return "interface control0";
        case Mode::mgmt_interface:
            return "interface mgmt0";
        case Mode::module_interface:
            return "interface Ethernet3/1";
        case Mode::module:
            return "vem 3";
    }
    return "";
}

std::string sample(const Command& command, const Word& word) {
    switch (form_of(word.text)) {
        case Form::keyword:
            return std::string(word.text);
        case Form::number:
            return std::to_string(ranges_of(word.text).front().second);
        case Form::word:
            return command.words[0].text == "host" ? "80c34566-7e89-b601-b4f9-001a64dc9054"
                                                   : "name";
        case Form::address:
            return "192.0.2.1";
        case Form::prefix:
            return "192.0.2.1/24";
        case Form::number_pair:
            return "4/17";
        case Form::text:
            return "two words";
    }
    return "";
}

/// Its line, with `replacement` in place of one word when there is one.
std::string line_of(const Command& command, std::size_t count, std::size_t replaced = SIZE_MAX,
                    const std::string& replacement = {}) {
    std::string line;
    for (std::size_t at = 0; at < count; ++at) {
        line += at == 0 ? "" : " ";
        line += at == replaced ? replacement : sample(command, command.words[at]);
    }
    return line;
}

std::string refused(Mode mode, const std::string& line) {
    const auto edited = edit({}, section_of(mode), line);
    INFO(line.substr(0, 200));
    REQUIRE_FALSE(edited);
    CHECK(!edited.error().empty());
    CHECK(edited.error().size() < 300);
    CHECK(std::ranges::all_of(edited.error(), [](char c) { return c >= ' ' && c <= '~'; }));
    return edited.error();
}

/// Calls `test(command, mode)` for all that are taken at all.
template <typename Test>
void for_each_command(const Test& test) {
    for (const Command& command : commands()) {
        for (const Mode mode : command.modes) {
            if (command.refusal.empty())
                test(command, mode);
        }
    }
}

}  // namespace

TEST_CASE("Every command is taken in its modes, once, and printed as it can be loaded") {
    for_each_command([](const Command& command, Mode mode) {
        const std::string line = line_of(command, command.words.size());
        INFO(line);
        Configuration configuration;
        const auto edited = edit(configuration, section_of(mode), line);
        REQUIRE(edited);
        CHECK(!edited->changes.empty());
        CHECK(records::fault_of(edited->changes).empty());
        configuration.apply(edited->changes);
        const auto again = edit(configuration, section_of(mode), line);
        REQUIRE(again);
        CHECK(again->changes.empty());
        if (command.opens != Mode::global) {
            REQUIRE(edited->section);
            CHECK(mode_of(*edited->section) == command.opens);
        }
        std::string text;
        for (const std::string& printed : configuration.print())
            text += printed + "\n";
        CHECK(load(text, "0.1.0").value() == configuration);
    });
}

TEST_CASE("`no` removes a line, turns it round, or says that it cannot") {
    for_each_command([](const Command& command, Mode mode) {
        const std::string line = line_of(command, command.words.size());
        INFO(line);
        Configuration before;
        if (mode != Mode::global)
            before.apply(edit(before, "", section_of(mode)).value().changes);
        Configuration configuration = before;
        configuration.apply(edit(configuration, section_of(mode), line).value().changes);
        for (std::size_t count = command.place_words; count <= command.words.size(); ++count) {
            const auto edited =
                edit(configuration, section_of(mode), "no " + line_of(command, count));
            if (command.no == No::refuse) {
                CHECK_FALSE(edited);
                continue;
            }
            REQUIRE(edited);
            Configuration after = configuration;
            after.apply(edited->changes);
            if (command.no == No::erase) {
                CHECK(after == before);
            } else {
                CHECK(*after.find(record_name(section_of(mode), line)) == "no " + line);
            }
        }
    });
}

TEST_CASE("`no` of what is not there changes nothing, and a removed section goes with its lines") {
    CHECK(edit({}, "", "no system inter-sup-heartbeat time").value().changes.empty());
    auto configuration =
        load("interface ethernet 3/1\n shutdown\ninterface ethernet 3/10\n shutdown\n", "1")
            .value();
    configuration.apply(edit(configuration, "", "no interface ethernet 3/1").value().changes);
    CHECK(configuration.print() ==
          std::vector<std::string>{"", "interface Ethernet3/10", "  shutdown"});
    // As it is printed.
    configuration.apply(edit(configuration, "", "no interface Ethernet3/10").value().changes);
    CHECK(configuration.empty());
}

TEST_CASE("A command with a word missing is incomplete [ANY-1]") {
    for_each_command([](const Command& command, Mode mode) {
        for (std::size_t count = 1; count < command.words.size(); ++count) {
            const auto shorter = line_of(command, count);
            if (find(mode, shorter))
                continue;  // a shorter command of its own
            CHECK(refused(mode, shorter) == "Incomplete command");
        }
        for (std::size_t count = 1; count < command.place_words; ++count) {
            if (!find(mode, "no " + line_of(command, count)))
                CHECK(refused(mode, "no " + line_of(command, count)) == "Incomplete command");
        }
    });
}

TEST_CASE("A command with a word too many is refused [ANY-1]") {
    for_each_command([](const Command& command, Mode mode) {
        if (form_of(command.words.back().text) == Form::text)
            return;
        const std::string longer = line_of(command, command.words.size()) + " more";
        CHECK(refused(mode, longer) == "Invalid command");
        CHECK(refused(mode, "no " + longer) == "Invalid command");
    });
}

TEST_CASE("A value out of its range names the range [ANY-1]") {
    std::size_t ranges = 0;
    for_each_command([&ranges](const Command& command, Mode mode) {
        for (std::size_t at = 0; at < command.words.size(); ++at) {
            const auto allowed = ranges_of(command.words[at].text);
            if (allowed.empty())
                continue;
            ++ranges;
            std::vector<std::string> wrong = {std::to_string(allowed.back().second + 1),
                                              "99999999999999999999999"};
            if (allowed.front().first > 0)
                wrong.push_back(std::to_string(allowed.front().first - 1));
            for (const std::string& value : wrong) {
                const auto error = refused(mode, line_of(command, command.words.size(), at, value));
                CHECK(error.starts_with("Invalid number, range is (" +
                                        std::to_string(allowed.front().first) + ":"));
            }
            for (const char* value : {"-1", "1e1", "0x10", "+7", "7.0"})
                refused(mode, line_of(command, command.words.size(), at, value));
        }
    });
    CHECK(ranges > 8);
    CHECK(refused(Mode::svs_domain, "control vlan 4000") ==
          "Invalid number, range is (1:3967,4048:4093)");
}

TEST_CASE("Addresses are those of hosts, and ports those of modules [ANY-1]") {
    for (const char* address :
         {"0.0.0.0", "10.0.0", "10.0.0.256", "10.0.0.1.", "10.0.0.1.2", "127.0.0.1", "224.0.0.1",
          "255.255.255.255", "10.0.0.0001", "10..0.1", "a.b.c.d", "::1"}) {
        CHECK(refused(Mode::global, "logging server " + std::string(address))
                  .starts_with("Invalid ip address"));
    }
    for (const char* length : {"", "/", "/0", "/33", "/-1", "/24/24", "/255.255.255.0"})
        refused(Mode::mgmt_interface, "ip address 10.0.0.1" + std::string(length));
    for (const char* port : {"2/1", "67/1", "3/0", "3/249", "3", "3/", "/1", "3/1/1", "a/b"})
        refused(Mode::global, "interface ethernet " + std::string(port));
}

TEST_CASE("Bytes that are no printable ASCII, and texts of 64 KiB, are refused [ANY-1]") {
    const std::string endless(std::size_t{64} << 10U, '1');
    for_each_command([&endless](const Command& command, Mode mode) {
        for (std::size_t at = 0; at < command.words.size(); ++at) {
            for (const char* bytes : {"\xc3\xa4", "\xff", "\x1b[2J", "\x7f"}) {
                CHECK(refused(mode, line_of(command, command.words.size(), at, bytes))
                          .starts_with("Invalid character in column "));
            }
            CHECK(refused(mode, line_of(command, command.words.size(), at, endless))
                      .starts_with("Command line too long ("));
            const std::string word(kMaximumText + 1, '1');
            refused(mode, line_of(command, command.words.size(), at, word));
        }
    });
    CHECK(refused(Mode::global, std::string("hostname a\0b", 12)).starts_with("Invalid character"));
}

TEST_CASE("What is known and not done is refused with its reason") {
    CHECK(refused(Mode::svs_domain, "svs mode L3") ==
          "svs mode L3 is not supported: supervisors and modules talk over layer 2");
    CHECK(refused(Mode::svs_domain, "no domain id") ==
          "'domain id' cannot be removed, only set to something else");
    CHECK(refused(Mode::global, "no svs-domain") ==
          "'svs-domain' cannot be removed, only set to something else");
}

TEST_CASE("So many servers and no more [ANY-1]") {
    Configuration configuration;
    for (int host = 1; host <= 8; ++host) {
        const auto line = "snmp-server host 10.0.0." + std::to_string(host) + " traps version 2c x";
        configuration.apply(edit(configuration, "", line).value().changes);
    }
    const auto ninth = edit(configuration, "", "snmp-server host 10.0.0.9 traps version 2c x");
    REQUIRE_FALSE(ninth);
    CHECK(ninth.error().ends_with("at most 8"));
    CHECK(edit(configuration, "", "snmp-server host 10.0.0.8 traps version 2c other"));
    CHECK(edit(configuration, "", "logging server 10.0.0.9"));
}
