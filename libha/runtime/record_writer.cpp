// See record_writer.hpp.
#include "libha/runtime/record_writer.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "libha/runtime/log.hpp"

namespace ha::runtime {

class RecordWriter::Implementation {
public:
    Implementation(RecordStore store, Completion completion, Mended mended)
        : store_(std::move(store)),
          completion_(std::move(completion)),
          mended_(std::move(mended)),
          thread_([this] { run(); }) {}

    ~Implementation() {
        {
            const std::scoped_lock lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    void submit(std::uint64_t token, records::Changes changes) {
        {
            const std::scoped_lock lock(mutex_);
            waiting_.push_back({token, std::move(changes)});
        }
        changed_.notify_all();
    }

    void flush() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_.empty() && !writing_; });
    }

private:
    struct Submission {
        std::uint64_t token = 0;
        records::Changes changes;
    };

    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
            if (waiting_.empty())
                break;
            const std::vector<Submission> group = std::exchange(waiting_, {});
            writing_ = true;
            lock.unlock();
            write(group);
            lock.lock();
            writing_ = false;
            changed_.notify_all();
        }
        lock.unlock();
        static_cast<void>(commit());  // its tokens have been answered; this is the last chance
    }

    void write(const std::vector<Submission>& group) {
        std::vector<std::string> errors;
        errors.reserve(group.size());
        for (const Submission& submission : group) {
            errors.push_back(records::fault_of(submission.changes));
            if (errors.back().empty())
                for (const records::Change& change : submission.changes)
                    pending_.insert_or_assign(change.key, change.value);
        }
        const std::string error = commit();
        for (std::size_t index = 0; index < group.size(); ++index)
            completion_(group[index].token, errors[index].empty() ? error : errors[index]);
    }

    /// Commits all that is pending. Empty, or why it stays pending.
    std::string commit() {
        if (pending_.empty())
            return {};
        records::Changes changes;
        changes.reserve(pending_.size());
        for (const auto& [key, value] : pending_)
            changes.push_back({key, value});
        if (auto committed = store_.commit(changes); !committed)
            return std::move(committed.error());
        if (!store_.mended().empty())
            mended_(store_.mended());
        pending_.clear();
        return {};
    }

    RecordStore store_;
    Completion completion_;
    Mended mended_;
    /// Not durable yet: of this group and of those that failed, the latest of each record.
    std::map<records::Key, std::optional<std::string>> pending_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Submission> waiting_;
    bool writing_ = false;
    bool ending_ = false;
    std::thread thread_;  // last: everything it uses is made before it starts
};

RecordWriter::RecordWriter(RecordStore store, Completion completion, Mended mended)
    : implementation_(std::make_unique<Implementation>(std::move(store), std::move(completion),
                                                       std::move(mended))) {}
RecordWriter::~RecordWriter() = default;
void RecordWriter::submit(std::uint64_t token, records::Changes changes) {
    implementation_->submit(token, std::move(changes));
}
void RecordWriter::flush() {
    implementation_->flush();
}

RecordWriter::Mended report_mended(Log& log, const RecordPlace& place) {
    return [&log, path = place.path()](const std::string& interference) {
        log.report({catalog::MessageId::state_file_replaced, {path, interference}});
    };
}

}  // namespace ha::runtime
