// The supervisor's command tree, and which function answers which command.
#include "libha/cli/cli.hpp"

#include <charconv>
#include <map>
#include <memory>

#include "libha/cli/commands.hpp"
#include "libha/cli/modes.hpp"
#include "libha/cli/requests.hpp"

namespace ha::cli {
namespace {

enum class Command : int {
    system_redundancy_status = kFirstFreeCommand,
    redundancy_status,
    module,
    module_number,
    module_vem,
    module_counters,
    module_mapping,
    module_uptime,
    internal_trace,
    internal_info,
    internal_status,
    internal_statistics,
    svs_domain,
    svs_neighbors,
    logging_last,
    logging_file,
    inventory,
    processes,
    clock,
    version,
    clear_peer_mac,
    reload,
    reload_module,
    switchover,
    role_standalone,
    role_primary,
    role_secondary,
    attach,
    kept_accounting,
    kept_remote_accounting,
    kept_trace,
    kept_remote_trace,
    clear_kept_accounting,
    clear_kept_remote_accounting,
    clear_kept_trace,
    clear_kept_remote_trace,
};

/// `show system internal active-active …` and `clear active-active …` (SB-4).
void add_kept_logs(Grammar& grammar) {
    const Token show{"show", "Show running system information"};
    const Token system{"system", "System-related show commands"};
    const Token internal{"internal", "Internal information"};
    const Token clear{"clear", "Reset functions"};
    const Token encounter{"active-active", "What was kept at the last split brain"};
    const Token remote{"remote", "Of the other supervisor"};
    const std::vector<Token> logs{{"accounting", "Accounting log"},
                                  {"logs", "Who changed what until then"}};
    const std::vector<Token> traces{{"redundancy", "Redundancy trace"},
                                    {"traces", "What changed the pair until then"}};
    const auto add = [&](Command command, std::vector<Token> tokens, bool of_remote,
                         const std::vector<Token>& what) {
        if (of_remote)
            tokens.push_back(remote);
        tokens.insert(tokens.end(), what.begin(), what.end());
        grammar.add(static_cast<int>(command), tokens);
    };
    const std::vector<Token> showing{show, system, internal, encounter};
    add(Command::kept_accounting, showing, false, logs);
    add(Command::kept_remote_accounting, showing, true, logs);
    add(Command::kept_trace, showing, false, traces);
    add(Command::kept_remote_trace, showing, true, traces);
    const std::vector<Token> clearing{clear, encounter};
    add(Command::clear_kept_accounting, clearing, false, logs);
    add(Command::clear_kept_remote_accounting, clearing, true, logs);
    add(Command::clear_kept_trace, clearing, false, traces);
    add(Command::clear_kept_remote_trace, clearing, true, traces);
}

Grammar make_grammar() {
    const Token show{"show", "Show running system information"};
    const Token system{"system", "System-related show commands"};
    const Token redundancy{"redundancy", "Redundancy information"};
    const Token internal{"internal", "Internal information"};
    const Token module{"module", "Module information"};
    const Token vem{"vem", "Virtual Ethernet Modules"};
    const Token svs{"svs", "Domain of the supervisors and their modules"};
    Grammar grammar;
    add_session_commands(grammar);
    const auto add = [&grammar](Command command, const std::vector<Token>& tokens) {
        grammar.add(static_cast<int>(command), tokens);
    };
    add(Command::system_redundancy_status,
        {show, system, redundancy, {"status", "Roles, mode and states of both supervisors"}});
    add(Command::redundancy_status, {show, redundancy, {"status", "Mode, states and uptimes"}});
    add(Command::internal_trace,
        {show, system, internal, redundancy, {"trace", "What changed the pair, and why"}});
    add(Command::internal_info,
        {show, system, internal, redundancy, {"info", "Identity, intervals, peer, keys"}});
    add(Command::internal_status,
        {show, system, internal, redundancy, {"status", "Every state with its reason and age"}});
    add(Command::internal_statistics,
        {show, system, internal, redundancy, {"statistics", "Frames and drops of each port"}});
    add(Command::module, {show, module});
    add(Command::module_number, {show, module, {"<1-66>", "Module number"}});
    add(Command::module_vem, {show, module, vem});
    add(Command::module_counters,
        {show, module, vem, {"counters", "Frames exchanged with each module"}});
    add(Command::module_mapping,
        {show, module, vem, {"mapping", "Module numbers and the hosts they belong to"}});
    add(Command::module_uptime, {show, module, {"uptime", "How long each module has been up"}});
    add(Command::svs_domain, {show, svs, {"domain", "Domain configuration"}});
    add(Command::svs_neighbors,
        {show, svs, {"neighbors", "Supervisors and modules that are heard"}});
    add(Command::logging_last, {show,
                                {"logging", "Log of this supervisor"},
                                {"last", "The last lines"},
                                {"<1-9999>", "Number of lines"}});
    add(Command::logging_file,
        {show, {"logging", "Log of this supervisor"}, {"logfile", "All lines that are kept"}});
    add(Command::inventory, {show, {"inventory", "Supervisors and modules with their hosts"}});
    add(Command::processes, {show, {"processes", "Processes of this supervisor"}});
    add(Command::clock, {show, {"clock", "Date and time"}});
    add(Command::version, {show, {"version", "Software version"}});
    add(Command::clear_peer_mac,
        {{"clear", "Reset functions"},
         system,
         redundancy,
         {"peer-mac", "Forget the learnt MAC addresses of the other supervisor"}});
    const Token reload{"reload", "Restart this supervisor"};
    add(Command::reload, {reload});
    add(Command::reload_module,
        {reload,
         {"module", "Restart the other supervisor or the agent of a module"},
         {"<1-66>", "Module number"}});
    const Token manage{"system", "System management commands"};
    add(Command::switchover, {manage, {"switchover", "Have the standby supervisor take over"}});
    const Token own{"redundancy", "Redundancy of this supervisor"};
    const Token role{"role", "Redundancy role of this supervisor"};
    add(Command::role_standalone, {manage, own, role, {"standalone", "One supervisor alone"}});
    add(Command::role_primary, {manage, own, role, {"primary", "Primary supervisor, sup-1"}});
    add(Command::role_secondary, {manage, own, role, {"secondary", "Secondary supervisor, sup-2"}});
    add(Command::attach, {{"attach", "Use the console of another module"},
                          {"module", "Module whose console is used"},
                          {"<1-66>", "Module number: 1 or 2, that of the standby"}});
    add_kept_logs(grammar);
    return grammar;
}

std::uint64_t argument(const Invocation& invocation) {
    std::uint64_t value = 0;
    if (!invocation.arguments.empty()) {
        const auto& text = invocation.arguments.front();
        std::from_chars(text.data(), text.data() + text.size(), value);
    }
    return value;
}

Answer clear_peer_mac(const Context& context) {
    Answer answer;
    if (context.snapshot.pair.peer_mac_policy == redundancy::PeerMacPolicy::fixed) {
        answer.error =
            "The MAC addresses of the other supervisor are configured (peer_mac: policy: static)";
    } else {
        answer.action = Action::clear_peer_mac;
    }
    return answer;
}

Answer switch_over(const Context& context) {
    if (context.snapshot.pair.can_switch_over)
        return {{}, Action::switchover, {}};
    Answer answer{{}, Action::switchover, {}};
    answer.refusal = redundancy::kSwitchoverRefusal;
    return answer;
}

/// `show module 7` of a module that is not there says so instead of showing empty tables.
Answer show_one_module(const Context& context, unsigned number) {
    Answer answer{show_module(context, ModuleChoice::one, number), std::nullopt, {}};
    for (const auto& element : answer.document.elements()) {
        const auto* table = std::get_if<Table>(&element);
        if (table != nullptr && table->rows.empty()) {
            answer.error = "Module " + std::to_string(number) + " is not present";
        }
    }
    return answer;
}

Answer show(Document document) {
    return {std::move(document), std::nullopt, {}};
}

Answer answer_kept_logs(Command command, const Context& context) {
    using records::Space;
    if (command == Command::kept_accounting)
        return show(show_kept_accounting(context, Space::accounting_backup));
    if (command == Command::kept_remote_accounting)
        return show(show_kept_accounting(context, Space::accounting_of_remote));
    if (command == Command::kept_trace)
        return show(show_kept_trace(context, Space::redundancy_trace_backup));
    if (command == Command::kept_remote_trace)
        return show(show_kept_trace(context, Space::redundancy_trace_of_remote));
    if (command == Command::clear_kept_accounting)
        return {{}, Action::clear_accounting_backup, {}};
    if (command == Command::clear_kept_remote_accounting)
        return {{}, Action::clear_remote_accounting, {}};
    if (command == Command::clear_kept_trace)
        return {{}, Action::clear_trace_backup, {}};
    return {{}, Action::clear_remote_trace, {}};
}

Answer answer_to(const Invocation& invocation, const Context& context) {
    switch (static_cast<Command>(invocation.command)) {
        case Command::system_redundancy_status:
            return show(show_system_redundancy_status(context));
        case Command::redundancy_status:
            return show(show_redundancy_status(context));
        case Command::module:
            return show(show_module(context, ModuleChoice::all, 0));
        case Command::module_number:
            return show_one_module(context, static_cast<unsigned>(argument(invocation)));
        case Command::module_vem:
            return show(show_module(context, ModuleChoice::vems, 0));
        case Command::module_counters:
            return show(show_module_counters(context));
        case Command::module_mapping:
            return show(show_module_mapping(context));
        case Command::module_uptime:
            return show(show_module_uptime(context));
        case Command::internal_trace:
            return show(show_internal_trace(context));
        case Command::internal_info:
            return show(show_internal_info(context));
        case Command::internal_status:
            return show(show_internal_status(context));
        case Command::internal_statistics:
            return show(show_internal_statistics(context));
        case Command::svs_domain:
            return show(show_svs_domain(context));
        case Command::svs_neighbors:
            return show(show_svs_neighbors(context));
        case Command::logging_last:
            return show(show_logging(context, argument(invocation)));
        case Command::logging_file:
            return show(show_logging(context, context.log.size()));
        case Command::inventory:
            return show(show_inventory(context));
        case Command::processes:
            return show(show_processes(context));
        case Command::clock:
            return show(show_clock(context));
        case Command::version:
            return show(show_version(context));
        case Command::clear_peer_mac:
            return clear_peer_mac(context);
        case Command::reload:
            return {{}, Action::reload, {}};
        case Command::reload_module:
            return {{}, ReloadModule{Slot{static_cast<std::uint8_t>(argument(invocation))}}, {}};
        case Command::switchover:
            return switch_over(context);
        case Command::role_standalone:
            return {{}, Action::role_standalone, {}};
        case Command::role_primary:
            return {{}, Action::role_primary, {}};
        case Command::role_secondary:
            return {{}, Action::role_secondary, {}};
        case Command::attach:
            return attach_module(context, static_cast<unsigned>(argument(invocation)));
        case Command::kept_accounting:
        case Command::kept_remote_accounting:
        case Command::kept_trace:
        case Command::kept_remote_trace:
        case Command::clear_kept_accounting:
        case Command::clear_kept_remote_accounting:
        case Command::clear_kept_trace:
        case Command::clear_kept_remote_trace:
            return answer_kept_logs(static_cast<Command>(invocation.command), context);
    }
    return {};
}

Answer refused(std::string error) {
    return {{}, std::nullopt, std::move(error)};
}

/// Everything but looking and moving about.
bool changes_something(const Invocation& invocation) {
    const std::string& verb = invocation.keywords.front();
    return verb != "show" && verb != "dir" && verb != "exit" && verb != "end";
}

using SharedGrammar = std::shared_ptr<const Grammar>;

/// Of a place of the configuration.
SharedGrammar make_mode_grammar(config::Mode mode, const std::vector<config::Feature>& features) {
    Grammar grammar = make_grammar();
    add_configuration_commands(grammar);
    add_mode_commands(grammar, mode, features);
    return std::make_shared<const Grammar>(std::move(grammar));
}

/// Those of a supervisor are made once, for that takes longer than a line; those of one that obeys
/// something else are made for each line.
SharedGrammar mode_grammar(config::Mode mode, const std::vector<config::Feature>& features) {
    static const auto kOfSupervisor = [] {
        std::map<config::Mode, SharedGrammar> grammars;
        for (const config::Mode each : config::kModes)
            grammars.emplace(each, make_mode_grammar(each, obeyed_features()));
        return grammars;
    }();
    return features == obeyed_features() ? kOfSupervisor.at(mode)
                                         : make_mode_grammar(mode, features);
}

Grammar make_configurable_grammar() {
    Grammar grammar = make_grammar();
    add_configuration_commands(grammar);
    return grammar;
}

/// Of a session in this place; the features are those that the supervisor obeys.
struct SessionGrammars {
    SharedGrammar own;
    SharedGrammar above;  ///< may be null
};

SessionGrammars session_grammars(const Place& place, const std::vector<config::Feature>& features) {
    static const auto kExec = std::make_shared<const Grammar>(make_configurable_grammar());
    if (!place.configuring)
        return {kExec, nullptr};
    return {mode_grammar(place.mode, features), place.mode == config::Mode::global
                                                    ? nullptr
                                                    : mode_grammar(config::Mode::global, features)};
}

}  // namespace

Result execute(std::string_view line, const Context& context) {
    const auto handler = [&context](const Invocation& invocation) {
        const bool changes = !invocation.keywords.empty() && changes_something(invocation);
        if (changes && !context.may_change)
            return refused("Permission denied for the role");
        return invocation.command >= kFirstConfigurationCommand
                   ? answer_configuration(invocation, context)
                   : answer_to(invocation, context);
    };
    static const Grammar kPlain = make_grammar();
    if (!context.configuration)
        return run(kPlain, line, handler);
    const auto [own, above] =
        session_grammars(place_of(context.mode), context.configuration->features);
    return run(*own, line, handler, above.get());
}

bool is_plain_change(std::string_view line, std::string_view mode) {
    if (mode == kAttached)
        return false;  // what is typed there is not for this supervisor
    const Place place = place_of(mode);
    const auto [own, above] = session_grammars(place, obeyed_features());
    const auto invocation = plain_command(*own, line, above.get());
    return invocation && invocation->command >= kFirstConfigurationCommand &&
           is_plain_change(*invocation, place);
}

}  // namespace ha::cli
