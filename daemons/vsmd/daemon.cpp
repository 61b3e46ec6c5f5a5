// The life of a vsmd process. See daemon.hpp.
#include "daemons/vsmd/daemon.hpp"

#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "daemons/vsmd/interface_rules.hpp"
#include "daemons/vsmd/operator_commands.hpp"
#include "daemons/vsmd/reread.hpp"
#include "libha/cli/requests.hpp"
#include "libha/cli/status_line.hpp"
#include "libha/config/settings.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/control_socket.hpp"
#include "libha/runtime/event_log.hpp"
#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/files.hpp"
#include "libha/runtime/guardian.hpp"
#include "libha/runtime/hook_runner.hpp"
#include "libha/runtime/instance_lock.hpp"
#include "libha/runtime/journal_recorder.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/permissions.hpp"
#include "libha/runtime/scheduling.hpp"
#include "libha/runtime/service_notifier.hpp"
#include "libha/runtime/service_watchdog.hpp"
#include "libha/runtime/state_store.hpp"
#include "libha/runtime/supervisor_executor.hpp"
#include "libha/runtime/trap_sender.hpp"

namespace vsmd {

using namespace ha;
using namespace ha::runtime;

namespace {

int fail(const std::string& text, int error = 0) {
    return refuse_to_run("vsmd", text, error);
}

/// Loads what is stored, counts this life and stores that before anybody can hear of it. Where what
/// comes is to be kept; nothing when that is impossible.
std::optional<RecordStore> load(SupervisorConfiguration& configuration, Log& log) {
    const RecordPlace place{configuration.directories.state, "state",
                            configuration.storage.maximum_size};
    LoadedState loaded = begin_life(place, wall_now());
    if (loaded.damage) {
        log.report({catalog::MessageId::state_file_damaged,
                    {loaded.damage->path, loaded.damage->fault, loaded.damage->kept_as}});
    }
    if (!loaded.torn.empty()) {
        log.report({catalog::MessageId::state_file_torn, {place.path(), loaded.torn}});
    }
    if (!loaded.fault.empty()) {
        log.report({catalog::MessageId::store_failed, {place.path(), loaded.fault}});
    }
    configuration.options.hostname = configuration.hostname;
    configuration.options.control_vlan = configuration.control.vlan.value_or(0);
    configuration.options.pair.incarnation = new_incarnation(loaded.state.state().boots);
    configuration.options.stored = std::move(loaded.state);
    return std::move(loaded.store);
}

/// What outlives a life: it stays as long as the process.
struct Surroundings {
    Log& log;
    EventLog& events;
    HookRunner& hooks;
    TrapSender& traps;
    ServiceNotifier& notifier;
    JournalRecorder* journal = nullptr;  ///< null: none is kept
    Guardian* guardian = nullptr;        ///< null: nobody tells of a crash
};

class Daemon {
public:
    Daemon(SupervisorConfiguration configuration, std::optional<RecordStore> store,
           const Surroundings& around)
        : configuration_(std::move(configuration)),
          log_(around.log),
          events_(around.events),
          hooks_(around.hooks),
          traps_(around.traps),
          notifier_(around.notifier),
          guardian_(around.guardian),
          executor_(loop_, configuration_, std::move(store), log_, around.journal,
                    {[this](const Outcome& outcome) {
                         outcome_ = outcome;
                         loop_.stop();
                     },
                     [this] { obey_configuration(); },
                     [this](const supervisor::RunConsole& run) { run_console(run); },
                     [this] { tell_status(); }, testament_keeper()}) {}

