#include "libha/runtime/address_keeper.hpp"

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "libha/runtime/address_requests.hpp"
#include "libha/runtime/announcement.hpp"
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

/// Sends whole frames and receives none.
class Announcer {
public:
    Announcer() : descriptor_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
    ~Announcer() {
        if (descriptor_ >= 0)
            close(descriptor_);
    }
    Announcer(const Announcer&) = delete;
    Announcer& operator=(const Announcer&) = delete;

    [[nodiscard]] bool permitted() const { return descriptor_ >= 0; }

    void announce(const std::string& interface_name, const InterfaceAddress& address) const {
        ifreq request{};
        interface_name.copy(request.ifr_name, sizeof request.ifr_name - 1);
        MacAddress mac;
        sockaddr_ll to{};
        to.sll_family = AF_PACKET;
        if (ioctl(descriptor_, SIOCGIFINDEX, &request) != 0)
            return;
        to.sll_ifindex = request.ifr_ifindex;
        if (ioctl(descriptor_, SIOCGIFHWADDR, &request) != 0)
            return;
        std::memcpy(mac.octets.data(), request.ifr_hwaddr.sa_data, mac.octets.size());
        // What cannot be sent now is repeated; the link's return starts the repeats anew.
        for (const auto& frame : announcements(address, mac))
            static_cast<void>(sendto(descriptor_, frame.data(), frame.size(), 0,
                                     reinterpret_cast<const sockaddr*>(&to), sizeof to));
    }

private:
    int descriptor_;
};

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
    Implementation(boost::asio::io_context& loop, AddressKeeperOptions options, Reporter report)
        : interface_name_(std::move(options.interface_name)),
          lease_(lease_for(options.loss_interval)),
          report_(std::move(report)),
          watch_(loop),
          renewal_(loop),
          repeat_(loop) {
        for (const InterfaceAddress& address : options.addresses)
            kept_.push_back({.address = address});
    }

    void start() {
        if (kept_.empty())
            return;
        auto opened = requests_.open();
        if (opened)
            opened = events_.open(
                [this](int index, const InterfaceAddress& address) { removed(index, address); });
        if (!opened) {
            fail_all(opened.error());
            return;
        }
        ready_ = true;
        watch_.start(events_.descriptor(), [this] {
            if (events_.receive())
                return;
            for (Kept& kept : kept_)
                kept.own_removals = 0;
            if (holding_)
                take();
        });
        requests_.promote_secondaries(interface_name_);
        if (!announcer_.permitted())
            fail_all(
                "cannot be announced: needs the capability CAP_NET_RAW, which this process does "
                "not have");
        give_up();
    }

    void hold() {
        if (kept_.empty() || !ready_)
            return;
        holding_ = true;
        take();
        announce();
    }

    void announce() {
        if (!holding_)
            return;
        announce_once();
        repeats_done_ = 0;
        first_announced_ = monotonic_now();
        arm_repeat();
    }

    void release() {
        if (kept_.empty() || !ready_)
            return;
        holding_ = false;
        renewal_.cancel();
        repeat_.cancel();
        give_up();
    }

    void link_changed(const LinkState& link) {
        const bool usable = link.present && link.admin_up && link.carrier;
        const bool news = usable && (!link_usable_ || link.mac != mac_ || link.index != index_);
        link_up_ = link.present && link.admin_up;
        link_usable_ = usable;
        mac_ = link.mac;
        index_ = link.index;
        if (!ready_)
            return;
        if (link.present)
            requests_.promote_secondaries(interface_name_);
        if (!holding_)
            return;
        take();
        if (news)
            announce();
    }

    [[nodiscard]] bool is_holding() const { return holding_; }
    [[nodiscard]] bool is_present() const {
        return std::all_of(kept_.begin(), kept_.end(),
                           [](const Kept& kept) { return kept.present; });
    }

private:
    struct Kept {
        InterfaceAddress address;
        bool present = false;
        unsigned own_removals = 0;  ///< by us, and not yet told by the kernel
        std::string failure{};      ///< reported last, empty: none
    };

    /// Adds what is missing and renews the leases of the rest.
    void take() {
        std::string taken;
        for (Kept& kept : kept_) {
            const auto added = requests_.add(interface_name_, kept.address, lease_.seconds);
            if (!added) {
                kept.present = false;
                fail(kept, added.error());
                continue;
            }
            kept.failure.clear();
            if (!std::exchange(kept.present, true))
                taken += (taken.empty() ? "" : ", ") + kept.address.to_string();
        }
        renewed_at_ = monotonic_now();
        renewal_.arm_in(lease_.renewal, [this] { renew(); });
        if (!taken.empty())
            report_({MessageId::address_taken, {taken + " on " + interface_name_}});
    }

    void renew() {
        const bool complete = is_present();
        take();
        // Not because the lease was renewed, but because an address came (back) with it.
        if (!complete && is_present())
            announce();
    }

    void give_up() {
        std::string released;
        for (Kept& kept : kept_) {
            const auto removed = requests_.remove(interface_name_, kept.address);
            kept.present = false;
            if (!removed) {
                fail(kept, removed.error());
                continue;
            }
            if (*removed) {
                ++kept.own_removals;
                released += (released.empty() ? "" : ", ") + kept.address.to_string();
            }
        }
        if (!released.empty())
            report_({MessageId::address_released, {released + " on " + interface_name_}});
    }

    /// The kernel says that an address left an interface.
    void removed(int index, const InterfaceAddress& address) {
        const auto kept = std::find_if(kept_.begin(), kept_.end(),
                                       [&](const Kept& one) { return one.address == address; });
        if (kept == kept_.end() ||
            index != static_cast<int>(if_nametoindex(interface_name_.c_str())))
            return;
        if (kept->own_removals != 0) {
            --kept->own_removals;
            return;
        }
        if (!holding_)
            return;
        const Instant now = monotonic_now();
        if (link_up_ && now >= complain_from_) {
            const bool ran_out = now >= renewed_at_ + std::chrono::seconds{lease_.seconds};
            complain_from_ = now + kComplainAtMostEvery;
            report_({MessageId::address_failed,
                     {address.to_string(),
                      ran_out ? "its lease ran out while this process did not run; it is put back"
                              : "somebody else removed it from " + interface_name_ +
                                    "; it is put back"}});
        }
        kept->present = false;
        const Instant put_back = std::max(now, put_back_at_ + kPutBackAtMostEvery);
        put_back_at_ = put_back;
        renewal_.arm(put_back, [this] { renew(); });
    }

    void announce_once() const {
        for (const Kept& kept : kept_)
            if (kept.present)
                announcer_.announce(interface_name_, kept.address);
    }

    void arm_repeat() {
        if (repeats_done_ == std::size(kRepeats))
            return;
        repeat_.arm(first_announced_ + kRepeats[repeats_done_], [this] {
            announce_once();
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
    AddressRequests requests_;
    AddressEvents events_;
    ReadableWatch watch_;  // after what it watches: it stops before that is closed
    Timer renewal_;
    Timer repeat_;
    Announcer announcer_;
    std::vector<Kept> kept_;
    bool ready_ = false;
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
};

AddressKeeper::AddressKeeper(boost::asio::io_context& loop, AddressKeeperOptions options,
                             Reporter report)
    : implementation_(
          std::make_unique<Implementation>(loop, std::move(options), std::move(report))) {}

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
