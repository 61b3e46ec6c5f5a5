// The log of a daemon: catalog messages and program lines in NX-OS form, to stderr (the journal)
// and a file, and the last lines kept for `show logging last`. What operators configure (`logging
// …`) comes on top: other severities, a file of their own, syslog servers.
//
// A slow or stuck reader of stderr or a full disk costs lines, never time of the caller. Safe to
// call from any thread. It decides nothing about what is worth saying: the machines do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libha/base/time.hpp"
#include "libha/catalog/catalog.hpp"
#include "libha/runtime/log_file.hpp"
#include "libha/runtime/syslog_servers.hpp"

namespace ha::runtime {

/// How many lines are kept.
inline constexpr std::size_t kLogRing = 1000;

struct LogOptions {
    std::string program = "vsmd";  ///< named in program lines
    std::string hostname = "switch";
    int threshold = 6;  ///< lines of this syslog severity and more urgent ones
    std::string file;   ///< empty: none. Kept below 10 MB, with three older ones
    bool to_stderr = true;
};

/// What operators configure.
struct LogRules {
    std::string hostname;  ///< in place of LogOptions'; empty: that one
    /// By facility in lower case: the severity up to which its lines are taken, in place of the
    /// threshold of LogOptions.
    std::map<std::string, int, std::less<>> levels;
    std::string file;       ///< path; empty: none
    int file_severity = 7;  ///< with a file: it and the kept lines end there
    std::vector<SyslogServer> servers;
    friend bool operator==(const LogRules&, const LogRules&) = default;
};

struct LogStatus {
    int threshold = 6;  ///< of facilities that LogRules say nothing about
    LogFileStatus file;
    std::vector<SyslogServerStatus> servers;
};

/// Of program lines.
inline constexpr std::string_view kProgramFacility = "DAEMON";

class Log {
public:
    explicit Log(LogOptions options);
    /// Writes what waits (close()).
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void report(const catalog::Report& report);
    /// Has every later report told to `observer` as well, with the name of the host, whatever the
    /// threshold; an empty one ends that. Called on the thread that reports, one call at a time: it
    /// must not wait and not report. When this returns the former one is not called any more.
    using Observer = std::function<void(const catalog::Report& report, const std::string& host)>;
    void observe(Observer observer);
    /// A line that has no catalog message: "%DAEMON-6-SYSTEM_MSG: text - vsmd".
    void line(int severity, std::string_view text);

    /// SIGHUP: another level, name, or file (also the same one, after it was moved away). The error
    /// is one sentence; the rest of the options holds nevertheless.
    std::string reconfigure(const LogOptions& options);

    /// From now on. Never waits.
    void obey(const LogRules& rules);
    [[nodiscard]] LogStatus status() const;

    /// The newest lines, at most `count`, oldest first, without line ends.
    [[nodiscard]] std::vector<std::string> last(std::size_t count = kLogRing) const;

    /// Writes what waits and stops writing; lines are only kept from now on. Never waits long for a
    /// stuck reader.
    void close();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// "2026 Nov 21 10:31:00 switch %MODULE-5-ACTIVE_SUP_OK: …" → 5; 6 when it has none.
int severity_of(std::string_view line);
/// "2026 Nov  1 10:31:00", local time.
std::string format_log_time(WallTime time);

}  // namespace ha::runtime
