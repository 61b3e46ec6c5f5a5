// Sets interfaces down and up again when the configuration says so (`shutdown`). The kernel takes
// its time over it, so a thread of its own asks. What it has set down is written into the run
// directory, which is as short-lived as the kernel's own state: whoever comes after a crash sets it
// up again.
#pragma once

#include <functional>
#include <string>

#include "libha/catalog/catalog.hpp"
#include "libha/runtime/address_requests.hpp"
#include "libha/runtime/job_queue.hpp"

namespace ha::runtime {

class LinkSwitch {
public:
    /// `report` is called on the thread that asks.
    using Reporter = std::function<void(const catalog::Report&)>;

    LinkSwitch(std::string run_directory, Reporter report);
    /// Returns when all that was asked for has been done, or refused.
    ~LinkSwitch() = default;
    LinkSwitch(const LinkSwitch&) = delete;
    LinkSwitch& operator=(const LinkSwitch&) = delete;

    /// Never waits. `port` is "control0" or "mgmt0".
    void set_down(const std::string& port, const std::string& interface_name);
    /// Sets up what was set down here or in a life before; does nothing to an interface that
    /// somebody else has set down.
    void set_up(const std::string& port);

private:
    void shut(const std::string& port, const std::string& interface_name);
    void open(const std::string& port);
    [[nodiscard]] std::string mark_of(const std::string& port) const { return port + ".shutdown"; }

    const std::string run_directory_;
    const Reporter report_;
    AddressRequests requests_;  // the worker's alone
    bool opened_ = false;       // the worker's alone
    JobQueue queue_;            // last: its thread uses what is above
};

}  // namespace ha::runtime
