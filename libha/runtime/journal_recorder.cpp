// The queue and its thread. See journal_recorder.hpp.
#include "libha/runtime/journal_recorder.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "libha/records/encoding.hpp"
#include "libha/runtime/journal_file.hpp"

namespace ha::runtime {
namespace {

/// About what a step takes while it waits.
std::size_t weight_of(const supervisor::Input& input, const supervisor::Effects& effects) {
    std::size_t weight = sizeof(journal::Record) + effects.size() * sizeof(supervisor::Effect);
    if (const auto* frame = std::get_if<supervisor::FrameReceived>(&input)) {
        weight += frame->payload.size();
    }
    for (const supervisor::Effect& effect : effects) {
        if (const auto* frame = std::get_if<supervisor::SendFrame>(&effect)) {
            weight += frame->payload.size();
        } else if (const auto* stored = std::get_if<supervisor::Persist>(&effect)) {
            for (const records::Change& change : stored->changes) {
                weight += sizeof change + records::encoded_size(change);
            }
        }
    }
    return weight;
}

}  // namespace

/// Shared with its thread, which may outlive the recorder when the disk is stuck.
class JournalRecorder::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(std::string path, Tell tell, std::size_t limit)
        : path_(std::move(path)), limit_(limit), tell_(std::move(tell)) {}

    /// Before the life's first frame: it may wait here for the thread to let go of the queue.
    void begin(journal::LifeBegun life) {
        std::unique_lock lock(mutex_);
        hand_over(lock);
        ++life_;
        overflowed_ = false;
        waiting_.records.emplace_back(std::move(life));
        lock.unlock();
        changed_.notify_one();
    }

    /// Never waits: while the thread holds the queue, which it does for a moment only but may be
    /// preempted in, steps are kept on this side.
    void record(const supervisor::Input& input, const supervisor::Effects& effects) {
        if (overflowed_ || life_given_up_ == life_) {
            return;
        }
        kept_.records.emplace_back(journal::step_of(input, effects));
        kept_.weight += weight_of(input, effects);
        std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock) {
            return;
        }
        const bool sleeps = waiting_.records.empty();
        hand_over(lock);
        lock.unlock();
        if (sleeps) {
            changed_.notify_one();
        }
        if (overflowed_) {
            tell_("journal " + path_ +
                  ": the disk does not keep up; this life is not recorded any further");
        }
    }

    void start() {
        thread_ = std::thread([self = shared_from_this()] { self->run(); });
    }

    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return ending_ || !waiting_.records.empty(); });
            if (waiting_.records.empty()) {
                ended_ = true;
                return changed_.notify_all();
            }
            const Queue queue = std::exchange(waiting_, {});
            lock.unlock();
            write(queue.records);
            lock.lock();
        }
    }

    /// Ends the thread once everything is written, or leaves it to itself.
    void end() {
        std::unique_lock lock(mutex_);
        hand_over(lock);
        ending_ = true;
        changed_.notify_all();
        const bool in_time =
            changed_.wait_for(lock, std::chrono::seconds{2}, [this] { return ended_; });
        tell_ = [](const std::string& /*text*/) {};  // nobody is left to be told
        lock.unlock();
        if (in_time) {
            thread_.join();
        } else {
            thread_.detach();
        }
    }

private:
    struct Queue {
        std::vector<journal::Record> records;
        std::size_t weight = 0;
    };

    /// Gives the thread what was kept, or gives up when too much waits already.
    void hand_over(const std::unique_lock<std::mutex>& /*held*/) {
        Queue kept = std::exchange(kept_, {});
        if (kept.records.empty()) {
            return;
        }
        if (waiting_.weight + kept.weight > limit_) {
            overflowed_ = true;
            waiting_.records.emplace_back(journal::Gap{"the disk did not keep up"});
            return;
        }
        waiting_.weight += kept.weight;
        std::ranges::move(kept.records, std::back_inserter(waiting_.records));
    }

    void write(const std::vector<journal::Record>& records) {
        constexpr std::size_t kBatch = std::size_t{1} << 18U;
        wire::Bytes bytes;
        for (const journal::Record& record : records) {
            if (const auto* const life = std::get_if<journal::LifeBegun>(&record)) {
                flush(bytes);
                write(*life);
            } else if (writing_) {
                const wire::Bytes one =
                    std::visit([](const auto& alternative) { return encode(alternative); }, record);
                bytes.insert(bytes.end(), one.begin(), one.end());
            }
            if (bytes.size() > kBatch) {
                flush(bytes);
            }
        }
        flush(bytes);
    }

    void write(const journal::LifeBegun& life) {
        writing_ = false;
        ++life_in_file_;
        if (!file_) {
            auto opened = JournalFile::open(path_);
            if (!opened) {
                return give_up(opened.error() + "; nothing is recorded");
            }
            file_ = std::move(opened->file);
            if (opened->removed > 0) {
                tell("journal " + path_ + ": removed " + std::to_string(opened->removed) +
                     " bytes of a record that was not finished");
            }
        }
        wire::Bytes bytes = missing_.empty() ? wire::Bytes{} : encode(journal::Gap{missing_});
        const wire::Bytes begun = encode(life);
        bytes.insert(bytes.end(), begun.begin(), begun.end());
        if (const auto appended = file_->append(bytes); !appended) {
            return give_up(appended.error() + "; nothing is recorded");
        }
        missing_.clear();
        writing_ = true;
    }

    void flush(wire::Bytes& bytes) {
        if (bytes.empty() || !writing_) {
            return;
        }
        if (const auto appended = file_->append(bytes); !appended) {
            give_up(appended.error() + "; this life is not recorded any further");
            missing_ = "the file could not be written";
            // Where no large piece fits a small one may.
            if (file_->append(encode(journal::Gap{missing_}))) {
                missing_.clear();
            }
        }
        bytes.clear();
    }

    void give_up(const std::string& why) {
        writing_ = false;
        life_given_up_ = life_in_file_;
        tell("journal " + why);
    }

    void tell(const std::string& text) {
        const std::scoped_lock lock(mutex_);
        tell_(text);
    }

    const std::string path_;
    const std::size_t limit_;

    std::mutex mutex_;
    std::condition_variable changed_;
    Tell tell_;
    Queue waiting_;
    bool ending_ = false;
    bool ended_ = false;

    // The owner's.
    Queue kept_;
    std::uint64_t life_ = 0;  ///< the one that is recorded, from 1
    bool overflowed_ = false;
    std::thread thread_;

    std::atomic<std::uint64_t> life_given_up_{0};  ///< by the thread

    // The thread's own.
    std::optional<JournalFile> file_;
    std::uint64_t life_in_file_ = 0;
    bool writing_ = false;
    std::string missing_;  ///< why the life before ends without its end
};

JournalRecorder::JournalRecorder(std::string path, Tell tell, std::size_t queue_limit)
    : implementation_(
          std::make_shared<Implementation>(std::move(path), std::move(tell), queue_limit)) {
    implementation_->start();
}
JournalRecorder::~JournalRecorder() {
    implementation_->end();
}
void JournalRecorder::begin(journal::LifeBegun life) {
    implementation_->begin(std::move(life));
}
void JournalRecorder::record(const supervisor::Input& input, const supervisor::Effects& effects) {
    implementation_->record(input, effects);
}

}  // namespace ha::runtime
