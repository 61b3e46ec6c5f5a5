// The supervisor in the real world: feeds supervisor::Supervisor with frames, links, time and
// signals, and carries out its effects in their order. Decides nothing about the pair.
//
// Thread: the one that runs the loop, for everything here. Nothing here waits for a disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libha/runtime/configuration.hpp"
#include "libha/runtime/interface_keeper.hpp"
#include "libha/runtime/record_store.hpp"
#include "libha/supervisor/supervisor.hpp"

namespace ha::runtime {

class JournalRecorder;
class Log;
class MainLoop;

/// How a life ends.
struct Outcome {
    enum class Kind : std::uint8_t { exit, restart };
    Kind kind = Kind::exit;
    std::string reason;  ///< of a restart
};

class SupervisorExecutor {
public:
    /// Called on the loop.
    struct Handlers {
        std::function<void(const Outcome&)> finished;  ///< once, when the machine has ended
        std::function<void()> configuration_changed;   ///< records() says another configuration
        /// On the standby: a line of the active's operator is to be run; ConsoleAnswered with its
        /// id is requested when that is done. One at a time.
        std::function<void(const supervisor::RunConsole&)> run_console = {};
        /// The state of the pair, its mode, its peer's presence or whether its records can be
        /// stored is another one; snapshot() has it.
        std::function<void()> state_changed = {};
        /// What is to be done from now on when this process dies without a farewell.
        std::function<void(const Testament&)> testament_changed = {};
    };
    /// `configuration.options` must be complete: incarnation and stored records included, which are
    /// what `store` holds; without one nothing is kept and every write fails. The executor is to be
    /// destroyed after the loop. `journal`, unless it is null, gets this life from its beginning to
    /// its end.
    SupervisorExecutor(MainLoop& loop, SupervisorConfiguration configuration,
                       std::optional<RecordStore> store, Log& log, JournalRecorder* journal,
                       Handlers handlers);
    /// Writes what waits to be stored.
    ~SupervisorExecutor();
    SupervisorExecutor(const SupervisorExecutor&) = delete;
    SupervisorExecutor& operator=(const SupervisorExecutor&) = delete;

    /// Opens ports, watches links and starts the machine. Missing interfaces are waited for.
    void start();
    /// StopRequested, ReloadRequested, ClearPeerMac or KeyringChanged (with any `now`).
    void request(supervisor::Input input);
    /// Has a change made and calls `done` with what became of it: an error without "% ", or
    /// nothing. Ticket and time of the request are filled in.
    void change(supervisor::ChangeRequested request,
                std::function<void(const std::string& error)> done);
    /// What the configuration says of control0 and mgmt0; done while this supervisor is active.
    void obey(const InterfaceOrders& orders);
    /// Has a line run on the console of the standby and calls `done` with what it gave, or why
    /// nothing came (without "% "). Ticket and time are filled in.
    using ConsoleDone =
        std::function<void(const supervisor::ConsoleAnswer& answer, const std::string& failure)>;
    void ask_console(supervisor::ConsoleRequested request, ConsoleDone done);
    /// Gives the address up and finishes without a word to anybody: the second SIGTERM.
    void abandon();
    [[nodiscard]] supervisor::Snapshot snapshot() const;
    [[nodiscard]] supervisor::Brief brief() const;
    [[nodiscard]] const records::Database& records() const;
    /// When it wants to run next unless something happens before; kNever: not before.
    [[nodiscard]] Instant wakes_at() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
