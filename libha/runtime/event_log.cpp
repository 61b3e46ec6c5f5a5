// See event_log.hpp.
#include "libha/runtime/event_log.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "libha/events/event.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/record_writer.hpp"

namespace ha::runtime {
namespace {

using records::Space;

/// Tokens of the writer: below are numbers of events, from here on are marks.
constexpr std::uint64_t kFirstMarkToken = std::uint64_t{1} << 63U;

const records::Key kMarkKey{Space::events, "hooks"};

/// "17 2 1".
std::string to_text(const HookMark& mark) {
    return std::to_string(mark.sequence) + " " + std::to_string(mark.started) + " " +
           (mark.running ? "1" : "0");
}

std::optional<HookMark> parse_mark(std::string_view text) {
    HookMark mark;
    unsigned running = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&at, end](auto& value) {
        const auto [next, error] = std::from_chars(at, end, value);
        at = next == end ? next : next + 1;
        return error == std::errc();
    };
    if (!number(mark.sequence) || !number(mark.started) || !number(running) || at != end)
        return std::nullopt;
    mark.running = running != 0;
    return mark;
}

}  // namespace

class EventLog::Implementation {
public:
    Implementation(const std::string& directory, Log& log) : log_(log) {
        const RecordPlace place{directory, "events"};
        LoadedRecords loaded;
        auto store = RecordStore::open(place, loaded);
        load(loaded.database);
        store_path_ = place.path();
        if (store)
            writer_ = std::make_unique<RecordWriter>(
                std::move(*store),
                [this](std::uint64_t token, const std::string& error) { on_written(token, error); },
                report_mended(log_, place));
        log_.observe([this](const catalog::Report& report, const std::string& host) {
            record(report, host);
        });
        if (loaded.damage)
            log_.report({catalog::MessageId::state_file_damaged,
                         {loaded.damage->path, loaded.damage->fault, loaded.damage->kept_as}});
        if (!loaded.torn.empty())
            log_.report({catalog::MessageId::state_file_torn, {store_path_, loaded.torn}});
        if (!store)
            log_.report({catalog::MessageId::store_failed, {store_path_, store.error()}});
    }

    ~Implementation() {
        log_.observe({});
        if (writer_)
            writer_->submit(kFirstMarkToken, {{kMarkKey, to_text(hook_mark())}});
        writer_.reset();  // its thread calls on_written()
    }

    Batch after(std::uint64_t sequence, std::size_t limit) const {
        const std::scoped_lock lock(mutex_);
        return {ring_.after(sequence, limit), ring_.oldest(), ring_.newest()};
    }

    std::uint64_t watch(std::function<void()> watcher) {
        const std::scoped_lock lock(watch_mutex_);
        watchers_.emplace(++last_watch_, std::move(watcher));
        return last_watch_;
    }

    void unwatch(std::uint64_t watch) {
        const std::scoped_lock lock(watch_mutex_);
        watchers_.erase(watch);
    }

    void flush() {
        if (writer_)
            writer_->flush();
    }

    HookMark hook_mark() const {
        const std::scoped_lock lock(mutex_);
        return mark_;
    }

    void set_hook_mark(const HookMark& mark) {
        const std::scoped_lock lock(mutex_);
        mark_ = mark;
    }

    void keep_hook_mark(const HookMark& mark) {
        std::unique_lock lock(mutex_);
        mark_ = mark;
        if (!writer_)
            return;
        const std::uint64_t token = ++last_mark_token_;
        writer_->submit(token, {{kMarkKey, to_text(mark)}});
        written_.wait(lock, [&] { return written_mark_token_ >= token; });
    }

private:
    void load(const records::Database& database) {
        std::uint64_t newest = 0;
        for (const auto& [key, value] : database.of(Space::events)) {
            const auto sequence = records::sequence_of(key.name);
            const auto event = events::from_json(value);
            if (!sequence || !event || event->sequence != *sequence)
                continue;
            newest = *sequence;
            ring_.add({*sequence, event->name, std::make_shared<const std::string>(value)});
        }
        next_sequence_ = newest + 1;
        mark_.sequence = next_sequence_;  // nothing to make up for, unless the store says so
        if (const std::string* const stored = database.find(kMarkKey))
            if (const auto mark = parse_mark(*stored); mark && mark->sequence <= newest + 1)
                mark_ = *mark;
    }

