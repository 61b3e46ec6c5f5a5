// Feeds the service manager's watchdog as long as this daemon really gets on: its loop runs, its
// machine is woken when it wanted to be, and its control socket answers. A loop that hangs or spins
// therefore ends with a kill and a fresh start, and so does a process that is stopped. Threads that
// may wait for a disk or for the kernel's interface lock do not count: a fresh start would not
// help.
//
// Thread: the one that runs the loop.
#pragma once

#include <functional>
#include <memory>

#include "libha/base/time.hpp"
#include "libha/runtime/event_loop.hpp"

namespace ha {
class ProgressWatch;
}

namespace ha::runtime {

class ControlSocket;
class Log;
class MainLoop;
class ServiceNotifier;

class ServiceWatchdog {
public:
    /// When the machine's next step is due; kNever: nothing is.
    using Deadline = std::function<Instant()>;

    /// Does nothing when the service manager asks for no signs of life. The socket's thread ends
    /// before the loop does; the watchdog may go before it.
    ServiceWatchdog(MainLoop& loop, ServiceNotifier& notifier, Log& log, ControlSocket& socket,
                    Deadline deadline);
    ~ServiceWatchdog();
    ServiceWatchdog(const ServiceWatchdog&) = delete;
    ServiceWatchdog& operator=(const ServiceWatchdog&) = delete;

private:
    void ask();
    void check();

    MainLoop& loop_;
    ServiceNotifier& notifier_;
    Log& log_;
    ControlSocket& socket_;
    Deadline deadline_;
    Duration period_;
    std::shared_ptr<ProgressWatch> watch_;  ///< shared with answers that are on their way
    Timer timer_;
};

}  // namespace ha::runtime
