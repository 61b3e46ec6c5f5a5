// See operator_commands.hpp.
#include "daemons/vsmd/operator_commands.hpp"

#include <sys/utsname.h>

#include <chrono>
#include <memory>
#include <utility>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
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
    cli::Result result = cli::execute(request.command, context);
    const bool standby = redundancy::is_standby(context.snapshot.pair.state);
    ControlSocket::Reply reply;
    reply.answer = {result.exit_status, std::move(result.output), std::move(result.error),
                    cli::prompt(context.hostname, standby)};
    if (result.action) {
        log_.line(6, "'" + request.command + "' by user " + std::to_string(request.user));
        reply.afterwards = [this, action = *result.action] {
            loop_.post([this, action] { executor_.request(input_of(action)); });
        };
    }
    return reply;
}

}  // namespace vsmd
