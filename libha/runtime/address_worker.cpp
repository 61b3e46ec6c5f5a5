#include "libha/runtime/address_worker.hpp"

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "libha/runtime/announcement.hpp"

namespace ha::runtime {

/// Sends whole frames and receives none.
class AddressWorker::Announcer {
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

AddressWorker::AddressWorker(Options options, std::function<void()> on_result)
    : options_(std::move(options)),
      on_result_(std::move(on_result)),
      announcer_(std::make_unique<Announcer>()),
      addresses_(options_.addresses),
      present_(addresses_.size()) {
    if (auto opened = requests_.open(); !opened)
        trouble_ = opened.error();
    else if (!announcer_->permitted())
        trouble_ =
            "cannot be announced: needs the capability CAP_NET_RAW, which this process does not "
            "have";
    thread_ = std::thread{[this] { run(); }};
}

AddressWorker::~AddressWorker() {
    finish();
}

void AddressWorker::submit(Job job, std::vector<InterfaceAddress> addresses) {
    {
        const std::lock_guard lock{mutex_};
        orders_.push_back({job, std::move(addresses)});
    }
    changed_.notify_one();
}

void AddressWorker::finish() {
    if (!thread_.joinable())
        return;
    {
        const std::lock_guard lock{mutex_};
        finishing_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

std::vector<AddressWorker::Result> AddressWorker::take_results() {
    const std::lock_guard lock{mutex_};
    return std::exchange(results_, {});
}

void AddressWorker::run() {
    // A takeover is over when the address is there; what is refused has been told by the loop.
    static_cast<void>(apply_scheduling(options_.scheduling));
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [this] { return finishing_ || !orders_.empty(); });
        if (orders_.empty())
            return;
        const Order order = std::move(orders_.front());
        orders_.pop_front();
        lock.unlock();
        carry_out(order);
        lock.lock();
    }
}

void AddressWorker::carry_out(const Order& order) {
    switch (order.job) {
        case Job::take:
            tell(take());
            break;
        case Job::take_and_announce: {
            Result result = take();
            announce();
            tell(std::move(result));
            break;
        }
        case Job::announce:
            announce();
            break;
        case Job::give_up:
            tell(give_up({}));
            break;
        case Job::promote:
            requests_.promote_secondaries(options_.interface_name);
            break;
        case Job::replace:
            tell(give_up(order.addresses));
            addresses_ = order.addresses;
            present_.assign(addresses_.size(), false);
            break;
    }
}

AddressWorker::Result AddressWorker::take() {
    Result result{Job::take, {}};
    for (std::size_t at = 0; at < addresses_.size(); ++at) {
        const auto added =
            requests_.add(options_.interface_name, addresses_[at], options_.lease_seconds);
        present_[at] = added.has_value();
        result.outcomes.push_back({addresses_[at], added.has_value(), added ? "" : added.error()});
    }
    return result;
}

AddressWorker::Result AddressWorker::give_up(const std::vector<InterfaceAddress>& kept) {
    Result result{Job::give_up, {}};
    for (std::size_t at = 0; at < addresses_.size(); ++at) {
        if (std::ranges::find(kept, addresses_[at]) != kept.end())
            continue;
        const auto removed = requests_.remove(options_.interface_name, addresses_[at]);
        present_[at] = false;
        result.outcomes.push_back(
            {addresses_[at], removed.value_or(false), removed ? "" : removed.error()});
    }
    return result;
}

void AddressWorker::announce() const {
    for (std::size_t at = 0; at < addresses_.size(); ++at)
        if (present_[at])
            announcer_->announce(options_.interface_name, addresses_[at]);
}

void AddressWorker::tell(Result result) {
    {
        const std::lock_guard lock{mutex_};
        results_.push_back(std::move(result));
    }
    on_result_();
}

}  // namespace ha::runtime
