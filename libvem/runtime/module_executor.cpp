// Frames, link and time in; frames, the remembered number and lines out. See module_executor.hpp.
#include "libvem/runtime/module_executor.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/l2_port.hpp"
#include "libha/runtime/link_monitor.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libvem/runtime/port_keeper.hpp"

namespace vem::runtime {

using ha::catalog::MessageId;
using ha::catalog::Report;
using ha::runtime::L2Frame;
using ha::runtime::L2Port;
using ha::runtime::monotonic_now;

class ModuleExecutor::Implementation {
public:
    Implementation(ha::runtime::MainLoop& loop, ModuleConfiguration configuration,
                   StoredModule stored, ha::runtime::Log& log, Finished finished,
                   StateChanged state_changed)
        : loop_(loop),
          configuration_(std::move(configuration)),
          stored_(std::move(stored)),
          log_(log),
          finished_(std::move(finished)),
          state_changed_(std::move(state_changed)),
          started_(monotonic_now()),
          timer_(loop.context()),
          links_(loop.context()),
          machine_(configuration_.options, started_),
          place_(module_place(configuration_.directories.state)),
          writer_(place_, [this](std::uint64_t /*token*/, const std::string& error) {
              loop_.post([this, error] { on_stored(error); });
          }) {}

    void start();
    void step(const module::Input& input);
    [[nodiscard]] CommandContext context() const;
    void set_keyring(ha::wire::Keyring keyring);
    [[nodiscard]] ha::Instant wakes_at() const { return armed_; }

private:
    void open_port();
    void keep_ports();
    void tell_ports();
    void tell_link();
    void on_timer();
    bool may_tick(ha::Instant now);
    void on_stored(const std::string& error);
    void rearm();
    void tell_state();

    void carry_out(const module::SendFrame& effect);
    void carry_out(const module::RememberModule& effect);
    void carry_out(const module::RememberDomain& effect);
    void carry_out(const module::OrderPorts& effect);
    void carry_out(const module::Stopped& effect);
    void carry_out(const module::Restart& effect);
    void carry_out(const Report& effect);

