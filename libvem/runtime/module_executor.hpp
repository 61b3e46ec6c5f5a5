// The module in the real world: feeds module::Module with frames, its link, time and signals,
// carries out its effects in order, and looks after its ports. Decides nothing about supervisors.
//
// Thread: the one that runs the loop, for everything here. Nothing here waits for a disk or for the
// kernel's interface lock.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "libvem/runtime/commands.hpp"
#include "libvem/runtime/configuration.hpp"
#include "libvem/runtime/module_store.hpp"

namespace ha::runtime {
class Log;
class MainLoop;
}  // namespace ha::runtime

namespace vem::runtime {

class ModuleExecutor {
public:
    using Finished = std::function<void(const std::string& restart_reason)>;
    /// Called on the loop when the state, the number or the supervisor is another one.
    using StateChanged = std::function<void(const module::Snapshot&)>;

    /// `configuration.options` must be complete: incarnation, host and remembered number included.
    /// `finished` is called once, when the machine has stopped, with the reason why another life is
    /// to begin at once, or nothing; the executor is to be destroyed after the loop.
    ModuleExecutor(ha::runtime::MainLoop& loop, ModuleConfiguration configuration,
                   StoredModule stored, ha::runtime::Log& log, Finished finished,
                   StateChanged state_changed = {});
    /// Writes what waits to be stored. Ports stay as they are (VEM-6).
    ~ModuleExecutor();
    ModuleExecutor(const ModuleExecutor&) = delete;
    ModuleExecutor& operator=(const ModuleExecutor&) = delete;

    /// Opens the port, watches the link and starts the machine. A missing interface is waited for.
    void start();
    /// Says goodbye, then finishes.
    void stop();
    void set_keyring(ha::wire::Keyring keyring);
    /// All that the commands show, but the log.
    [[nodiscard]] CommandContext context() const;
    /// When it wants to run next unless something happens before; kNever: not before.
    [[nodiscard]] ha::Instant wakes_at() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace vem::runtime
