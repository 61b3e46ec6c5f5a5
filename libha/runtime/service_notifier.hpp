// What systemd is told about this process: that it runs, in one line how it is, and that it is
// alive (sd_notify(3), libsystemd). Where nobody listens, with no NOTIFY_SOCKET in the environment,
// nothing is said. The environment is left as it is, for a process that starts anew in place; hooks
// have one of their own. Nothing here ever waits: a service manager that does not read, as it
// reloads its units or its disk is slow, must not cost a heartbeat. What it could not be told is
// kept, and said before whatever is said next.
//
// Thread: the main thread.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "libha/base/time.hpp"

namespace ha::runtime {

/// A status line has at most so many bytes; what is longer is cut.
inline constexpr std::size_t kMaximumStatusLine = 1024;
/// So many messages are kept for a service manager that does not read; the oldest go first.
inline constexpr std::size_t kMaximumOwedMessages = 8;

class ServiceNotifier {
public:
    /// The service runs, or goes on after reloading().
    void ready(const std::string& status);
    /// The line of `systemctl status`; told when it differs from the one before. What is not
    /// printable ASCII is replaced.
    void status(const std::string& line);
    /// It reads its configuration again; ready() ends that.
    void reloading();
    /// It was asked to stop, and does.
    void stopping();
    /// A sign of life is not kept: it says something about now.
    void feed_watchdog();
    /// How often it has to be fed; zero: nobody asks for it (WATCHDOG_USEC).
    [[nodiscard]] static Duration watchdog_interval();

private:
    void say(std::string message);
    /// Is there nothing more to say?
    bool say_what_is_owed();

    std::string status_;
    std::deque<std::string> owed_;  ///< oldest first; of states in a row only the last
};

/// Says why `program` does not run, on standard error and as the status of the service, where
/// `error` is an errno or 0. Its exit status: 1.
int refuse_to_run(const std::string& program, const std::string& sentence, int error = 0);
/// The same of a configuration with these faults, at least one. The exit status: 2.
int refuse_configuration(const std::string& program, const std::vector<std::string>& faults);

/// As the line goes to systemd: one line of printable ASCII, not too long.
std::string printable_status(const std::string& line);

}  // namespace ha::runtime
