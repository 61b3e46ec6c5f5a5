// See modes.hpp.
#include "libha/cli/modes.hpp"

#include <algorithm>

#include "libha/cli/commands.hpp"
#include "libha/config/edit.hpp"

namespace ha::cli {
namespace {

constexpr std::string_view kTopLevel = "config";
constexpr std::string_view kProgressBar = "[########################################] 100%";

enum class Command : int {
    configure_terminal = kFirstConfigurationCommand,
    copy,
    copy_to_file,
    copy_from_file,
    files,
    erase,
    running,
    running_interface,
    startup,
    difference,
    accounting,
    interface,
    interface_brief,
    interface_ethernet,
    snmp,
    logging,
    logging_level,
    logging_server,
    line,
    leave,
    end,
};

using redundancy::PairState;

std::vector<Token> tokens_of(const config::Command& command, std::size_t count) {
    std::vector<Token> tokens;
    for (const auto& [text, help] : command.words)
        tokens.push_back({std::string(text), std::string(help)});
    tokens.resize(count);
    return tokens;
}

bool is_standby(const Context& context) {
    return redundancy::is_standby(context.snapshot.pair.state);
}

Answer move_to(std::string path) {
    Answer answer;
    answer.mode = std::move(path);
    return answer;
}

Answer take_line(const std::string& line, const Context& context) {
    const Place place = place_of(context.mode);
    Answer answer;
    auto edited = config::edit(context.configuration->running, place.section, line);
    if (!edited) {
        answer.error = edited.error();
        return answer;
    }
    if (edited->section)
        answer.mode = path_of(*edited->section);
    // What is so already needs nobody's consent.
    if (!edited->changes.empty())
        answer.action = Configure{place.section, line};
    const PairState state = context.snapshot.pair.state;
    const bool alone = state == PairState::active_alone || state == PairState::standalone;
    if (answer.action && !alone && line.starts_with("domain id"))
        answer.document.line(
            "The domain changes with the next start of both supervisors, from the "
            "saved configuration: a standby is there");
    return answer;
}

/// The names are checked; whether there is such a file is for its owner to find out.
Answer copy_file(Command command, const Invocation& invocation) {
    Answer answer;
    const std::string name = file_name(invocation.arguments.front());
    if (name.empty()) {
        answer.error = "'" + invocation.arguments.front() +
                       "' names no file: bootflash: and letters, digits, '-', '_' and '.', the "
                       "first a letter or digit";
        return answer;
    }
    answer.document.line(std::string(kProgressBar));
    if (command == Command::copy_to_file)
        answer.action = CopyRunningToFile{name};
    else
        answer.action = CopyFileToRunning{name};
    return answer;
}

Answer change(Command command, const Invocation& invocation, const Context& context) {
    Answer answer;
    if (is_standby(context)) {
        answer.error = "The configuration is changed on the active supervisor only";
        return answer;
    }
    if (command == Command::line)
        return take_line(invocation.line, context);
    if (command == Command::copy_from_file)
        return copy_file(command, invocation);
    if (command == Command::copy) {
        answer.document.line(std::string(kProgressBar));
        answer.action = CopyRunningToStartup{};
    } else if (command == Command::erase) {
        answer.action = EraseStartup{};
    } else {
        answer.document.line("Enter configuration commands, one per line.  End with CNTL/Z.");
        answer.mode = std::string(kTopLevel);
    }
    return answer;
}

}  // namespace

Answer attach_module(const Context& context, unsigned module) {
    const redundancy::Snapshot& pair = context.snapshot.pair;
    const unsigned own = number(this_slot(pair));
    const std::string name = "Module " + std::to_string(module);
    Answer answer;
    if (is_standby(context))
        answer.error = "The console of another module is reached from the active supervisor only";
    else if (module == own)
        answer.error = name + " is this supervisor: its console is this one";
    else if (module > number(kSecondarySlot))
        answer.error = name +
                       " is a VEM and has no console here: show module vem shows what is known of "
                       "it; on its host, vsmsh -i INSTANCE shows the rest";
    else if (pair.state != redundancy::PairState::active_ha)
        answer.error = name + " is not a standby that is ready; see show module";
    else if (pair.degraded)
        answer.error = name + " cannot be reached: nothing passes on control (degraded)";
    if (!answer.error.empty())
        return answer;
    answer.document.line("Attaching to module " + std::to_string(module) + " ...");
    answer.document.line("To exit type 'exit'");
    answer.mode = std::string(kAttached);
    return answer;
}

Place place_of(std::string_view path) {
    if (path == kTopLevel)
        return {true, {}, config::Mode::global};
    if (!path.starts_with(kTopLevel) || path.substr(kTopLevel.size(), 1) != "/")
        return {};
    const auto section = path.substr(kTopLevel.size() + 1);
    const auto mode =
        section.size() > config::kMaximumLine ? config::Mode::global : config::mode_of(section);
    if (mode == config::Mode::global)
        return {};
    return {true, config::find(config::Mode::global, section)->line, mode};
}

std::string path_of(std::string_view section) {
    std::string path(kTopLevel);
    if (!section.empty())
        path.append("/").append(section);
    return path;
}

std::string_view prompt_word(std::string_view path) {
    const Place place = place_of(path);
    return place.configuring ? config::prompt_word(place.mode) : std::string_view();
}

void add_configuration_commands(Grammar& grammar) {
    const Token show{"show", "Show running system information"};
    const Token running{"running-config", "Current operating configuration"};
    const Token startup{"startup-config", "Saved configuration"};
    const Token configure{"configure", "Enter configuration mode"};
    const auto add = [&grammar](Command command, const std::vector<Token>& tokens) {
        grammar.add(static_cast<int>(command), tokens);
    };
    add(Command::configure_terminal, {configure});
    add(Command::configure_terminal, {configure, {"terminal", "Configure from the terminal"}});
    const Token copy{"copy", "Copy a configuration"};
    const Token file{"WORD", "File, bootflash:NAME"};
    add(Command::copy, {copy, running, startup});
    add(Command::copy_to_file, {copy, running, file});
    add(Command::copy_from_file, {copy, file, running});
    const Token dir{"dir", "List files"};
    add(Command::files, {dir});
    add(Command::files, {dir, {"bootflash:", "Files of this supervisor"}});
    add(Command::erase,
        {{"write", "Write the saved configuration"}, {"erase", "Erase the saved configuration"}});
    add(Command::running, {show, running});
    add(Command::running_interface, {show,
                                     running,
                                     {"interface", "Lines of one interface"},
                                     {"ethernet", "Port of a module"},
                                     {"<3-66>/<1-248>", "Module and port"}});
    add(Command::difference,
        {show, running, {"diff", "Difference between the saved and the current configuration"}});
    add(Command::startup, {show, startup});
    add(Command::accounting,
        {show, {"accounting", "Who changed what"}, {"log", "The commands that were given"}});
    const Token interface { "interface", "Interfaces: their state and addresses" };
    add(Command::interface, {show, interface});
    add(Command::interface, {show, interface, {"mgmt0", "Management interface"}});
    add(Command::interface, {show, interface, {"control0", "Control interface"}});
    add(Command::interface_brief, {show, interface, {"brief", "All of them in brief"}});
    add(Command::interface_ethernet,
        {show, interface, {"ethernet", "Port of a module"}, {"<3-66>/<1-248>", "Module and port"}});
    add(Command::snmp, {show, {"snmp", "Contact, location, communities and notifications"}});
    const Token logging{"logging", "Log of this supervisor"};
    add(Command::logging, {show, logging});
    add(Command::logging_level, {show, logging, {"level", "Severities of the facilities"}});
    add(Command::logging_server, {show, logging, {"server", "Syslog servers and what they got"}});
}

void add_mode_commands(Grammar& grammar, config::Mode mode,
                       const std::vector<config::Feature>& features) {
    const Token no{"no", "Negate a command or set its defaults"};
    for (const config::Command& command : config::commands()) {
        if (std::ranges::find(command.modes, mode) == command.modes.end() ||
            std::ranges::find(features, command.feature) == features.end())
            continue;
        const auto number = static_cast<int>(Command::line);
        grammar.add(number, tokens_of(command, command.words.size()));
        if (command.no == config::No::refuse)
            continue;
        for (auto count = command.place_words; count <= command.words.size(); ++count) {
            auto tokens = tokens_of(command, count);
            tokens.insert(tokens.begin(), no);
            grammar.add(number, tokens);
        }
    }
    grammar.add(static_cast<int>(Command::leave), {{"exit", "Exit from this mode"}});
    grammar.add(static_cast<int>(Command::end), {{"end", "Go to EXEC mode"}});
}

bool is_plain_change(const Invocation& invocation, const Place& place) {
    const auto command = static_cast<Command>(invocation.command);
    if (command != Command::line)
        return command == Command::copy || command == Command::erase;
    const auto own = config::find(place.mode, invocation.line);
    const auto match = own ? own : config::find(config::Mode::global, invocation.line);
    if (!match)
        return false;
    const config::Feature feature = config::commands()[match->index].feature;
    return feature != config::Feature::interface && feature != config::Feature::module_table;
}

Answer answer_configuration(const Invocation& invocation, const Context& context) {
    const auto command = static_cast<Command>(invocation.command);
    Answer answer;
    switch (command) {
        case Command::copy_to_file:
            return copy_file(command, invocation);
        case Command::files:
            answer.document = show_files(context);
            break;
        case Command::configure_terminal:
        case Command::copy:
        case Command::copy_from_file:
        case Command::erase:
        case Command::line:
            return change(command, invocation, context);
        case Command::running:
            answer.document = show_running_configuration(context);
            break;
        case Command::running_interface:
            return show_running_interface(context, port_of(invocation.arguments.front()));
        case Command::startup:
            answer.document = show_startup_configuration(context);
            break;
        case Command::difference:
            answer.document = show_configuration_difference(context);
            break;
        case Command::accounting:
            answer.document = show_accounting_log(context);
            break;
        case Command::interface:
            answer.document = show_interface(context, invocation.keywords.back());
            break;
        case Command::interface_brief:
            answer.document = show_interface_brief(context);
            break;
        case Command::interface_ethernet:
            return show_interface_ethernet(context, port_of(invocation.arguments.front()));
        case Command::snmp:
            answer.document = show_snmp(context);
            break;
        case Command::logging:
            answer.document = show_logging_settings(context);
            break;
        case Command::logging_level:
            answer.document = show_logging_levels(context);
            break;
        case Command::logging_server:
            answer.document = show_logging_servers(context);
            break;
        case Command::leave:
            return move_to(place_of(context.mode).section.empty() ? "" : path_of(""));
        case Command::end:
            return move_to("");
    }
    return answer;
}

}  // namespace ha::cli
