// See service_watchdog.hpp.
#include "libha/runtime/service_watchdog.hpp"

#include <utility>

#include "libha/base/progress_watch.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/control_socket.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/service_notifier.hpp"

namespace ha::runtime {
namespace {

enum Part : std::size_t { machine, control_socket };

/// So often in the interval that is allowed: one that is late is no kill.
constexpr int kChecksAnInterval = 4;
/// So many checks without progress are worth a line.
constexpr unsigned kPatience = 2;

}  // namespace

ServiceWatchdog::ServiceWatchdog(MainLoop& loop, ServiceNotifier& notifier, Log& log,
                                 ControlSocket& socket, Deadline deadline)
    : loop_(loop),
      notifier_(notifier),
      log_(log),
      socket_(socket),
      deadline_(std::move(deadline)),
      period_(ServiceNotifier::watchdog_interval() / kChecksAnInterval),
      watch_(std::make_shared<ProgressWatch>(
          std::vector<std::string>{"the supervision of deadlines", "the control socket"}, kPatience,
          monotonic_now())),
      timer_(loop.context()) {
    if (period_ > Duration::zero()) {
        ask();
    }
}

ServiceWatchdog::~ServiceWatchdog() = default;

void ServiceWatchdog::ask() {
    socket_.post([watch = watch_, &loop = loop_] {
        loop.post([watch] { watch->progressed(Part::control_socket, monotonic_now()); });
    });
    timer_.arm_in(period_, [this] { check(); });
}

void ServiceWatchdog::check() {
    const Instant now = monotonic_now();
    watch_->waits_until(Part::machine, deadline_(), period_, now);
    if (watch_->feeds()) {
        notifier_.feed_watchdog();
    }
    if (const auto stuck = watch_->stuck(now)) {
        const auto age = std::chrono::ceil<std::chrono::milliseconds>(stuck->second);
        log_.line(4, stuck->first + " made no progress for " + std::to_string(age.count()) +
                         " ms: systemd's watchdog is not fed");
    }
    ask();
}

}  // namespace ha::runtime
