// See hook_runner.hpp.
#include "libha/runtime/hook_runner.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/event_log.hpp"
#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/hook_process.hpp"
#include "libha/runtime/log.hpp"

namespace ha::runtime {
namespace {

using catalog::MessageId;

constexpr std::size_t kBatch = 64;

/// What hooks do is an event as well; a hook on it would call itself for ever.
bool is_about_hooks(const std::string& event_name) {
    return event_name.starts_with("service.hook");
}

}  // namespace

class HookRunner::Implementation {
public:
    Implementation(EventLog& events, Log& log, std::vector<HookSettings> hooks)
        : events_(events),
          log_(log),
          hooks_(std::move(hooks)),
          ending_file_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          mark_(events.hook_mark()) {
        watch_ = events_.watch([this] {
            const std::scoped_lock lock(mutex_);
            news_ = true;
            changed_.notify_all();
        });
        thread_ = std::thread([this] { run(); });
    }

    ~Implementation() {
        events_.flush();
        {
            const std::scoped_lock lock(mutex_);
            ending_ = true;
            end_ = monotonic_now() + kHookGrace;
        }
        const std::uint64_t one = 1;
        static_cast<void>(::write(ending_file_.get(), &one, sizeof one) == sizeof one);
        changed_.notify_all();
        thread_.join();
        events_.unwatch(watch_);
        events_.set_hook_mark(mark_);
    }

    void set_hooks(std::vector<HookSettings> hooks) {
        const std::scoped_lock lock(mutex_);
        hooks_ = std::move(hooks);
    }

private:
    void run() {
        tell_interrupted();
        while (true) {
            const bool ending = is_ending();  // before looking: what was recorded is seen then
            const EventLog::Batch batch = events_.after(mark_.sequence - 1, kBatch);
            skip_old(batch);
            for (const events::KeptEvent& event : batch.events)
                if (event.sequence >= mark_.sequence && !is_over())
                    hand_out(event);
            if (batch.events.empty() && ending)
                return;
            if (is_over())
                return;
            if (batch.events.empty())
                wait();
        }
    }

    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return news_ || ending_; });
        news_ = false;
    }

    [[nodiscard]] bool is_ending() const {
        const std::scoped_lock lock(mutex_);
        return ending_;
    }

    [[nodiscard]] bool is_over() const {
        const std::scoped_lock lock(mutex_);
        return ending_ && monotonic_now() >= end_;
    }

    [[nodiscard]] std::vector<HookSettings> hooks_for(const std::string& event_name) const {
        std::vector<HookSettings> chosen;
        if (is_about_hooks(event_name))
            return chosen;
        const std::scoped_lock lock(mutex_);
        std::ranges::copy_if(hooks_, std::back_inserter(chosen),
                             [&](const auto& hook) { return is_for(hook, event_name); });
        return chosen;
    }

    /// A run that was cut short by a crash is not repeated: it may have done its work.
    void tell_interrupted() {
        if (!mark_.running)
            return;
        mark_.running = false;
        const EventLog::Batch batch = events_.after(mark_.sequence - 1, 1);
        log_.report({MessageId::hook_failed,
                     {"number " + std::to_string(mark_.started), std::to_string(mark_.sequence),
                      batch.events.empty() ? "?" : batch.events.front().name,
                      "the program ended while it ran; it is not run again"}});
    }

    /// Passes over what is not kept any more, and what is too far behind.
    void skip_old(const EventLog::Batch& batch) {
        std::uint64_t first = std::max(mark_.sequence, batch.oldest);
        if (batch.newest >= first + kMaximumWaitingEvents)
            first = batch.newest - kMaximumWaitingEvents + 1;
        if (first == mark_.sequence)
            return;
        const bool anybody = [this] {
            const std::scoped_lock lock(mutex_);
            return !hooks_.empty();
        }();
        if (anybody)
            log_.report({MessageId::hooks_skipped,
                         {std::to_string(mark_.sequence), std::to_string(first - 1),
                          "more than " + std::to_string(kMaximumWaitingEvents) + " wait"}});
        mark_ = {first, 0, false};
    }

    void hand_out(const events::KeptEvent& event) {
        const std::vector<HookSettings> chosen = hooks_for(event.name);
        if (event.sequence != mark_.sequence)
            mark_ = {event.sequence, 0, false};
        for (std::uint32_t index = mark_.started; index < chosen.size() && !is_over(); ++index) {
            mark_ = {event.sequence, index + 1, true};
            events_.keep_hook_mark(mark_);
            run_one(chosen[index], event);
            mark_.running = false;
        }
        if (mark_.started < chosen.size())
            return;  // the program ends: the others have their turn when it is back
        mark_ = {event.sequence + 1, 0, false};
        events_.set_hook_mark(mark_);
    }

    void run_one(const HookSettings& hook, const events::KeptEvent& event) {
        const std::string number = std::to_string(event.sequence);
        const std::string& program = hook.run.front();
        HookRun run;
        run.command = hook.run;
        run.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                           "VSM_HA_EVENT=" + event.name, "VSM_HA_SEQUENCE=" + number};
        run.input = *event.json + "\n";
        run.limit = std::chrono::seconds(hook.limit_seconds);
        run.hurry = ending_file_.get();
        run.hurry_limit = kHookGrace;
        const std::string error = run_hook_process(run, [&](const std::string& line) {
            log_.line(6, "hook " + program + " for event " + number + ": " + line);
        });
        if (error.empty())
            log_.line(6,
                      "hook " + program + " for event " + number + " (" + event.name + ") has run");
        else
            log_.report({MessageId::hook_failed, {program, number, event.name, error}});
    }

    EventLog& events_;
    Log& log_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<HookSettings> hooks_;
    bool news_ = false;
    bool ending_ = false;
    Instant end_{};
    FileDescriptor ending_file_;
    HookMark mark_;  ///< of the thread alone, once it runs
    std::uint64_t watch_ = 0;
    std::thread thread_;
};

HookRunner::HookRunner(EventLog& events, Log& log, std::vector<HookSettings> hooks)
    : implementation_(std::make_unique<Implementation>(events, log, std::move(hooks))) {}
HookRunner::~HookRunner() = default;

void HookRunner::set_hooks(std::vector<HookSettings> hooks) {
    implementation_->set_hooks(std::move(hooks));
}

}  // namespace ha::runtime
