// The life of a vemd process. See daemon.hpp.
#include "daemons/vemd/daemon.hpp"

#include <cerrno>
#include <memory>
#include <utility>

#include "daemons/vemd/operator_commands.hpp"
#include "daemons/vemd/reread.hpp"
#include "libha/base/boots.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/event_log.hpp"
#include "libha/runtime/files.hpp"
#include "libha/runtime/hook_runner.hpp"
#include "libha/runtime/instance_lock.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/permissions.hpp"
#include "libha/runtime/service_notifier.hpp"
#include "libha/runtime/service_watchdog.hpp"
#include "libha/runtime/state_store.hpp"
#include "libvem/runtime/host_identity.hpp"
#include "libvem/runtime/module_executor.hpp"
#include "libvem/runtime/module_store.hpp"
#include "libvem/runtime/status_line.hpp"

namespace vemd {

using namespace ha::runtime;
using ha::catalog::MessageId;
using vem::runtime::ModuleConfiguration;
using vem::runtime::StoredModule;

namespace {

int fail(const std::string& text, int error = 0) {
    return refuse_to_run("vemd", text, error);
}

/// The host as configured, or else as the machine says. Nothing when all is known.
std::string complete_identity(vem::module::Options& options) {
    if (options.host.is_nil()) {
        const auto uuid = vem::runtime::machine_uuid();
        if (!uuid)
            return uuid.error();
        options.host = *uuid;
    }
    if (options.host_name.empty())
        options.host_name = vem::runtime::machine_name();
    return {};
}

/// Loads what is stored, counts this life and stores that before anybody can hear of it.
StoredModule begin_life(ModuleConfiguration& configuration, Log& log) {
    const auto place = vem::runtime::module_place(configuration.directories.state);
    auto loaded = vem::runtime::load_module(place);
    if (loaded.damage)
        log.report({MessageId::state_file_damaged,
                    {loaded.damage->path, loaded.damage->fault, loaded.damage->kept_as}});
    const ha::DomainId configured = configuration.options.domain;
    configuration.options.domain = domain_of(loaded.stored, configured);
    if (configuration.options.domain == configured)
        loaded.stored.domain.reset();
    loaded.stored.configured_domain = configured;
    loaded.stored.boots = ha::next_boot(loaded.stored.boots, wall_now());
    const auto stored = store_document(place, vem::runtime::to_document(loaded.stored));
    if (!stored)
        log.report({MessageId::store_failed, {place.path(), stored.error()}});
    configuration.options.incarnation = new_incarnation(loaded.stored.boots);
    configuration.options.remembered_module = loaded.stored.module;
    configuration.options.remembered_orders = loaded.stored.orders;
    return loaded.stored;
}

/// How a life ended.
struct Outcome {
    std::string fault;           ///< why it could not begin
    std::string restart_reason;  ///< why another one is to begin; empty: it was asked to stop
};

class Daemon {
public:
    Daemon(ModuleConfiguration configuration, StoredModule stored, Log& log, EventLog& events,
           HookRunner& hooks, ServiceNotifier& notifier)
        : configuration_(std::move(configuration)),
          log_(log),
          events_(events),
          hooks_(hooks),
          notifier_(notifier),
          executor_(
              loop_, configuration_, std::move(stored), log,
              [this](const std::string& restart_reason) {
                  outcome_.restart_reason = restart_reason;
                  loop_.stop();
              },
              [this](const vem::module::Snapshot& snapshot) { tell_status(snapshot); }),
          commands_(log, loop_, executor_) {}

    Outcome run() {
        const auto socket = ControlSocket::listen(
            {configuration_.directories.run + "/control.sock"},
            [this](const ControlRequest& request) { return commands_.answer(request); }, &events_);
        if (!socket)
            return {socket.error(), {}};
        for (const std::string& refused : apply_scheduling(configuration_.scheduling))
            log_.line(4, refused);
        loop_.on_signals([this] { stop(); }, [this] { reread(); });
        executor_.start();
        // The port is open, or known to be missing, and operators may ask: it runs.
        loop_.post([this] { tell_ready(); });
        const ServiceWatchdog watchdog(loop_, notifier_, log_, **socket,
                                       [this] { return executor_.wakes_at(); });
        loop_.run();
        return outcome_;
    }
    /// With what was read again meanwhile.
    [[nodiscard]] const ModuleConfiguration& configuration() const { return configuration_; }

private:
    void stop() {
        stopping_ = true;
        notifier_.stopping();
        executor_.stop();
    }

