// The file that `logging logfile` names: opened, written and turned over on a thread of its own. A
// slow or full disk costs lines, which are counted, and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "libha/base/time.hpp"
#include "libha/runtime/job_queue.hpp"

namespace ha::runtime {

/// A file is kept below this size, in bytes, with `kOlderLogFiles` older ones.
inline constexpr std::size_t kLogFileSize = 10'000'000;
inline constexpr std::size_t kOlderLogFiles = 3;

struct LogFileStatus {
    std::string path;   ///< empty: none is written
    std::string fault;  ///< why it cannot be written; empty: it can
    std::uint64_t written = 0;
    std::uint64_t dropped =
        0;  ///< lines that found no place in the queue, or that the disk refused
};

/// Every public function may be called from any thread and never waits.
class LogFile {
public:
    /// `complain` is told each fault once, on the worker's thread.
    explicit LogFile(std::function<void(const std::string& fault)> complain);
    ~LogFile();
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    /// Lines go to this file from now on, below a folder that is made if need be; "": to none.
    void set(const std::string& path);
    void write(std::shared_ptr<const std::string> line);
    [[nodiscard]] LogFileStatus status() const;

private:
    class Sink;
    void open(const std::string& path);
    void put(const std::string& line);
    void note(const std::string& fault);

    const std::function<void(const std::string&)> complain_;
    std::unique_ptr<Sink> sink_;  // the worker's alone
    Instant tried_at_;            // the worker's alone
    mutable std::mutex mutex_;    // of what follows
    LogFileStatus status_;
    JobQueue queue_;  // last: its thread uses what is above
};

}  // namespace ha::runtime
