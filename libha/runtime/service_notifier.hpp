// What systemd is told about this process: that it runs, in one line how it is, and that it is
// alive (sd_notify(3), libsystemd). Where nobody listens, with no NOTIFY_SOCKET in the environment,
// nothing is said. The environment is left as it is, for a process that starts anew in place; hooks
// have one of their own.
//
// Thread: the main thread.
#pragma once

#include <string>
#include <vector>

#include "libha/base/time.hpp"

namespace ha::runtime {

/// A status line has at most so many bytes; what is longer is cut.
inline constexpr std::size_t kMaximumStatusLine = 1024;

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
    void feed_watchdog();
    /// How often it has to be fed; zero: nobody asks for it (WATCHDOG_USEC).
    [[nodiscard]] static Duration watchdog_interval();

private:
    std::string status_;
};

/// Says why `program` does not run, on standard error and as the status of the service, where
/// `error` is an errno or 0. Its exit status: 1.
int refuse_to_run(const std::string& program, const std::string& sentence, int error = 0);
/// The same of a configuration with these faults, at least one. The exit status: 2.
int refuse_configuration(const std::string& program, const std::vector<std::string>& faults);

/// As the line goes to systemd: one line of printable ASCII, not too long.
std::string printable_status(const std::string& line);

}  // namespace ha::runtime
