// Runs the commands of `hooks` on the events they name: one after the other, in the order of the
// events and, of one event, of the configuration; each once. Relates to EventLog, which it reads,
// and to hook_process.hpp. A thread of its own: no hook ever delays a heartbeat.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libha/base/time.hpp"
#include "libha/runtime/hook_settings.hpp"

namespace ha::runtime {

class EventLog;
class Log;

/// Events that wait for hooks; of more, the oldest are passed over, and that is told.
inline constexpr std::size_t kMaximumWaitingEvents = 1000;
/// How long hooks may go on when the program ends. What has not been run by then is run when it
/// is started again.
inline constexpr Duration kHookGrace = std::chrono::seconds{1};

/// Once: which hooks of an event have been started is durable before each is. One that a crash cut
/// short is told when the program is started again, and not run again. While the store of events
/// cannot be written, a crash may bring a repetition.
class HookRunner {
public:
    /// Goes on where the life before ended.
    HookRunner(EventLog& events, Log& log, std::vector<HookSettings> hooks);
    /// Hands out what has been recorded, as long as the grace lasts, and ends what runs.
    ~HookRunner();
    HookRunner(const HookRunner&) = delete;
    HookRunner& operator=(const HookRunner&) = delete;

    /// For events whose turn comes from now on. From any thread.
    void set_hooks(std::vector<HookSettings> hooks);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
