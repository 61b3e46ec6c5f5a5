// The life of a vsmd process. See daemon.hpp.
#include "daemons/vsmd/daemon.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "daemons/vsmd/operator_commands.hpp"
#include "daemons/vsmd/reread.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/control_socket.hpp"
#include "libha/runtime/files.hpp"
#include "libha/runtime/instance_lock.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/permissions.hpp"
#include "libha/runtime/scheduling.hpp"
#include "libha/runtime/state_store.hpp"
#include "libha/runtime/supervisor_executor.hpp"

namespace vsmd {

using namespace ha;
using namespace ha::runtime;

namespace {

int fail(const std::string& text) {
    std::fprintf(stderr, "vsmd: %s\n", text.c_str());
    return 1;
}

/// Loads what is stored, counts this life and stores that before anybody can hear of it.
void begin_life(SupervisorConfiguration& configuration, Log& log) {
    const DocumentPlace place{configuration.directories.state, "state"};
    LoadedState loaded = load_state(place);
    if (loaded.damage) {
        log.report({catalog::MessageId::state_file_damaged,
                    {loaded.damage->path, loaded.damage->fault, loaded.damage->kept_as}});
    }
    loaded.state.boots = next_boot(loaded.state.boots, wall_now());
    const auto stored = store_document(place, to_document(loaded.state));
    if (!stored) {
        log.report({catalog::MessageId::store_failed, {place.path(), stored.error()}});
    }
    configuration.options.pair.incarnation = new_incarnation(loaded.state.boots);
    configuration.options.stored = std::move(loaded.state);
}

class Daemon {
public:
    Daemon(SupervisorConfiguration configuration, Log& log)
        : configuration_(std::move(configuration)),
          log_(log),
          executor_(loop_, configuration_, log, [this](const Outcome& outcome) {
              outcome_ = outcome;
              loop_.stop();
          }) {}

    /// How it ended, or why it could not begin.
    tl::expected<Outcome, std::string> run() {
        auto socket = ControlSocket::listen(
            {configuration_.directories.run + "/control.sock"},
            [this](const ControlRequest& request) { return commands_.answer(request); });
        if (!socket) {
            return tl::unexpected(socket.error());
        }
        for (const std::string& refused : apply_scheduling(configuration_.scheduling)) {
            log_.line(4, refused);
        }
        loop_.on_signals([this] { stop(); }, [this] { reread(); });
        executor_.start();
        loop_.run();
        return outcome_;
    }

private:
    void stop() {
        if (stopping_) {
            executor_.abandon();
            return;
        }
        stopping_ = true;
        executor_.request(supervisor::StopRequested{});
    }
    void reread() {
        const auto keyring = reread_configuration(configuration_, log_);
        if (keyring) {
            executor_.request(supervisor::KeyringChanged{*keyring, {}});
        }
    }

    SupervisorConfiguration configuration_;
    Log& log_;
    MainLoop loop_;
    Outcome outcome_;
    bool stopping_ = false;
    SupervisorExecutor executor_;
    OperatorCommands commands_{configuration_, log_, loop_, executor_};
};

}  // namespace

int run(const std::string& configuration_file, char* const* arguments) {
    auto configuration = load_supervisor_configuration(configuration_file);
    if (!configuration) {
        for (const std::string& line : configuration.error()) {
            fail(line);
        }
        return 2;
    }
    const std::string instance = configuration->instance;
    if (const std::string missing = missing_permission(); !missing.empty()) {
        return fail(missing);
    }
    if (const auto made = make_directory(configuration->directories.run, 0755); !made) {
        return fail("run folder: " + made.error().text);
    }
    const auto lock = InstanceLock::take(configuration->directories.run, instance);
    if (!lock) {
        return fail(lock.error());
    }
    tl::expected<Outcome, std::string> outcome;
    {
        Log log({"vsmd", configuration->hostname, configuration->log.threshold,
                 configuration->log.file, true});
        const std::string reason = take_restart_reason();
        log.report({catalog::MessageId::program_started,
                    {"vsmd", VSM_HA_VERSION " (" + instance + ")"}});
        if (!reason.empty()) {
            log.line(5, "restarted: " + reason);
        }
        if (const auto made = make_directory(configuration->directories.state, 0700); !made) {
            log.report({catalog::MessageId::store_failed,
                        {configuration->directories.state, made.error().text}});
        }
        begin_life(*configuration, log);
        outcome = Daemon(std::move(*configuration), log).run();
        if (outcome) {
            log.report({catalog::MessageId::program_stopped,
                        {"vsmd", outcome->kind == Outcome::Kind::restart ? outcome->reason
                                                                         : "asked to stop"}});
        }
    }
    if (!outcome) {
        return fail(outcome.error());
    }
    if (outcome->kind == Outcome::Kind::restart) {
        return fail(start_anew(arguments, outcome->reason));
    }
    return 0;
}

}  // namespace vsmd
