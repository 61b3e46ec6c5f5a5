// The life of a vemd process. See daemon.hpp.
#include "daemons/vemd/daemon.hpp"

#include <cstdio>
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
#include "libha/runtime/state_store.hpp"
#include "libvem/runtime/host_identity.hpp"
#include "libvem/runtime/module_executor.hpp"
#include "libvem/runtime/module_store.hpp"

namespace vemd {

using namespace ha::runtime;
using ha::catalog::MessageId;
using vem::runtime::ModuleConfiguration;
using vem::runtime::StoredModule;

namespace {

int fail(const std::string& text) {
    std::fprintf(stderr, "vemd: %s\n", text.c_str());
    return 1;
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

class Daemon {
public:
    Daemon(ModuleConfiguration configuration, StoredModule stored, Log& log, EventLog& events,
           HookRunner& hooks)
        : configuration_(std::move(configuration)),
          log_(log),
          events_(events),
          hooks_(hooks),
          executor_(loop_, configuration_, stored, log, [this] { loop_.stop(); }),
          commands_(log, loop_, executor_) {}

    /// Empty when it was stopped as asked, or why it could not begin.
    std::string run() {
        const auto socket = ControlSocket::listen(
            {configuration_.directories.run + "/control.sock"},
            [this](const ControlRequest& request) { return commands_.answer(request); }, &events_);
        if (!socket)
            return socket.error();
        for (const std::string& refused : apply_scheduling(configuration_.scheduling))
            log_.line(4, refused);
        loop_.on_signals([this] { executor_.stop(); }, [this] { reread(); });
        executor_.start();
        loop_.run();
        return {};
    }

private:
    void reread() {
        if (const auto keyring = reread_configuration(configuration_, log_))
            executor_.set_keyring(*keyring);
        hooks_.set_hooks(configuration_.hooks);
    }

    ModuleConfiguration configuration_;
    Log& log_;
    EventLog& events_;
    HookRunner& hooks_;
    MainLoop loop_;
    vem::runtime::ModuleExecutor executor_;
    OperatorCommands commands_;
};

/// Folders and the lock of the instance; the lock is held as long as it lives.
tl::expected<InstanceLock, std::string> prepare(const ModuleConfiguration& configuration) {
    if (std::string missing = missing_permission(); !missing.empty())
        return tl::unexpected(std::move(missing));
    if (const auto made = make_directory(configuration.directories.run, 0755); !made)
        return tl::unexpected("run folder " + configuration.directories.run + ": " +
                              made.error().text);
    return InstanceLock::take(configuration.directories.run, configuration.instance);
}

}  // namespace

int run(const std::string& configuration_file) {
    auto configuration = vem::runtime::load_module_configuration(configuration_file);
    if (!configuration) {
        for (const std::string& line : configuration.error())
            fail(line);
        return 2;
    }
    if (const std::string fault = complete_identity(configuration->options); !fault.empty())
        return fail(fault);
    const auto lock = prepare(*configuration);
    if (!lock)
        return fail(lock.error());
    Log log({"vemd", configuration->options.host_name, configuration->log.threshold,
             configuration->log.file, true});
    if (const auto made = make_directory(configuration->directories.state, 0700); !made)
        log.report(
            {MessageId::store_failed, {configuration->directories.state, made.error().text}});
    EventLog events(configuration->directories.state, log);
    HookRunner hooks(events, log, configuration->hooks);
    log.report({MessageId::program_started,
                {"vemd", VSM_HA_VERSION " (" + configuration->instance + ")"}});
    const StoredModule stored = begin_life(*configuration, log);
    const std::string fault = Daemon(std::move(*configuration), stored, log, events, hooks).run();
    log.report({MessageId::program_stopped, {"vemd", fault.empty() ? "asked to stop" : fault}});
    return fault.empty() ? 0 : 1;
}

}  // namespace vemd