    void reread() {
        notifier_.reloading();
        const Reread found = reread_configuration(configuration_, log_);
        if (found.keyring)
            executor_.set_keyring(*found.keyring);
        hooks_.set_hooks(configuration_.hooks);
        reread_note_ = found.note;
        tell_ready();
    }

    void tell_ready() {
        if (!stopping_)
            notifier_.ready(vem::runtime::status_line(executor_.context().snapshot) + reread_note_);
    }
    void tell_status(const vem::module::Snapshot& snapshot) {
        if (!stopping_)
            notifier_.status(vem::runtime::status_line(snapshot) + reread_note_);
    }

    ModuleConfiguration configuration_;
    Log& log_;
    EventLog& events_;
    HookRunner& hooks_;
    ServiceNotifier& notifier_;
    bool stopping_ = false;
    std::string reread_note_;  ///< what the latest reading of the file left to say
    MainLoop loop_;
    Outcome outcome_;
    vem::runtime::ModuleExecutor executor_;
    OperatorCommands commands_;
};

/// Folders and the lock of the instance; the lock is held as long as it lives.
tl::expected<InstanceLock, std::string> prepare(const ModuleConfiguration& configuration) {
    if (const auto made = make_directory(configuration.directories.run, 0755); !made)
        return tl::unexpected("run folder " + configuration.directories.run + ": " +
                              made.error().text);
    return InstanceLock::take(configuration.directories.run, configuration.instance);
}

/// Lives one after the other, as long as each is followed by another in this process. How the last
/// one ended.
Outcome live(ModuleConfiguration configuration, Log& log, EventLog& events, HookRunner& hooks,
             ServiceNotifier& notifier) {
    const std::string file = configuration.file;
    while (true) {
        const StoredModule stored = begin_life(configuration, log);
        Outcome outcome;
        {
            Daemon daemon(configuration, stored, log, events, hooks, notifier);
            outcome = daemon.run();
            configuration = daemon.configuration();
        }
        const bool restart = !outcome.restart_reason.empty();
        std::string reason = restart ? outcome.restart_reason : outcome.fault;
        if (reason.empty())
            reason = "asked to stop";
        if (restart)
            notifier.status("restarts in place: " + reason);
        log.report({MessageId::program_stopped, {"vemd", reason}});
        if (!restart || vem::runtime::load_module_configuration(file))
            return outcome;
        // A fresh process could not start with this file, and the host would lose its module for a
        // slip of an editor.
        log.report({MessageId::configuration_refused, {file, "vemd goes on with the former one"}});
    }
}

}  // namespace

int run(const std::string& configuration_file, char* const* arguments) {
    auto configuration = vem::runtime::load_module_configuration(configuration_file);
    if (!configuration) {
        return refuse_configuration("vemd", configuration.error());
    }
    if (const std::string fault = complete_identity(configuration->options); !fault.empty())
        return fail(fault);
    if (const std::string missing = missing_permission(); !missing.empty())
        return fail(missing, EPERM);
    const auto lock = prepare(*configuration);
    if (!lock)
        return fail(lock.error(), EBUSY);
    ServiceNotifier notifier;
    const Outcome outcome = [&] {
        Log log({"vemd", configuration->options.host_name, configuration->log.threshold,
                 configuration->log.file, true});
        if (const auto made = make_directory(configuration->directories.state, 0700); !made)
            log.report(
                {MessageId::store_failed, {configuration->directories.state, made.error().text}});
        EventLog events(configuration->directories.state, log);
        HookRunner hooks(events, log, configuration->hooks);
        const std::string reason = take_restart_reason();
        log.report({MessageId::program_started,
                    {"vemd", VSM_HA_VERSION " (" + configuration->instance + ")"}});
        if (!reason.empty())
            log.line(5, "restarted: " + reason);
        return live(std::move(*configuration), log, events, hooks, notifier);
    }();
    if (!outcome.fault.empty())
        return fail(outcome.fault);
    return outcome.restart_reason.empty() ? 0 : fail(start_anew(arguments, outcome.restart_reason));
}

}  // namespace vemd