    ha::runtime::MainLoop& loop_;
    ModuleConfiguration configuration_;
    StoredModule stored_;
    ha::runtime::Log& log_;
    Finished finished_;
    StateChanged state_changed_;
    ha::Instant started_;
    ha::runtime::Timer timer_;
    ha::runtime::LinkMonitor links_;
    ha::runtime::LinkState link_;
    std::string told_link_;
    bool watched_ = true;  ///< the kernel tells about the link; else the port's word must do
    std::unique_ptr<L2Port> port_;
    std::vector<PortStatus> ports_;
    module::Module machine_;
    bool stepping_ = false;
    bool stopped_ = false;
    std::deque<module::Input> waiting_;  ///< inputs that came up while effects were carried out
    ha::Instant armed_ = ha::kNever;
    std::optional<ha::Instant> overflowing_since_;
    std::string store_fault_;
    std::optional<std::tuple<module::State, ha::Slot, ha::Incarnation>> told_;
    ha::runtime::DocumentPlace place_;
    // Last: their threads post to what is above.
    ha::runtime::DocumentWriter writer_;
    std::optional<PortKeeper> keeper_;
};

void ModuleExecutor::Implementation::start() {
    open_port();
    const auto watching = links_.start();
    if (!watching) {
        log_.line(3, watching.error());
        watched_ = false;
        tell_link();
    }
    keep_ports();
    step(module::Tick{monotonic_now()});
}

void ModuleExecutor::Implementation::open_port() {
    const std::string& name = configuration_.control.name;
    link_.interface_name = name;
    ha::runtime::L2PortOptions options;
    options.interface_name = name;
    options.vlan = configuration_.control.vlan;
    options.ether_type = configuration_.ether_type;
    ha::runtime::L2PortHandlers handlers;
    handlers.on_frame = [this](const L2Frame& frame) {
        const ha::Instant now = monotonic_now();
        step(module::FrameReceived{frame.source, frame.payload, std::min(frame.received_at, now),
                                   now});
    };
    handlers.on_dropped = [](ha::wire::DropReason, std::uint64_t) {};
    handlers.on_state = [this] { tell_link(); };
    port_ = std::make_unique<L2Port>(loop_.context(), std::move(options), std::move(handlers));
    static_cast<void>(port_->open());  // why not is in its state_text(), told by tell_link()
    links_.watch(name, [this](const ha::runtime::LinkState& link) {
        link_ = link;
        port_->link_changed(link);
        tell_link();
    });
}

void ModuleExecutor::Implementation::keep_ports() {
    if (!configuration_.ports)
        return;
    const auto on_change = [this](const std::vector<PortStatus>& ports,
                                  const std::vector<Report>& reports) {
        loop_.post([this, ports, reports] {
            ports_ = ports;
            for (const Report& report : reports)
                log_.report(report);
            tell_ports();
        });
    };
    keeper_.emplace(*configuration_.ports, stored_.orders, on_change);
}

/// The bridge comes first and is no port of the module.
void ModuleExecutor::Implementation::tell_ports() {
    module::PortsChanged changed{{}, monotonic_now()};
    for (std::size_t index = 1; index < ports_.size(); ++index)
        changed.ports.push_back(ports_[index].state);
    step(changed);
}

void ModuleExecutor::Implementation::tell_link() {
    const bool open = port_ && port_->is_open();
    if (!watched_) {
        link_.present = link_.admin_up = link_.carrier = open;
        link_.mac = port_ ? port_->mac() : ha::MacAddress{};
    }
    std::string text = link_.reason;
    if (text.empty() && port_ && !open)
        text = port_->state_text();
    if (text.empty())
        text = "up";
    if (text != told_link_) {
        told_link_ = text;
        log_.report({MessageId::link_changed, {"control", link_.interface_name, text}});
    }
    // A port that cannot be opened carries nothing, whatever the link says.
    step(module::LinkChanged{link_.present, link_.admin_up, link_.carrier && open, link_.mac,
                             monotonic_now()});
}

/// HB-7: what waits in the kernel is read before the machine may declare a loss. When the kernel
/// had to drop frames, silence proves nothing; but a flood may not keep a module from a new
/// supervisor.
bool ModuleExecutor::Implementation::may_tick(ha::Instant now) {
    if (!port_->is_open() || port_->drain()) {
        overflowing_since_.reset();
        return true;
    }
    if (!overflowing_since_)
        overflowing_since_ = now;
    return now - *overflowing_since_ > configuration_.options.headless_after;
}

void ModuleExecutor::Implementation::on_timer() {
    armed_ = ha::kNever;
    const ha::Instant now = monotonic_now();
    if (may_tick(now)) {
        step(module::Tick{monotonic_now()});
        return;
    }
    armed_ = now + configuration_.options.heartbeat_interval;
    timer_.arm(armed_, [this] { on_timer(); });
}

void ModuleExecutor::Implementation::on_stored(const std::string& error) {
    if (!error.empty() && error != store_fault_)
        log_.report({MessageId::store_failed, {place_.path(), error}});
    store_fault_ = error;
}

void ModuleExecutor::Implementation::step(const module::Input& input) {
    if (stepping_) {
        waiting_.push_back(input);
        return;
    }
    stepping_ = true;
    module::Effects effects;
    machine_.step(input, effects);
    while (true) {
        // Effects may bring up inputs (a send finds its port closed); those wait in line.
        for (const module::Effect& effect : std::exchange(effects, {}))
            std::visit([this](const auto& alternative) { carry_out(alternative); }, effect);
        if (waiting_.empty())
            break;
        const module::Input next = std::move(waiting_.front());
        waiting_.pop_front();
        machine_.step(next, effects);
    }
    stepping_ = false;
    rearm();
    tell_state();
}

void ModuleExecutor::Implementation::tell_state() {
    const std::tuple now{machine_.state(), machine_.number(), machine_.supervisor_incarnation()};
    if (now != told_ && state_changed_) {
        told_ = now;
        state_changed_(machine_.snapshot());
    }
}

void ModuleExecutor::Implementation::rearm() {
    const ha::Instant deadline = stopped_ ? ha::kNever : machine_.next_deadline();
    if (deadline != armed_) {
        armed_ = deadline;
        timer_.arm(deadline, [this] { on_timer(); });
    }
}

void ModuleExecutor::Implementation::carry_out(const module::SendFrame& effect) {
    // A frame that cannot be sent is a lost frame; the port tells its state by itself.
    static_cast<void>(port_->send(effect.destination, effect.payload));
}

void ModuleExecutor::Implementation::carry_out(const module::RememberModule& effect) {
    stored_.module = effect.module;
    writer_.submit(1, to_document(stored_));
}

void ModuleExecutor::Implementation::carry_out(const module::RememberDomain& effect) {
    stored_.domain = effect.domain;
    writer_.submit(1, to_document(stored_));
}

void ModuleExecutor::Implementation::carry_out(const module::OrderPorts& effect) {
    stored_.orders = effect.orders;
    writer_.submit(1, to_document(stored_));
    if (keeper_)
        keeper_->set_orders(effect.orders);
}

void ModuleExecutor::Implementation::carry_out(const module::Stopped& /*effect*/) {
    if (!std::exchange(stopped_, true))
        finished_({});
}

void ModuleExecutor::Implementation::carry_out(const module::Restart& effect) {
    if (!std::exchange(stopped_, true))
        finished_(effect.reason);
}

void ModuleExecutor::Implementation::carry_out(const Report& effect) {
    log_.report(effect);
}

void ModuleExecutor::Implementation::set_keyring(ha::wire::Keyring keyring) {
    configuration_.options.keyring = keyring;
    step(module::KeyringChanged{std::move(keyring), monotonic_now()});
}

CommandContext ModuleExecutor::Implementation::context() const {
    CommandContext context;
    context.snapshot = machine_.snapshot();
    context.now = monotonic_now();
    context.started = started_;
    context.version = VSM_HA_VERSION;
    context.control_vlan = configuration_.control.vlan.value_or(0);
    context.control_link = told_link_;
    context.control_interface = configuration_.control.name;
    context.incarnation = configuration_.options.incarnation;
    context.processors = std::thread::hardware_concurrency();
    context.authenticated = !configuration_.options.keyring.empty();
    context.ports = ports_;
    // What the port itself refused never reached the machine that counts the rest.
    const auto counters = port_ ? port_->counters() : ha::runtime::L2PortCounters{};
    if (counters.vlan_mismatches > 0)
        context.snapshot.drops[ha::wire::DropReason::vlan_mismatch] += counters.vlan_mismatches;
    if (counters.truncated > 0)
        context.snapshot.drops[ha::wire::DropReason::truncated] += counters.truncated;
    return context;
}

ModuleExecutor::ModuleExecutor(ha::runtime::MainLoop& loop, ModuleConfiguration configuration,
                               StoredModule stored, ha::runtime::Log& log, Finished finished,
                               StateChanged state_changed)
    : implementation_(std::make_unique<Implementation>(loop, std::move(configuration),
                                                       std::move(stored), log, std::move(finished),
                                                       std::move(state_changed))) {}
ModuleExecutor::~ModuleExecutor() = default;

void ModuleExecutor::start() {
    implementation_->start();
}
void ModuleExecutor::stop() {
    implementation_->step(module::StopRequested{monotonic_now()});
}
void ModuleExecutor::set_keyring(ha::wire::Keyring keyring) {
    implementation_->set_keyring(std::move(keyring));
}
CommandContext ModuleExecutor::context() const {
    return implementation_->context();
}
ha::Instant ModuleExecutor::wakes_at() const {
    return implementation_->wakes_at();
}

}  // namespace vem::runtime
