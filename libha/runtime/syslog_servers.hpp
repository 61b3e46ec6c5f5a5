// Lines of the log on their way to syslog servers: over UDP, on a thread of its own, with a bounded
// queue. A server that is not there, and a network that is not, cost lines and nothing else; what
// was not sent is counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/job_queue.hpp"

namespace ha::runtime {

inline constexpr std::uint16_t kSyslogPort = 514;
/// Lines are of this syslog facility, local7, as NX-OS sends them.
inline constexpr int kSyslogFacility = 23;
/// What a server gets that was configured without a severity.
inline constexpr int kDefaultServerSeverity = 5;

struct SyslogServer {
    std::string address;                    ///< IPv4, "10.0.0.7"
    int severity = kDefaultServerSeverity;  ///< gets lines of this one and more urgent ones
    std::uint16_t port = kSyslogPort;
    friend bool operator==(const SyslogServer&, const SyslogServer&) = default;
};

struct SyslogServerStatus {
    SyslogServer server;
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;   ///< the network did not take them
    std::uint64_t dropped = 0;  ///< there was no place in the queue
    std::string fault;          ///< why the latest was not taken; empty: it was
};

/// Every public function may be called from any thread and never waits.
class SyslogServers {
public:
    SyslogServers();

    /// Those that were there before keep their counts.
    void set(const std::vector<SyslogServer>& servers);
    /// "<189>LINE" to each server that wants this severity.
    void send(int severity, std::shared_ptr<const std::string> line);
    [[nodiscard]] std::vector<SyslogServerStatus> status() const;

private:
    void transmit(int severity, const std::string& line);
    [[nodiscard]] std::string transmit_to(const SyslogServer& server, const std::string& datagram);

    FileDescriptor socket_;        // the worker's alone
    std::atomic<int> wanted_{-1};  ///< the least urgent severity that somebody wants
    mutable std::mutex mutex_;     // of what follows
    std::vector<SyslogServerStatus> servers_;
    JobQueue queue_;  // last: its thread uses what is above
};

}  // namespace ha::runtime
