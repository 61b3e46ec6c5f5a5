// The thread that asks the kernel to add, remove and announce addresses. The kernel does this under
// one lock for all of its network configuration, and whoever makes or removes interfaces anywhere
// on the host can hold that for hundreds of milliseconds: no time for the thread that answers
// heartbeats to wait. Jobs are done in order, each wholly. It decides nothing.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "libha/runtime/address_requests.hpp"
#include "libha/runtime/interface_address.hpp"
#include "libha/runtime/scheduling.hpp"

namespace ha::runtime {

class AddressWorker {
public:
    enum class Job : std::uint8_t {
        take,               ///< add what is missing, renew the leases of the rest
        take_and_announce,  ///< and say so
        announce,
        give_up,
        promote,  ///< let other addresses of the interface outlive ours
        replace,  ///< see replace()
    };
    /// What became of one address.
    struct Outcome {
        InterfaceAddress address;
        bool done = false;      ///< it is there now, or it was there and is gone
        std::string failure{};  ///< empty: none
    };
    /// The outcomes of a take, take_and_announce or give_up, those of a replace as a give_up.
    struct Result {
        Job job = Job::take;
        std::vector<Outcome> outcomes;
    };

    struct Options {
        std::string interface_name;
        std::vector<InterfaceAddress> addresses;
        std::uint32_t lease_seconds = 0;
        SchedulingSettings scheduling;
    };
    /// `on_result` is called on the worker's thread when take_results() has something.
    AddressWorker(Options options, std::function<void()> on_result);
    /// Does the jobs that are left.
    ~AddressWorker();
    AddressWorker(const AddressWorker&) = delete;
    AddressWorker& operator=(const AddressWorker&) = delete;

    /// Why it cannot work at all, or cannot announce; to be asked before the first job.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }
    void submit(Job job) { submit(job, {}); }
    /// Gives up those that are not among `addresses`; later jobs are about these.
    void replace(std::vector<InterfaceAddress> addresses) {
        submit(Job::replace, std::move(addresses));
    }
    /// Waits until all jobs are done. Nothing may be submitted afterwards.
    void finish();
    [[nodiscard]] std::vector<Result> take_results();

private:
    class Announcer;
    struct Order {
        Job job = Job::take;
        std::vector<InterfaceAddress> addresses;  ///< of a replace
    };

    void submit(Job job, std::vector<InterfaceAddress> addresses);
    void run();
    void carry_out(const Order& order);
    [[nodiscard]] Result take();
    /// Of all but `kept`.
    [[nodiscard]] Result give_up(const std::vector<InterfaceAddress>& kept);
    void announce() const;
    void tell(Result result);

    const Options options_;
    const std::function<void()> on_result_;
    std::string trouble_;
    AddressRequests requests_;                 // the worker's alone
    std::unique_ptr<Announcer> announcer_;     // the worker's alone
    std::vector<InterfaceAddress> addresses_;  // the worker's alone
    std::vector<bool> present_;                // the worker's alone
    std::mutex mutex_;                         // of what follows
    std::condition_variable changed_;
    std::deque<Order> orders_;
    std::vector<Result> results_;
    bool finishing_ = false;
    std::thread thread_;
};

}  // namespace ha::runtime
