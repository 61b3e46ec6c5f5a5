// See operator_commands.hpp.
#include "daemons/vsmd/operator_commands.hpp"

#include <sys/utsname.h>

#include <chrono>
#include <memory>
#include <utility>

#include "libha/cli/modes.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/processes.hpp"
#include "libha/runtime/supervisor_executor.hpp"

namespace vsmd {

using namespace ha;
using namespace ha::runtime;

namespace {

constexpr auto kSnapshotLimit = std::chrono::seconds(5);

/// "Linux 6.1.0-18-amd64", empty when it cannot be told.
std::string kernel_name() {
    utsname name{};
    return ::uname(&name) == 0 ? std::string(name.sysname) + " " + name.release : std::string();
}

supervisor::Input input_of(cli::Action action) {
    switch (action) {
        case cli::Action::reload:
            return supervisor::ReloadRequested{};
        case cli::Action::clear_peer_mac:
            return supervisor::ClearPeerMac{};
    }
    return supervisor::ReloadRequested{};
}

}  // namespace

OperatorCommands::OperatorCommands(const SupervisorConfiguration& configuration, Log& log,
                                   MainLoop& loop, SupervisorExecutor& executor)
    : configuration_(configuration), log_(log), loop_(loop), executor_(executor) {}

bool OperatorCommands::fill(cli::Context& context) {
    struct View {
        supervisor::Snapshot snapshot;
        std::string hostname;
    };
    // Shared: the loop may get to it after this thread has given up.
    auto view = std::make_shared<View>();
    if (!loop_.call(
            [this, view] {
                *view = {executor_.snapshot(), configuration_.hostname};
            },
            kSnapshotLimit)) {
        return false;
    }
    context.snapshot = std::move(view->snapshot);
    context.hostname = std::move(view->hostname);
    context.now = monotonic_now();
    context.wall_now = wall_now();
    context.version = VSM_HA_VERSION;
    context.kernel = kernel_name();
    context.kernel_uptime = kernel_uptime();
    context.log = log_.last();
    context.processes = own_processes();
    context.control_vlan = configuration_.control.vlan.value_or(0);
    if (!configuration_.addresses.empty()) {
        context.management_address = configuration_.addresses.front().address_text();
    }
    return true;
}

ControlSocket::Reply OperatorCommands::answer(const ControlRequest& request) {
    cli::Context context;
    if (!fill(context)) {
        return {{1, {}, "% The supervisor does not answer", {}}, {}};
    }
    // A place of the configuration is none where there is no configuration.
    if (context.configuration && cli::place_of(request.mode).configuring) {
        context.mode = request.mode;
    }
    context.may_change = is_network_admin(request.peer, configuration_.access);
    cli::Result result = cli::execute(request.command, context);
    const bool standby = redundancy::is_standby(context.snapshot.pair.state);
    const std::string mode = result.mode.value_or(context.mode);
    ControlSocket::Reply reply;
    reply.answer = {result.exit_status, std::move(result.output), std::move(result.error),
                    cli::prompt(context.hostname, standby, cli::prompt_word(mode)), mode};
    if (const auto* const action =
            result.action ? std::get_if<cli::Action>(&*result.action) : nullptr) {
        log_.line(6, "'" + request.command + "' by user " + std::to_string(request.peer.user));
        reply.afterwards = [this, one = *action] {
            loop_.post([this, one] { executor_.request(input_of(one)); });
        };
    }
    return reply;
}

}  // namespace vsmd
