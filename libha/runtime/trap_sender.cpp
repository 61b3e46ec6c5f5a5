// See trap_sender.hpp.
#include "libha/runtime/trap_sender.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/event_log.hpp"
#include "libha/runtime/snmp_notification.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kBatch = 100;
/// Of more notifications that wait, the oldest are left out.
constexpr std::size_t kMaximumWaiting = 1000;
constexpr Duration kTryAgainAfter = std::chrono::milliseconds{250};
constexpr Duration kGiveUpAfter = std::chrono::seconds{5};

constexpr std::array kKinds = {
    TrapKind{"role.active", 1, "vsmHaRoleActive", true},
    TrapKind{"role.switchover-completed", 2, "vsmHaSwitchoverCompleted", true},
    TrapKind{"role.restarting", 3, "vsmHaSupervisorRestarting", true},
    TrapKind{"peer.lost", 4, "vsmHaPeerLost", false},
    TrapKind{"peer.ready", 5, "vsmHaPeerReady", false},
    TrapKind{"link.degraded", 6, "vsmHaDegraded", false},
    TrapKind{"link.recovered", 7, "vsmHaRecovered", false},
    TrapKind{"module.online", 8, "vsmHaModuleUp", false},
    TrapKind{"module.offline", 9, "vsmHaModuleDown", false},
};

const TrapKind* kind_of(std::string_view event) {
    const auto found = std::ranges::find(kKinds, event, &TrapKind::event);
    return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace

std::span<const TrapKind> trap_kinds() {
    return kKinds;
}

class TrapSender::Implementation {
public:
    explicit Implementation(EventLog& events)
        : events_(events),
          known_(events.after(std::numeric_limits<std::uint64_t>::max(), 1).newest),
          watch_(events.watch([this] { wake(false); })),
          thread_([this] { run(); }) {}
    ~Implementation() {
        events_.unwatch(watch_);
        events_.flush();
        wake(true);
        thread_.join();
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    void set(const TrapRules& rules) {
        const std::scoped_lock lock(mutex_);
        if (rules_ == rules)
            return;
        std::vector<TrapHostStatus> next;
        for (const TrapHost& host : rules.hosts) {
            TrapHostStatus* const known = status_of(host);
            next.push_back(known == nullptr ? TrapHostStatus{host, 0, 0, {}} : *known);
        }
        status_ = std::move(next);
        rules_ = rules;
    }

    [[nodiscard]] std::vector<TrapHostStatus> status() const {
        const std::scoped_lock lock(mutex_);
        return status_;
    }

private:
    struct Waiting {
        Notification notification;
        std::vector<TrapHost> hosts;  ///< that have not got it
        Instant since;
    };

    /// With the lock held.
    TrapHostStatus* status_of(const TrapHost& host) {
        const auto found = std::ranges::find(status_, host, &TrapHostStatus::host);
        return found == status_.end() ? nullptr : &*found;
    }

    void wake(bool ending) {
        {
            const std::scoped_lock lock(mutex_);
            news_ = true;
            ending_ = ending_ || ending;
        }
        changed_.notify_one();
    }

    void run() {
        while (true) {
            bool ending = false;
            {
                std::unique_lock lock(mutex_);
                const auto woken = [this] { return news_ || ending_; };
                if (waiting_.empty())
                    changed_.wait(lock, woken);
                else
                    changed_.wait_for(lock, kTryAgainAfter, woken);
                news_ = false;
                ending = ending_;
            }
            take_events();
            send_waiting();
            if (ending)
                return;
        }
    }

    void take_events() {
        while (true) {
            const EventLog::Batch batch = events_.after(known_, kBatch);
            for (const events::KeptEvent& event : batch.events) {
                known_ = event.sequence;
                take(event);
            }
            if (batch.events.empty())
                return;
        }
    }

    void take(const events::KeptEvent& kept) {
        const TrapKind* const kind = kind_of(kept.name);
        const TrapRules rules = [this] {
            const std::scoped_lock lock(mutex_);
            return rules_;
        }();
        const bool wanted =
            kind != nullptr && (rules.sends_all || (rules.sends_services && kind->is_service));
        if (!wanted || rules.hosts.empty())
            return;
        auto event = events::from_json(*kept.json);
        if (!event)
            return;
        if (waiting_.size() >= kMaximumWaiting) {
            give_up(waiting_.front(), "too many wait");
            waiting_.pop_front();
        }
        waiting_.push_back({{kind->number, std::move(*event), monotonic_now() - begun_,
                             rules.contact, rules.location},
                            rules.hosts,
                            monotonic_now()});
    }

    void send_waiting() {
        for (Waiting& one : waiting_) {
            std::string fault;
            std::erase_if(one.hosts, [&](const TrapHost& host) {
                fault =
                    send_notification(host.address, host.port, host.community, one.notification);
                if (fault.empty())
                    count(host, &TrapHostStatus::sent, {});
                return fault.empty();
            });
            if (!one.hosts.empty() && monotonic_now() - one.since >= kGiveUpAfter) {
                give_up(one, fault);
                one.hosts.clear();
            }
        }
        std::erase_if(waiting_, [](const Waiting& one) { return one.hosts.empty(); });
    }

    void give_up(const Waiting& one, const std::string& fault) {
        for (const TrapHost& host : one.hosts)
            count(host, &TrapHostStatus::failed, fault);
    }

    void count(const TrapHost& host, std::uint64_t TrapHostStatus::*counter,
               const std::string& fault) {
        const std::scoped_lock lock(mutex_);
        if (TrapHostStatus* const known = status_of(host)) {
            ++(known->*counter);
            known->fault = fault;
        }
    }

    EventLog& events_;
    const Instant begun_ = monotonic_now();
    std::deque<Waiting> waiting_;  // the thread's alone
    std::uint64_t known_ = 0;      // the thread's alone, once it runs
    mutable std::mutex mutex_;     // of what follows
    std::condition_variable changed_;
    TrapRules rules_;
    std::vector<TrapHostStatus> status_;
    bool news_ = false;
    bool ending_ = false;
    std::uint64_t watch_ = 0;
    std::thread thread_;
};

TrapSender::TrapSender(EventLog& events)
    : implementation_(std::make_unique<Implementation>(events)) {}
TrapSender::~TrapSender() = default;

void TrapSender::set(const TrapRules& rules) {
    implementation_->set(rules);
}
std::vector<TrapHostStatus> TrapSender::status() const {
    return implementation_->status();
}

}  // namespace ha::runtime
