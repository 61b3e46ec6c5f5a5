// A thread for what may take its time, and a bounded queue before it: whoever submits never waits.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace ha::runtime {

class JobQueue {
public:
    /// At most `limit` jobs wait.
    explicit JobQueue(std::size_t limit);
    /// Does the jobs that are left.
    ~JobQueue();
    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;

    using Job = std::function<void()>;
    /// False when there is no place: the job is not done then. Jobs are done one after the other,
    /// in their order; they throw nothing. From any thread.
    bool submit(Job job);
    /// The same for the few jobs that must not be lost: there is always a place.
    void insist(Job job);

private:
    void run();

    const std::size_t limit_;
    std::mutex mutex_;  // of what follows
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    bool finishing_ = false;
    std::thread thread_;
};

}  // namespace ha::runtime
