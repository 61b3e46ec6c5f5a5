// See job_queue.hpp.
#include "libha/runtime/job_queue.hpp"

#include <utility>

namespace ha::runtime {

JobQueue::JobQueue(std::size_t limit) : limit_(limit), thread_([this] { run(); }) {}

JobQueue::~JobQueue() {
    {
        const std::scoped_lock lock(mutex_);
        finishing_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool JobQueue::submit(Job job) {
    {
        const std::scoped_lock lock(mutex_);
        if (jobs_.size() >= limit_) {
            return false;
        }
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

void JobQueue::insist(Job job) {
    {
        const std::scoped_lock lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
}

void JobQueue::run() {
    while (true) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return finishing_ || !jobs_.empty(); });
            if (jobs_.empty()) {
                return;
            }
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        job();
    }
}

}  // namespace ha::runtime
