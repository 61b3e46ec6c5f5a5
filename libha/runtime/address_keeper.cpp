#include "libha/runtime/address_keeper.hpp"

#include <net/if.h>

#include <algorithm>
#include <utility>

#include "libha/runtime/address_requests.hpp"
#include "libha/runtime/address_worker.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/link_monitor.hpp"

namespace ha::runtime {

namespace {

using namespace std::chrono_literals;
using catalog::MessageId;

constexpr std::uint32_t kShortestLease = 3;
/// When an announcement is repeated, counted from the first.
constexpr Duration kRepeats[] = {100ms, 1s, 2s, 3s, 4s};
/// Two programs that want the opposite must not keep both processors busy with it.
constexpr Duration kPutBackAtMostEvery = 100ms;
constexpr Duration kComplainAtMostEvery = 10s;
/// The kernel ends leases up to so much early.
constexpr Duration kLeaseTolerance = 500ms;

AddressWorker::Options worker_options(const AddressKeeperOptions& options) {
    return {options.interface_name, options.addresses, lease_for(options.loss_interval).seconds,
            options.scheduling};
}

}  // namespace

AddressLease lease_for(Duration loss_interval) {
    const Duration renewal = std::clamp<Duration>(loss_interval / 3, 1s, 5s);
    const auto seconds =
        std::chrono::ceil<std::chrono::seconds>(loss_interval + renewal + 1s).count();
    return {.seconds = std::max(kShortestLease, static_cast<std::uint32_t>(seconds)),
            .renewal = renewal};
}

class AddressKeeper::Implementation {
public:
    Implementation(boost::asio::io_context& loop, const AddressKeeperOptions& options,
                   Reporter report)
        : interface_name_(options.interface_name),
          lease_(lease_for(options.loss_interval)),
          report_(std::move(report)),
          watch_(loop),
          renewal_(loop),
          repeat_(loop),
          results_ready_(loop, [this] { take_results(); }),
          worker_(worker_options(options), [this] { results_ready_.raise(); }) {
        for (const InterfaceAddress& address : options.addresses)
            kept_.push_back({.address = address});
    }
    ~Implementation() {
        worker_.finish();
        take_results();
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    void start() {
        if (!worker_.trouble().empty())
            fail_all(worker_.trouble());
        const auto opened = events_.open(
            [this](int index, const InterfaceAddress& address) { removed(index, address); });
        if (opened)
            watch_.start(events_.descriptor(), [this] { receive_events(); });
        else
            fail_all(opened.error());
        started_ = true;
        worker_.submit(Job::promote);
        submit_give_up();
    }

    void hold() {
        if (!started_)
            return;
        holding_ = true;
        worker_.submit(Job::take_and_announce);
        start_repeats();
    }

    void announce() {
        if (!holding_)
            return;
        worker_.submit(Job::announce);
        start_repeats();
    }

    void release() {
        if (!started_)
            return;
        holding_ = false;
        renewal_.cancel();
        repeat_.cancel();
        submit_give_up();
    }

    void set_addresses(const std::vector<InterfaceAddress>& addresses) {
        std::vector<Kept> next;
        for (const InterfaceAddress& address : addresses) {
            const Kept* const known = find(address);
            next.push_back(known != nullptr ? *known : Kept{.address = address});
        }
        const bool same = std::ranges::equal(next, kept_, {}, &Kept::address, &Kept::address);
        kept_ = std::move(next);
        if (same)
            return;
        worker_.replace(addresses);
        if (!holding_)
            return submit_give_up();
        worker_.submit(Job::take_and_announce);
        start_repeats();
    }

    void link_changed(const LinkState& link) {
        const bool usable = link.present && link.admin_up && link.carrier;
        const bool news = usable && (!link_usable_ || link.mac != mac_ || link.index != index_);
        const bool another = link.present && link.index != index_;
        link_up_ = link.present && link.admin_up;
        link_usable_ = usable;
        mac_ = link.mac;
        index_ = link.index;
        if (!started_)
            return;
        if (another)
            worker_.submit(Job::promote);
        if (!holding_)
            return;
        worker_.submit(news ? Job::take_and_announce : Job::take);
        if (news)
            start_repeats();
    }

    [[nodiscard]] bool is_holding() const { return holding_; }
    [[nodiscard]] bool is_present() const {
        return std::all_of(kept_.begin(), kept_.end(),
                           [](const Kept& kept) { return kept.present; });
    }

private:
    using Job = AddressWorker::Job;

    struct Kept {
        InterfaceAddress address;
        bool present = false;
        unsigned own_removals = 0;  ///< ordered by us, and not yet told by the kernel
        std::string failure{};      ///< reported last, empty: none
        std::string lost{};         ///< how it left unordered, until it is put back
    };

    Kept* find(const InterfaceAddress& address) {
        const auto found = std::ranges::find(kept_, address, &Kept::address);
        return found == kept_.end() ? nullptr : &*found;
    }

    void submit_give_up() {
        for (Kept& kept : kept_)
            ++kept.own_removals;
        worker_.submit(Job::give_up);
    }

    void renew() {
        // An address that comes back with the renewal is news to the network.
        worker_.submit(is_present() ? Job::take : Job::take_and_announce);
    }

    void take_results() {
        for (const AddressWorker::Result& result : worker_.take_results()) {
            if (result.job == Job::give_up)
                gave_up(result);
            else
                took(result);
        }
    }

    void took(const AddressWorker::Result& result) {
        std::string taken;
        for (const AddressWorker::Outcome& outcome : result.outcomes) {
            Kept* const kept = find(outcome.address);
            if (kept == nullptr)
                continue;  // it has been given up meanwhile
            const bool was_present = std::exchange(kept->present, outcome.done);
            if (!outcome.done) {
                kept->lost.clear();
                fail(*kept, outcome.failure);
                continue;
            }
            kept->failure.clear();
            complain_of_loss(*kept);
            if (!was_present)
                taken += (taken.empty() ? "" : ", ") + kept->address.to_string();
        }
        renewed_at_ = monotonic_now();
        if (!taken.empty())
            report_({MessageId::address_taken, {taken + " on " + interface_name_}});
        if (!holding_)
            return;
        renewal_.arm_in(lease_.renewal, [this] { renew(); });
        if (!taken.empty())
            start_repeats();
    }

    void gave_up(const AddressWorker::Result& result) {
        std::string released;
        for (const AddressWorker::Outcome& outcome : result.outcomes) {
            Kept other{.address = outcome.address};  // one that is no longer ours
            Kept* const known = find(outcome.address);
            Kept& kept = known != nullptr ? *known : other;
            kept.present = false;
            if (outcome.done)
                released += (released.empty() ? "" : ", ") + kept.address.to_string();
            else if (kept.own_removals != 0)
                --kept.own_removals;  // nothing was there, so the kernel will not tell
            if (!outcome.failure.empty())
                fail(kept, outcome.failure);
        }
        if (!released.empty())
            report_({MessageId::address_released, {released + " on " + interface_name_}});
    }

    void receive_events() {
        if (events_.receive())
            return;
        // Some were lost: any address may be gone.
        for (Kept& kept : kept_)
            kept.own_removals = 0;
        if (holding_)
            worker_.submit(Job::take_and_announce);
    }

    /// The kernel says that an address left an interface.
    void removed(int index, const InterfaceAddress& address) {
        Kept* const kept = find(address);
        if (kept == nullptr || index != static_cast<int>(if_nametoindex(interface_name_.c_str())))
            return;
        if (kept->own_removals != 0) {
            --kept->own_removals;
            return;
        }
        if (!holding_)
            return;
        // Whether the interface went with it shows when it is put back, or not.
        kept->lost =
            monotonic_now() + kLeaseTolerance >= renewed_at_ + std::chrono::seconds{lease_.seconds}
                ? "its lease ran out while this process did not run; it is put back"
                : "somebody else removed it from " + interface_name_ + "; it is put back";
        kept->present = false;
        put_back_at_ = std::max(monotonic_now(), put_back_at_ + kPutBackAtMostEvery);
        renewal_.arm(put_back_at_, [this] { renew(); });
    }

    void complain_of_loss(Kept& kept) {
        const std::string lost = std::exchange(kept.lost, {});
        const Instant now = monotonic_now();
        if (lost.empty() || !link_up_ || now < complain_from_)
            return;
        complain_from_ = now + kComplainAtMostEvery;
        report_({MessageId::address_failed, {kept.address.to_string(), lost}});
    }

    void start_repeats() {
        repeats_done_ = 0;
        first_announced_ = monotonic_now();
        arm_repeat();
    }

    void arm_repeat() {
        if (repeats_done_ == std::size(kRepeats))
            return;
        repeat_.arm(first_announced_ + kRepeats[repeats_done_], [this] {
            worker_.submit(Job::announce);
            ++repeats_done_;
            arm_repeat();
        });
    }

    /// Reports each cause once; the next success makes it news again.
    void fail(Kept& kept, const std::string& reason) {
        if (std::exchange(kept.failure, reason) != reason)
            report_({MessageId::address_failed, {kept.address.to_string(), reason}});
    }
    void fail_all(const std::string& reason) {
        for (Kept& kept : kept_)
            fail(kept, reason);
    }

    std::string interface_name_;
    AddressLease lease_;
    Reporter report_;
    AddressEvents events_;
    ReadableWatch watch_;  // after what it watches: it stops before that is closed
    Timer renewal_;
    Timer repeat_;
    std::vector<Kept> kept_;
    bool started_ = false;
    bool holding_ = false;
    bool link_up_ = true;
    bool link_usable_ = true;
    MacAddress mac_;
    int index_ = 0;
    Instant renewed_at_{};
    Instant complain_from_{};
    Instant put_back_at_{};
    Instant first_announced_{};
    std::size_t repeats_done_ = 0;
    LoopSignal results_ready_;
    AddressWorker worker_;  // last: its thread signals what is above
};

AddressKeeper::AddressKeeper(boost::asio::io_context& loop, const AddressKeeperOptions& options,
                             Reporter report)
    : implementation_(std::make_unique<Implementation>(loop, options, std::move(report))) {}

AddressKeeper::~AddressKeeper() = default;

void AddressKeeper::start() {
    implementation_->start();
}
void AddressKeeper::hold() {
    implementation_->hold();
}
void AddressKeeper::announce() {
    implementation_->announce();
}
void AddressKeeper::set_addresses(const std::vector<InterfaceAddress>& addresses) {
    implementation_->set_addresses(addresses);
}
void AddressKeeper::release() {
    implementation_->release();
}
void AddressKeeper::link_changed(const LinkState& link) {
    implementation_->link_changed(link);
}
bool AddressKeeper::is_holding() const {
    return implementation_->is_holding();
}
bool AddressKeeper::is_present() const {
    return implementation_->is_present();
}

}  // namespace ha::runtime