    /// The observer of the log: on the thread that reports, which must not wait for a disk.
    void record(const catalog::Report& report, const std::string& host) {
        std::unique_lock lock(mutex_);
        // More than the ring holds waits for a disk that does not answer: those in it are enough.
        if (waiting_.size() >= events::kMaximumEvents) {
            if (!std::exchange(losing_, true))
                log_.line(3, "events are lost: " + store_path_ + " has not been written for " +
                                 std::to_string(waiting_.size()) + " events");
            return;
        }
        losing_ = false;
        const std::uint64_t sequence = next_sequence_++;
        const events::Event event = events::make_event(report, sequence, wall_now(), host);
        auto json = std::make_shared<const std::string>(events::to_json(event));
        waiting_.push_back({sequence, event.name, json});
        if (writer_) {
            records::Changes changes{{{Space::events, records::sequence_name(sequence)}, *json},
                                     {kMarkKey, to_text(mark_)}};
            if (sequence > events::kMaximumEvents)
                changes.push_back(
                    {{Space::events, records::sequence_name(sequence - events::kMaximumEvents)},
                     std::nullopt});
            writer_->submit(sequence, std::move(changes));
            return;
        }
        publish(sequence);
        lock.unlock();
        tell_watchers();
    }

    /// On the writer's thread.
    void on_written(std::uint64_t token, const std::string& error) {
        bool other_fault = false;
        {
            const std::scoped_lock lock(mutex_);
            other_fault = !error.empty() && error != store_fault_;
            store_fault_ = error;
            if (token < kFirstMarkToken)
                publish(token);
            else
                written_mark_token_ = std::max(written_mark_token_, token);
        }
        written_.notify_all();
        tell_watchers();
        // Not for every failure: the report is an event, too, and fails like the others.
        if (other_fault)
            log_.report({catalog::MessageId::store_failed, {store_path_, error}});
    }

    /// With the lock held: what waits up to this number may be read.
    void publish(std::uint64_t sequence) {
        while (!waiting_.empty() && waiting_.front().sequence <= sequence) {
            ring_.add(std::move(waiting_.front()));
            waiting_.pop_front();
        }
    }

    void tell_watchers() {
        const std::scoped_lock lock(watch_mutex_);
        for (const auto& [id, watcher] : watchers_)
            watcher();
    }

    Log& log_;
    std::string store_path_;
    mutable std::mutex mutex_;
    std::condition_variable written_;
    events::Ring ring_;
    std::deque<events::KeptEvent> waiting_;  ///< recorded, not durable yet
    std::uint64_t next_sequence_ = 1;
    HookMark mark_;
    std::uint64_t last_mark_token_ = kFirstMarkToken;
    std::uint64_t written_mark_token_ = kFirstMarkToken;
    std::string store_fault_;
    bool losing_ = false;
    std::mutex watch_mutex_;
    std::map<std::uint64_t, std::function<void()>> watchers_;
    std::uint64_t last_watch_ = 0;
    std::unique_ptr<RecordWriter> writer_;  // last: its thread uses what is above
};

EventLog::EventLog(const std::string& directory, Log& log)
    : implementation_(std::make_unique<Implementation>(directory, log)) {}
EventLog::~EventLog() = default;

EventLog::Batch EventLog::after(std::uint64_t sequence, std::size_t limit) const {
    return implementation_->after(sequence, limit);
}
std::uint64_t EventLog::watch(std::function<void()> watcher) {
    return implementation_->watch(std::move(watcher));
}
void EventLog::unwatch(std::uint64_t watch) {
    implementation_->unwatch(watch);
}
void EventLog::flush() {
    implementation_->flush();
}
HookMark EventLog::hook_mark() const {
    return implementation_->hook_mark();
}
void EventLog::set_hook_mark(const HookMark& mark) {
    implementation_->set_hook_mark(mark);
}
void EventLog::keep_hook_mark(const HookMark& mark) {
    implementation_->keep_hook_mark(mark);
}

}  // namespace ha::runtime
