#include "libvem/runtime/port_keeper.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <thread>
#include <utility>

#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/link_monitor.hpp"

namespace vem::runtime {

namespace {

/// Membership of a bridge can change without an event that the link monitor tells.
constexpr ha::Duration kLookAgain = std::chrono::seconds{5};

}  // namespace

std::vector<ha::catalog::Report> new_failures(const std::vector<PortStatus>& before,
                                              const std::vector<PortStatus>& after) {
    std::vector<ha::catalog::Report> reports;
    for (const PortStatus& status : after) {
        const bool is_told = std::any_of(before.begin(), before.end(), [&](const auto& known) {
            return known.name == status.name && known.reason == status.reason;
        });
        if (!status.ready && !is_told)
            reports.push_back(
                {ha::catalog::MessageId::module_port_failed, {status.name, status.reason}});
    }
    return reports;
}

class PortKeeper::Implementation {
public:
    Implementation(const PortOptions& options, PortOrders orders, Handler on_change)
        : setup_(options),
          orders_(std::move(orders)),
          on_change_(std::move(on_change)),
          links_(loop_),
          timer_(loop_) {
        const auto look = [this](const ha::runtime::LinkState&) { look_soon(); };
        links_.watch(options.bridge, look);
        for (const std::string& member : options.members)
            links_.watch(member, look);
        thread_ = std::thread{[this] { run(); }};
    }

    ~Implementation() {
        loop_.stop();
        thread_.join();
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    void set_orders(PortOrders orders) {
        boost::asio::post(loop_, [this, orders = std::move(orders)]() mutable {
            orders_ = std::move(orders);
            look();
        });
    }

private:
    void run() {
        look();
        // Without events the look every few seconds remains.
        static_cast<void>(links_.start());
        loop_.run();
    }

    /// Several changes at once need one look only.
    void look_soon() {
        if (!std::exchange(look_due_, true))
            boost::asio::post(loop_, [this] { look(); });
    }

    void look() {
        look_due_ = false;
        auto now = setup_.apply(orders_);
        if (now != last_) {
            const auto reports = new_failures(last_, now);
            last_ = std::move(now);
            on_change_(last_, reports);
        }
        timer_.arm_in(kLookAgain, [this] { look(); });
    }

    boost::asio::io_context loop_;
    PortSetup setup_;
    PortOrders orders_;
    Handler on_change_;
    std::vector<PortStatus> last_;
    bool look_due_ = false;
    ha::runtime::LinkMonitor links_;
    ha::runtime::Timer timer_;
    std::thread thread_;
};

PortKeeper::PortKeeper(const PortOptions& options, PortOrders orders, Handler on_change)
    : implementation_(
          std::make_unique<Implementation>(options, std::move(orders), std::move(on_change))) {}
PortKeeper::~PortKeeper() = default;

void PortKeeper::set_orders(PortOrders orders) {
    implementation_->set_orders(std::move(orders));
}

}  // namespace vem::runtime
