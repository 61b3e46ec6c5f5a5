// Every command in every situation, to the character. VSM_HA_REWRITE=1 writes golden/ anew: read
// the difference before committing it.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "test/unit/cli/snapshots.hpp"

using namespace ha::cli;
using namespace ha::cli::test;

namespace {

const std::vector<std::string> kCommands = {
    "show system redundancy status",
    "show redundancy status",
    "show module",
    "show module 3",
    "show module vem",
    "show module vem counters",
    "show module vem mapping",
    "show module uptime",
    "show system internal redundancy trace",
    "show system internal redundancy info",
    "show system internal redundancy status",
    "show system internal redundancy statistics",
    "show svs domain",
    "show svs neighbors",
    "show logging last 2",
    "show logging logfile",
    "show inventory",
    "show processes",
    "show clock",
    "show version",
    "clear system redundancy peer-mac",
    "reload",
    "reload module 3",
    "system switchover",
    "system redundancy role primary",
    "attach module 1",
    "attach module 2",
    "attach module 3",
    "show system internal active-active accounting logs",
    "show system internal active-active remote accounting logs",
    "show system internal active-active redundancy traces",
    "show system internal active-active remote redundancy traces",
    "clear active-active accounting logs",
    "clear active-active remote accounting logs",
    "clear active-active redundancy traces",
    "clear active-active remote redundancy traces",
};

std::string name_of(Action action) {
    switch (action) {
        case Action::reload:
            return "-> reload\n";
        case Action::clear_peer_mac:
            return "-> clear peer-mac\n";
        case Action::switchover:
            return "-> switchover\n";
        case Action::role_standalone:
            return "-> role standalone\n";
        case Action::role_primary:
            return "-> role primary\n";
        case Action::role_secondary:
            return "-> role secondary\n";
        case Action::clear_accounting_backup:
            return "-> clear accounting backup\n";
        case Action::clear_remote_accounting:
            return "-> clear accounting of the remote side\n";
        case Action::clear_trace_backup:
            return "-> clear trace backup\n";
        case Action::clear_remote_trace:
            return "-> clear trace of the remote side\n";
    }
    return "?";
}

std::string name_of(const Request& request) {
    if (const auto* const reload = std::get_if<ReloadModule>(&request))
        return "-> reload module " + std::to_string(ha::number(reload->module)) + "\n";
    return name_of(std::get<Action>(request));
}

std::string transcript(const Context& context, const std::vector<std::string>& commands,
                       const std::string& pipe) {
    std::string text;
    for (const auto& command : commands) {
        const auto result = execute(command + pipe, context);
        text += "switch# " + command + pipe + "\n" + result.output + result.error;
        if (result.action)
            text += name_of(*result.action);
        text += "\n";
    }
    return text;
}

void compare(const std::string& file, const std::string& text) {
    std::string path = VSM_HA_SOURCE_DIR "/test/unit/cli/golden/";
    path += file;
    if (std::getenv("VSM_HA_REWRITE") != nullptr) {
        std::ofstream(path) << text;
    }
    std::ifstream stream(path);
    std::stringstream expected;
    expected << stream.rdbuf();
    INFO("file " << path << " (VSM_HA_REWRITE=1 rewrites it)");
    CHECK(text == expected.str());
}

std::vector<std::string> show_commands() {
    std::vector<std::string> shows;
    for (const auto& command : kCommands) {
        if (command.starts_with("show") && command != "show module 3")
            shows.push_back(command);
    }
    return shows;
}

}  // namespace

TEST_CASE("every command prints what it printed before", "[cli][golden]") {
    for (const auto& [name, context] : situations()) {
        compare(name + ".txt", transcript(context, kCommands, ""));
    }
}

TEST_CASE("the data of every command keeps its schema", "[cli][golden]") {
    compare("pair-active-json.txt",
            transcript(situation("pair-active"), show_commands(), " | json-pretty"));
    compare("collisions-json.txt", transcript(situation("collisions"),
                                              {"show system redundancy status"}, " | json-pretty"));
    compare(
        "split-brain-json.txt",
        transcript(situation("split-brain"), {"show system redundancy status"}, " | json-pretty"));
    compare("pair-active-xml.txt", transcript(situation("pair-active"), show_commands(), " | xml"));
}