    ~Daemon() {
        if (console_.joinable()) {
            console_.join();
        }
        if (reader_.joinable()) {
            reader_.join();
        }
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// How it ended, or why it could not begin.
    tl::expected<Outcome, std::string> run() {
        auto socket = ControlSocket::listen(
            {configuration_.directories.run + "/control.sock"},
            [this](const ControlRequest& request) { return commands_.answer(request); }, &events_);
        if (!socket) {
            return tl::unexpected(socket.error());
        }
        for (const std::string& refused : apply_scheduling(configuration_.scheduling)) {
            log_.line(4, refused);
        }
        loop_.on_signals([this] { stop(); }, [this] { reread(); });
        watch_guardian();
        executor_.start();
        // Ports are open, or known to be missing, and operators may ask: it runs.
        loop_.post([this] { notifier_.ready(status()); });
        const ServiceWatchdog watchdog(loop_, notifier_, log_, **socket,
                                       [this] { return executor_.wakes_at(); });
        loop_.run();
        return outcome_;
    }

private:
    [[nodiscard]] std::function<void(const Testament&)> testament_keeper() const {
        if (guardian_ == nullptr) {
            return {};
        }
        return [guardian = guardian_](const Testament& testament) { guardian->keep(testament); };
    }

    void watch_guardian() {
        if (guardian_ == nullptr) {
            return;
        }
        guardian_watch_.start(guardian_->descriptor(), [this] {
            guardian_watch_.stop();
            log_.line(4,
                      "the guardian has ended: until the next start a crash is noticed by "
                      "silence only, after the loss interval");
        });
    }

    /// What the configuration says beyond the machine's own business.
    void obey_configuration() {
        const auto running =
            config::Configuration::of(executor_.records(), records::Space::running_configuration);
        const config::Settings settings = config::settings_of(running);
        if (!settings.hostname.empty()) {
            configuration_.hostname = settings.hostname;
        }
        log_.obey(log_rules(settings, configuration_.directories.state));
        executor_.obey(interface_orders(configuration_, settings));
        traps_.set(trap_rules(settings.snmp));
    }

    /// On a thread of its own: a large answer must not cost a heartbeat.
    void run_console(const supervisor::RunConsole& run) {
        if (console_.joinable()) {
            console_.join();  // it has posted its answer: the machine asks for one at a time
        }
        console_ = std::thread([this, run] {
            const auto reply = commands_.run_on_console(run);
            loop_.post([this, run, reply] {
                executor_.request(supervisor::ConsoleAnswered{run.id, reply.answer, {}});
                if (reply.action) {
                    executor_.request(cli::input_of(*reply.action, {}));
                }
            });
        });
    }

    [[nodiscard]] std::string status() const {
        return cli::status_line(executor_.snapshot()) + reread_note_;
    }
    void tell_status() {
        if (!stopping_) {
            notifier_.status(status());
        }
    }

    void stop() {
        if (stopping_) {
            executor_.abandon();
            return;
        }
        stopping_ = true;
        notifier_.stopping();
        executor_.request(supervisor::StopRequested{});
    }
    /// On a thread of its own: a slow disk must not cost a heartbeat.
    void reread() {
        if (reader_.joinable()) {
            reread_again_ = true;
            return;
        }
        notifier_.reloading();
        reader_ = std::thread([this, file = configuration_.file] {
            const auto loaded = reread_configuration(file, log_);
            if (loaded) {
                take_log_settings(*loaded, log_);
            }
            loop_.post([this, loaded] { take(loaded); });
        });
    }

    void take(const std::optional<SupervisorConfiguration>& reread_one) {
        reader_.join();
        reread_note_ = "; the changed configuration is refused, see the log";
        if (reread_one) {
            configuration_.hooks = reread_one->hooks;
            hooks_.set_hooks(configuration_.hooks);
            if (!same_keys(configuration_.options.keyring, reread_one->options.keyring)) {
                configuration_.options.keyring = reread_one->options.keyring;
                executor_.request(supervisor::KeyringChanged{reread_one->options.keyring, {}});
            }
            const std::string waiting = waiting_changes(configuration_, *reread_one);
            reread_note_.clear();
            if (!waiting.empty()) {
                log_.line(4, "changes of " + waiting + " take effect with the next reload");
                reread_note_ = "; changes of " + waiting + " wait for a reload";
            }
            log_.report({catalog::MessageId::configuration_reloaded, {configuration_.file}});
        }
        if (std::exchange(reread_again_, false)) {
            reread();
        } else if (!stopping_) {
            notifier_.ready(status());
        }
    }

    SupervisorConfiguration configuration_;
    Log& log_;
    EventLog& events_;
    HookRunner& hooks_;
    TrapSender& traps_;
    ServiceNotifier& notifier_;
    Guardian* guardian_;
    MainLoop loop_;
    ReadableWatch guardian_watch_{loop_.context()};
    Outcome outcome_;
    bool stopping_ = false;
    bool reread_again_ = false;
    std::string reread_note_;  ///< what the latest reading of the file left to say
    std::thread reader_;
    std::thread console_;
    SupervisorExecutor executor_;
    OperatorCommands commands_{configuration_, log_, traps_, loop_, executor_};
};

/// Lives one after the other, as long as each is followed by another in this process. How the last
/// one ended.
tl::expected<Outcome, std::string> live(SupervisorConfiguration configuration,
                                        const Surroundings& around) {
    Log& log = around.log;
    const std::string file = configuration.file;
    while (true) {
        if (const auto made = make_directory(configuration.directories.state, 0700); !made) {
            log.report({catalog::MessageId::store_failed,
                        {configuration.directories.state, made.error().text}});
        }
        auto store = load(configuration, log);
        auto outcome = Daemon(configuration, std::move(store), around).run();
        if (!outcome) {
            return outcome;
        }
        const bool restart = outcome->kind == Outcome::Kind::restart;
        if (restart) {
            around.notifier.status("restarts in place: " + outcome->reason);
        }
        log.report({catalog::MessageId::program_stopped,
                    {"vsmd", restart ? outcome->reason : "asked to stop"}});
        if (!restart || reread_configuration(file, log)) {
            return outcome;
        }
        // A fresh process could not start with this file, and the pair would lose a supervisor for
        // a slip of an editor.
        log.line(4, "restarted in place with the former configuration: " + outcome->reason);
    }
}

}  // namespace

int run(const Invocation& invocation, char* const* arguments) {
    auto configuration = load_supervisor_configuration(invocation.file);
    if (!configuration) {
        return refuse_configuration("vsmd", configuration.error());
    }
    const std::string instance = configuration->instance;
    if (const std::string missing = missing_permission(); !missing.empty()) {
        return fail(missing, EPERM);
    }
    if (const auto made = make_directory(configuration->directories.run, 0755); !made) {
        return fail("run folder: " + made.error().text, EACCES);
    }
    // Before anything is open that must not live on, and before there are threads.
    std::optional<Guardian> guardian;
    std::string guardian_fault;
    if (configuration->dying_gasp) {
        auto started = Guardian::start(configuration->scheduling, arguments);
        if (started) {
            guardian.emplace(std::move(*started));
        } else {
            guardian_fault = started.error();
        }
    }
    const auto lock = InstanceLock::take(configuration->directories.run, instance);
    if (!lock) {
        return fail(lock.error(), EBUSY);
    }
    ServiceNotifier notifier;
    tl::expected<Outcome, std::string> outcome;
    {
        Log log(log_options(*configuration));
        EventLog events(configuration->directories.state, log);
        HookRunner hooks(events, log, configuration->hooks);
        TrapSender traps(events);
        const std::string reason = take_restart_reason();
        log.report(
            {catalog::MessageId::program_started, {"vsmd", VSM_HA_VERSION " (" + instance + ")"}});
        if (!reason.empty()) {
            log.line(5, "restarted: " + reason);
        }
        if (!guardian_fault.empty()) {
            log.line(4, guardian_fault);
        }
        std::optional<JournalRecorder> journal;
        if (!invocation.journal.empty()) {
            journal.emplace(invocation.journal,
                            [&log](const std::string& text) { log.line(4, text); });
        }
        outcome = live(std::move(*configuration),
                       {log, events, hooks, traps, notifier, journal ? &*journal : nullptr,
                        guardian ? &*guardian : nullptr});
    }
    if (!outcome) {
        return fail(outcome.error());
    }
    guardian.reset();
    if (outcome->kind == Outcome::Kind::restart) {
        return fail(start_anew(arguments, outcome->reason));
    }
    return 0;
}

}  // namespace vsmd
