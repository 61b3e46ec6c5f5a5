// The supervisor in the real world: feeds supervisor::Supervisor with frames, links, time and
// signals, and carries out its effects in their order. Decides nothing about the pair.
//
// Thread: the one that runs the loop, for everything here. Nothing here waits for a disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "libha/runtime/configuration.hpp"
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
    /// `configuration.options` must be complete: incarnation and stored state included. `finished`
    /// is called once, when the machine has ended; the executor is to be destroyed after the loop.
    /// `journal`, unless it is null, gets this life from its beginning to its end.
    SupervisorExecutor(MainLoop& loop, SupervisorConfiguration configuration, Log& log,
                       JournalRecorder* journal, std::function<void(const Outcome&)> finished);
    /// Writes what waits to be stored.
    ~SupervisorExecutor();
    SupervisorExecutor(const SupervisorExecutor&) = delete;
    SupervisorExecutor& operator=(const SupervisorExecutor&) = delete;

    /// Opens ports, watches links and starts the machine. Missing interfaces are waited for.
    void start();
    /// StopRequested, ReloadRequested, ClearPeerMac or KeyringChanged (with any `now`).
    void request(supervisor::Input input);
    /// Gives the address up and finishes without a word to anybody: the second SIGTERM.
    void abandon();
    [[nodiscard]] supervisor::Snapshot snapshot() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
