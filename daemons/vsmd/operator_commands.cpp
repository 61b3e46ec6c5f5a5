// See operator_commands.hpp.
#include "daemons/vsmd/operator_commands.hpp"

#include <sys/utsname.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "daemons/vsmd/interface_rules.hpp"
#include "libha/cli/modes.hpp"
#include "libha/cli/requests.hpp"
#include "libha/config/edit.hpp"
#include "libha/config/load.hpp"
#include "libha/config/text.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/processes.hpp"
#include "libha/runtime/supervisor_executor.hpp"
#include "libha/runtime/trap_sender.hpp"

namespace vsmd {

using namespace ha;
using namespace ha::runtime;

namespace {

constexpr auto kSnapshotLimit = std::chrono::seconds(5);
/// More connections than that are not open at a time.
constexpr std::size_t kRememberedOperators = 64;
/// An action does not wait longer for its entry in the accounting log to be kept.
constexpr auto kPatience = std::chrono::milliseconds(500);

constexpr const char* kTooLate =
    "% The change is not complete after 30 s; it may still be made. See show accounting log\n";

/// Faults of a file as one text: "line 3: …", one below the other.
std::string told(const std::vector<std::string>& faults) {
    std::string text;
    for (const std::string& fault : faults) {
        text += (text.empty() ? "" : "\n% ") + fault;
    }
    return text;
}

/// "Linux 6.1.0-18-amd64", empty when it cannot be told.
std::string kernel_name() {
    utsname name{};
    return ::uname(&name) == 0 ? std::string(name.sysname) + " " + name.release : std::string();
}

cli::LoggingView logging_of(const LogStatus& status) {
    cli::LoggingView view;
    view.threshold = static_cast<unsigned>(status.threshold);
    view.file_fault = status.file.fault;
    view.file_dropped = status.file.dropped;
    for (const SyslogServerStatus& one : status.servers) {
        view.servers.push_back({one.server.address, static_cast<unsigned>(one.server.severity),
                                one.sent, one.failed, one.dropped, one.fault});
    }
    return view;
}

}  // namespace

OperatorCommands::OperatorCommands(const SupervisorConfiguration& configuration, Log& log,
                                   const TrapSender& traps, MainLoop& loop,
                                   SupervisorExecutor& executor)
    : configuration_(configuration),
      log_(log),
      traps_(traps),
      loop_(loop),
      executor_(executor),
      files_(configuration.directories.state),
      patience_(loop.context()) {}

bool OperatorCommands::fill(cli::Context& context) {
    struct View {
        supervisor::Snapshot snapshot;
        std::string hostname;
        cli::KeptConfiguration configuration;
        records::Database kept_logs;
    };
    // Shared: the loop may get to it after this thread has given up.
    auto view = std::make_shared<View>();
    const auto copy = [this, view] {
        view->snapshot = executor_.snapshot();
        view->hostname = configuration_.hostname;
        view->configuration = cli::kept_configuration(executor_.records());
        view->kept_logs = supervisor::kept_logs_of(executor_.records());
    };
    if (!loop_.call(copy, kSnapshotLimit)) {
        return false;
    }
    // What takes longer is not the loop's.
    context.configuration = cli::view_of(std::move(view->configuration), view->snapshot);
    context.configuration->logging = logging_of(log_.status());
    for (TrapHostStatus& one : traps_.status()) {
        context.configuration->snmp_hosts.push_back({std::move(one.host.address), one.host.port,
                                                     std::move(one.host.community), one.sent,
                                                     one.failed, std::move(one.fault)});
    }
    for (StoredFileEntry& file : files_.list()) {
        context.configuration->files.push_back({std::move(file.name), file.size, file.modified});
    }
    context.snapshot = std::move(view->snapshot);
    context.hostname = std::move(view->hostname);
    context.kept_logs = std::move(view->kept_logs);
    context.now = monotonic_now();
    context.wall_now = wall_now();
    context.version = VSM_HA_VERSION;
    context.kernel = kernel_name();
    context.kernel_uptime = kernel_uptime();
    context.log = log_.last();
    context.processes = own_processes;
    context.control_vlan = configuration_.control.vlan.value_or(0);
    const auto orders =
        interface_orders(configuration_, config::settings_of(context.configuration->running));
    for (const PortKind port : kPortKinds) {
        for (const InterfaceAddress& address : orders[index_of(port)].addresses) {
            context.addresses[index_of(port)].push_back(address.to_string());
        }
    }
    if (const auto& mgmt = orders[index_of(PortKind::mgmt)].addresses; !mgmt.empty()) {
        context.management_address = mgmt.front().address_text();
    }
    return true;
}

ControlSocket::Reply OperatorCommands::answer(const ControlRequest& request) {
    if (cli::is_plain_change(request.command, request.mode)) {
        return answer_on_loop(request);
    }
    cli::Context context;
    if (!fill(context)) {
        return {{1, {}, "% The supervisor does not answer", {}}, {}};
    }
    if (cli::place_of(request.mode).configuring) {
        context.mode = request.mode;
    }
    context.may_change = is_network_admin(request.peer, configuration_.access);
    if (request.mode == cli::kAttached) {
        return answer_attached(request, context);
    }
    return reply_to(request, context, [this, &request] { return operator_of(request); });
}

supervisor::Operator OperatorCommands::operator_of(const ControlRequest& request) {
    const auto known = operators_.find(request.connection);
    if (known != operators_.end()) {
        return known->second;
    }
    if (operators_.size() >= kRememberedOperators) {
        operators_.erase(operators_.begin());
    }
    return operators_
        .emplace(request.connection,
                 supervisor::Operator{user_name(request.peer),
                                      origin_of(request.peer, request.terminal)})
        .first->second;
}

ControlSocket::Reply OperatorCommands::answer_on_loop(const ControlRequest& request) {
    const bool may_change = is_network_admin(request.peer, configuration_.access);
    ControlSocket::Reply reply;
    // What the prompt is only the loop knows: the shell keeps its own.
    reply.answer = {
        1, {}, kTooLate, {}, cli::place_of(request.mode).configuring ? request.mode : ""};
    reply.begin = [this, request, may_change,
                   by = operator_of(request)](const ControlSocket::Completion& completion) {
        loop_.post([this, request, may_change, by, completion] {
            cli::Context context;
            context.mode = cli::place_of(request.mode).configuring ? request.mode : "";
            context.may_change = may_change;
            context.hostname = configuration_.hostname;
            context.wall_now = wall_now();
            context.snapshot.pair.state = executor_.brief().state;
            context.configuration.emplace();
            context.configuration->features = cli::obeyed_features();
            context.configuration->running = config::Configuration::of(
                executor_.records(), records::Space::running_configuration);
            const ControlSocket::Reply given = reply_to(request, context, [&by] { return by; });
            if (given.begin) {
                given.begin(completion);
                return;
            }
            completion(given.answer);
            if (given.afterwards) {
                given.afterwards();
            }
        });
    };
    return reply;
}

ControlSocket::Reply OperatorCommands::reply_to(const ControlRequest& request,
                                                const cli::Context& context,
                                                const std::function<supervisor::Operator()>& by) {
    cli::Result result = cli::execute(request.command, context);
    const bool standby = redundancy::is_standby(context.snapshot.pair.state);
    const std::string mode = result.mode.value_or(context.mode);
    ControlSocket::Reply reply;
    reply.answer = {result.exit_status, std::move(result.output), std::move(result.error),
                    cli::prompt(context.hostname, standby, cli::prompt_word(mode)), mode};
    const auto& request_of = result.action ? result.action : result.refused;
    if (!request_of) {
        return reply;
    }
    auto change = change_of(*request_of, *context.configuration, context.wall_now);
    supervisor::ChangeRequested entry = change.value_or(
        supervisor::ChangeRequested{{}, {}, cli::command_of(*request_of), {}, {}, {}});
    if (!change || result.refused) {
        entry.change = supervisor::CommandGiven{false};
    }
    entry.by = by();
    entry.wall_now = context.wall_now;
    ControlAnswer failure{1, {}, {}, {}, context.mode};
    failure.prompt = cli::prompt(context.hostname, standby, cli::prompt_word(context.mode));
    if (!change) {
        failure.error = "% " + change.error() + "\n";
        reply.answer = std::move(failure);
    } else if (!std::holds_alternative<supervisor::CommandGiven>(entry.change)) {
        have_changed(std::move(entry), std::move(failure), reply);
        return reply;
    }
    std::optional<supervisor::Input> input;
    if (const auto* const action = std::get_if<cli::Action>(&*request_of);
        action && result.action) {
        log_.line(6, "'" + request.command + "' by user " + std::to_string(request.peer.user));
        input = cli::input_of(*action, entry.by);
        // The standby would have to get the entry first, and what it lacks it cannot take over
        // with: nothing may come between a switchover and a standby that holds everything. So the
        // order says who gave it, and the new active has the entry.
        if (*action == cli::Action::switchover) {
            reply.afterwards = [this, input] {
                loop_.post([this, input] { executor_.request(*input); });
            };
            return reply;
        }
    }
    reply.afterwards = [this, entry, input] {
        loop_.post([this, entry, input] { carry_out(entry, input); });
    };
    return reply;
}

tl::expected<supervisor::ChangeRequested, std::string> OperatorCommands::change_of(
    const cli::Request& request, const cli::ConfigurationView& view, WallTime now) const {
    auto change = cli::change_of(request).value_or(supervisor::ChangeRequested{});
    change.command = cli::command_of(request);
    config::Configuration after = view.running;
    if (const auto* const configure = std::get_if<cli::Configure>(&request)) {
        if (!configure->section.starts_with("interface ")) {
            return change;  // no other line asks anything of an interface of this host
        }
        const auto edited = config::edit(view.running, configure->section, configure->line);
        after.apply(edited ? edited->changes : records::Changes{});
    } else if (const auto* const from = std::get_if<cli::CopyFileToRunning>(&request)) {
        const auto text = files_.read(from->name, config::kMaximumConfiguration);
        if (!text) {
            return tl::unexpected(text.error());
        }
        auto loaded = config::load(*text, VSM_HA_VERSION, view.running);
        if (!loaded) {
            return tl::unexpected(told(loaded.error()));
        }
        after = std::move(*loaded);
        const auto alone = config::load(*text, VSM_HA_VERSION);
        if (const auto why = config::module_fault(alone.value_or(after)); !why.empty()) {
            return tl::unexpected(why);
        }
        change.change = supervisor::LoadedLines{config::changes_between(view.running, after),
                                                config::module_lines_between(view.running, after)};
    } else if (const auto* const to = std::get_if<cli::CopyRunningToFile>(&request)) {
        std::string text;
        for (const std::string& line : config::running_text(view.running, VSM_HA_VERSION, now)) {
            text += line + "\n";
        }
        if (const auto written = files_.write(to->name, text); !written) {
            return tl::unexpected(written.error());
        }
        change.change = supervisor::CommandGiven{};
    } else if (std::holds_alternative<cli::Action>(request)) {
        change.change = supervisor::CommandGiven{};
    }
    const std::string fault = interface_fault(configuration_, config::settings_of(view.running),
                                              config::settings_of(after));
    if (!fault.empty()) {
        return tl::unexpected(fault);
    }
    return change;
}

void OperatorCommands::carry_out(const supervisor::ChangeRequested& entry,
                                 const std::optional<supervisor::Input>& action) {
    const std::uint64_t number = ++carried_out_;
    if (action) {
        actions_.emplace(number, *action);
        patience_.arm_in(kPatience, [this] {
            while (!actions_.empty()) {
                let_go(actions_.begin()->first);
            }
        });
    }
    executor_.change(entry, [this, number](const std::string& /*error*/) { let_go(number); });
}

void OperatorCommands::let_go(std::uint64_t number) {
    if (const auto action = actions_.extract(number)) {
        executor_.request(action.mapped());
    }
}

ControlSocket::Reply OperatorCommands::answer_attached(const ControlRequest& request,
                                                       const cli::Context& context) {
    const auto& pair = context.snapshot.pair;
    const std::string here = cli::prompt(context.hostname, redundancy::is_standby(pair.state), {});
    const std::string there = cli::prompt(context.hostname, true, {});
    const auto first = request.command.find_first_not_of(" \t");
    const std::string line = first == std::string::npos ? "" : request.command.substr(first);
    if (!context.may_change) {
        return {{1, {}, "% Permission denied for the role\n", here, {}}, {}};
    }
    if (pair.state != redundancy::PairState::active_ha) {
        // Not a word for an empty line: a shell asks for its prompt with one.
        const std::string closed = "% The connection to the standby is closed: it is not ready\n";
        return {{line.empty() ? 0 : 1, {}, line.empty() ? "" : closed, here, {}}, {}};
    }
    cli::Grammar session;
    cli::add_session_commands(session);
    const auto own = session.parse(line);
    if (own && own->command == cli::kExit) {
        return {{0, {}, {}, here, {}}, {}};
    }
    if (line.empty()) {
        return {{0, {}, {}, there, std::string(cli::kAttached)}, {}};
    }
    ControlSocket::Reply reply;
    reply.answer = {1, {}, "% The standby does not answer\n", there, std::string(cli::kAttached)};
    supervisor::ConsoleRequested ask{0, user_name(request.peer), request.command, {}};
    reply.begin = [this, ask = std::move(ask), there,
                   here](const ControlSocket::Completion& completion) {
        loop_.post([this, ask, there, here, completion] {
            executor_.ask_console(
                ask, [there, here, completion](const supervisor::ConsoleAnswer& answer,
                                               const std::string& failure) {
                    if (!failure.empty()) {
                        completion({1, {}, "% " + failure + "\n", here, {}});
                    } else {
                        completion({answer.exit_status, answer.output, answer.error, there,
                                    std::string(cli::kAttached)});
                    }
                });
        });
    };
    return reply;
}

OperatorCommands::ConsoleReply OperatorCommands::run_on_console(const supervisor::RunConsole& run) {
    cli::Context context;
    if (!fill(context)) {
        return {{1, {}, "% The supervisor does not answer\n"}, std::nullopt};
    }
    cli::Result result = cli::execute(run.line, context);
    ConsoleReply reply;
    reply.answer = {static_cast<std::uint8_t>(result.exit_status), std::move(result.output),
                    std::move(result.error)};
    if (!result.action) {
        return reply;
    }
    if (const auto* const action = std::get_if<cli::Action>(&*result.action)) {
        log_.line(6, "'" + run.line + "' by user " + run.user + " of the active supervisor");
        reply.action = *action;
    } else if (std::holds_alternative<cli::CopyRunningToFile>(*result.action)) {
        const auto written = change_of(*result.action, *context.configuration, context.wall_now);
        if (!written) {
            reply.answer = {1, {}, "% " + written.error() + "\n"};
        }
    } else {
        // It has become active since it was asked.
        reply.answer = {1, {}, "% The configuration is not changed from here\n"};
    }
    return reply;
}

void OperatorCommands::have_changed(supervisor::ChangeRequested change, ControlAnswer failure,
                                    ControlSocket::Reply& reply) {
    ControlAnswer success = std::exchange(reply.answer, failure);
    reply.answer.error = kTooLate;
    reply.begin = [this, change = std::move(change), success = std::move(success),
                   failure = std::move(failure)](const ControlSocket::Completion& completion) {
        loop_.post([this, change, success, failure, completion] {
            executor_.change(change,
                             [this, success, failure, completion](const std::string& error) {
                                 ControlAnswer answer = error.empty() ? success : failure;
                                 if (error.empty()) {
                                     // The change may have been that of the name.
                                     answer.prompt = cli::prompt(configuration_.hostname, false,
                                                                 cli::prompt_word(answer.mode));
                                 } else {
                                     answer.error = "% " + error + "\n";
                                 }
                                 completion(answer);
                             });
        });
    };
}

}  // namespace vsmd
