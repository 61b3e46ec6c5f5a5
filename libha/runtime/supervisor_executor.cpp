// Frames, links, time in; frames, addresses, storage, lines out. See supervisor_executor.hpp.
#include "libha/runtime/supervisor_executor.hpp"

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "libha/base/stall_detector.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/interface_keeper.hpp"
#include "libha/runtime/journal_recorder.hpp"
#include "libha/runtime/l2_port.hpp"
#include "libha/runtime/link_monitor.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/port_options.hpp"
#include "libha/runtime/rare_lines.hpp"
#include "libha/runtime/record_writer.hpp"

namespace ha::runtime {

using namespace supervisor;  // its inputs and effects are what this file is about

class SupervisorExecutor::Implementation {
public:
    Implementation(MainLoop& loop, SupervisorConfiguration configuration,
                   std::optional<RecordStore> store, Log& log, JournalRecorder* journal,
                   Handlers handlers)
        : loop_(loop),
          configuration_(std::move(configuration)),
          log_(log),
          journal_(journal),
          handlers_(std::move(handlers)),
          timer_(loop.context()),
          links_(loop.context()),
          interfaces_(loop.context(), configuration_,
                      [this](const catalog::Report& report) { log_.report(report); }),
          stalls_(configuration_.timers.heartbeat_interval),
          machine_(configuration_.options, begun_),
          place_{configuration_.directories.state} {
        if (store) {
            writer_.emplace(
                std::move(*store),
                [this](std::uint64_t token, const std::string& error) {
                    loop_.post([this, token, error] { on_stored(token, error); });
                },
                report_mended(log_, place_));
        }
        if (journal_ != nullptr) {
            journal_->begin({VSM_HA_VERSION, configuration_.instance, wall_now(),
                             configuration_.options, begun_});
        }
    }

    void start();
    void step(const Input& input);
    void abandon();
    void change(ChangeRequested request, std::function<void(const std::string&)> done) {
        request.ticket = ++ticket_;
        request.now = monotonic_now();
        changes_.emplace(request.ticket, std::move(done));
        step(request);
    }
    void obey(const InterfaceOrders& orders) {
        orders_ = orders;
        obey_orders();
    }
    void ask_console(ConsoleRequested request, ConsoleDone done) {
        request.ticket = ++ticket_;
        request.now = monotonic_now();
        consoles_.emplace(request.ticket, std::move(done));
        step(request);
    }
    [[nodiscard]] const Supervisor& machine() const { return machine_; }
    [[nodiscard]] Instant wakes_at() const { return armed_; }

private:
    /// State, degraded, peer there, its claim, records can be stored.
    using Gist =
        std::tuple<redundancy::PairState, bool, bool, std::optional<wire::ClaimedState>, bool>;
    struct Port {
        PortSettings settings;
        std::unique_ptr<L2Port> l2;
        runtime::LinkState link;
        bool link_known = false;  ///< the monitor has looked
    };

    void obey_orders();
    void add_port(PortKind kind, const PortSettings& settings);
    void open_unwatched();
    void tell_link(PortKind kind);
    void on_frame(PortKind kind, const L2Frame& frame);
    void on_timer();
    void on_stored(std::uint64_t token, const std::string& error);
    void tell_stall(Instant now);
    void tell_overflow(Instant now);
    bool drain_ports(Instant now);
    void run_machine(const Input& input);
    void rearm();
    void tell_state();
    void write_testament();
    void finish(const Outcome& outcome);

    void carry_out(const SendFrame& effect);
    void carry_out(const Persist& effect);
    void carry_out(const HoldAddress& effect);
    void carry_out(const AnnounceAddress& effect);
    void carry_out(const ReleaseAddress& effect);
    void carry_out(const ChangeCompleted& effect);
    void carry_out(const ConfigurationChanged& effect);
    void carry_out(const Restart& effect);
    void carry_out(const Exit& effect);
    void carry_out(const catalog::Report& effect);
    void carry_out(const ConsoleCompleted& effect);
    void carry_out(const RunConsole& effect);

    MainLoop& loop_;
    SupervisorConfiguration configuration_;
    Log& log_;
    JournalRecorder* journal_;
    Handlers handlers_;
    Timer timer_;
    LinkMonitor links_;
    std::array<Port, kPortCount> ports_;
    InterfaceKeeper interfaces_;
    std::optional<InterfaceOrders> orders_;
    InterfaceOrders obeyed_;
    StallDetector stalls_;
    const Instant begun_ = monotonic_now();
    Supervisor machine_;
    RecordPlace place_;
    bool stepping_ = false;
    bool finished_once_ = false;
    std::deque<Input> waiting_;  ///< inputs that came up while effects were carried out
    Effects effects_;
    Instant armed_ = kNever;
    std::uint64_t testament_number_ = 0;  ///< of the last words that are in it
    bool testament_outdated_ = false;
    std::optional<Instant> overflowing_since_;
    RareLines overflow_lines_;
    RareLines stall_lines_;
    bool hide_stall_ = false;  ///< the machine's line about it is one too many
    std::string store_fault_;
    std::optional<Gist> told_;
    std::uint64_t ticket_ = 0;
    std::map<std::uint64_t, std::function<void(const std::string&)>> changes_;
    std::map<std::uint64_t, ConsoleDone> consoles_;
    std::optional<RecordWriter> writer_;  // last: its thread posts to what is above
};

void SupervisorExecutor::Implementation::start() {
    interfaces_.start();
    add_port(PortKind::control, configuration_.control);
    if (configuration_.mgmt) {
        add_port(PortKind::mgmt, *configuration_.mgmt);
    }
    const auto watching = links_.start();
    if (!watching) {
        log_.line(3, "links are not watched: " + watching.error());
        open_unwatched();
    }
    step(Tick{monotonic_now(), wall_now()});
}

/// A port is set up at once, but shut down only when no change is on its way any more: the standby
/// has to hear of `shutdown` while it can.
void SupervisorExecutor::Implementation::obey_orders() {
    if (!orders_) {
        return;
    }
    InterfaceOrders orders = *orders_;
    for (std::size_t port = 0; port < orders.size() && !changes_.empty(); ++port) {
        orders[port].is_shut_down = orders[port].is_shut_down && obeyed_[port].is_shut_down;
    }
    obeyed_ = orders;
    interfaces_.obey(orders);
    testament_outdated_ = true;
}

/// Without news about links, a port that opens counts as a link that is up.
void SupervisorExecutor::Implementation::open_unwatched() {
    for (const PortKind kind : kPortKinds) {
        Port& port = ports_[index_of(kind)];
        if (port.l2) {
            const bool open = port.l2->is_open();
            port.link = {open, open, open, 0, port.l2->mac(), port.settings.name, {}};
            port.link_known = true;
            tell_link(kind);
        }
    }
}

void SupervisorExecutor::Implementation::add_port(PortKind kind, const PortSettings& settings) {
    Port& port = ports_[index_of(kind)];
    port.settings = settings;
    port.link.interface_name = settings.name;
    L2PortHandlers handlers;
    handlers.on_frame = [this, kind](const L2Frame& frame) { on_frame(kind, frame); };
    handlers.on_dropped = [this, kind](wire::DropReason reason, std::uint64_t count) {
        step(FramesDropped{kind, reason, count, monotonic_now()});
    };
    handlers.on_state = [this, kind] { tell_link(kind); };
    port.l2 = std::make_unique<L2Port>(loop_.context(),
                                       supervisor_port(kind, settings, configuration_.ether_type),
                                       std::move(handlers));
    // From now on it opens whenever it can; why it cannot is told with the link's state.
    static_cast<void>(port.l2->open());
    links_.watch(settings.name, [this, kind](const runtime::LinkState& link) {
        Port& changed = ports_[index_of(kind)];
        changed.link = link;
        changed.link_known = true;
        changed.l2->link_changed(link);
        testament_outdated_ = true;
        interfaces_.link_changed(kind, link);
        tell_link(kind);
    });
}

void SupervisorExecutor::Implementation::tell_link(PortKind kind) {
    const Port& port = ports_[index_of(kind)];
    if (!port.link_known) {
        return;
    }
    supervisor::LinkState link;
    link.present = port.link.present;
    link.admin_up = port.link.admin_up;
    link.carrier = port.link.carrier;
    link.mac = port.link.mac;
    link.interface_name = port.settings.name;
    link.reason = port.link.reason;
    if (port.l2 && !port.l2->is_open() && link.reason.empty()) {
        link.reason = port.l2->state_text();
    }
    step(LinkChanged{kind, link, monotonic_now()});
}

void SupervisorExecutor::Implementation::on_frame(PortKind kind, const L2Frame& frame) {
    const Instant now = monotonic_now();
    tell_stall(now);
    step(FrameReceived{kind, frame.source, frame.payload, std::min(frame.received_at, now), now});
}

void SupervisorExecutor::Implementation::tell_stall(Instant now) {
    const Duration late = stalls_.woke(now);
    if (late > Duration::zero()) {
        const bool grave = late >= configuration_.timers.loss_interval;
        hide_stall_ = !stall_lines_.allows(now) && !grave;
        step(Stalled{late, now});
    }
}

/// Frames were lost in the kernel's ring, so silence proves nothing (HB-7); but a flood may not
/// suppress a takeover for good, nor fill the log.
void SupervisorExecutor::Implementation::tell_overflow(Instant now) {
    const Duration lasting = now - *overflowing_since_;
    if (lasting > configuration_.timers.loss_interval) {
        return;
    }
    if (overflow_lines_.allows(now)) {
        log_.line(4, "more frames arrive than can be read: some are lost, silence proves nothing");
    }
    hide_stall_ = true;
    step(Stalled{lasting, now});
}

bool SupervisorExecutor::Implementation::drain_ports(Instant now) {
    bool complete = true;
    for (Port& port : ports_) {
        if (port.l2 && port.l2->is_open()) {
            complete = port.l2->drain() && complete;
        }
    }
    if (complete) {
        overflowing_since_.reset();
    } else if (!overflowing_since_) {
        overflowing_since_ = now;
    }
    return complete;
}

void SupervisorExecutor::Implementation::on_timer() {
    armed_ = kNever;
    const Instant woken = monotonic_now();
    tell_stall(woken);
    // HB-7: what waits in the kernel is read before the machine may declare a loss.
    if (!drain_ports(woken)) {
        tell_overflow(monotonic_now());
    }
    step(Tick{monotonic_now(), wall_now()});
}

void SupervisorExecutor::Implementation::on_stored(std::uint64_t token, const std::string& error) {
    if (!error.empty() && error != store_fault_) {
        log_.report({catalog::MessageId::store_failed, {place_.path(), error}});
    }
    store_fault_ = error;
    step(StoreCompleted{token, error.empty(), monotonic_now()});
}

void SupervisorExecutor::Implementation::run_machine(const Input& input) {
    machine_.step(input, effects_);
    if (journal_ != nullptr) {
        journal_->record(input, effects_);
    }
}

void SupervisorExecutor::Implementation::step(const Input& input) {
    if (stepping_) {
        waiting_.push_back(input);
        return;
    }
    stepping_ = true;
    run_machine(input);
    while (true) {
        // Effects may bring up inputs (a send finds its port closed); those wait in line.
        const Effects current = std::exchange(effects_, {});
        for (const Effect& effect : current) {
            std::visit([this](const auto& alternative) { carry_out(alternative); }, effect);
        }
        if (waiting_.empty()) {
            break;
        }
        const Input next = std::move(waiting_.front());
        waiting_.pop_front();
        run_machine(next);
    }
    stepping_ = false;
    write_testament();
    rearm();
    tell_state();
}

void SupervisorExecutor::Implementation::tell_state() {
    const Brief brief = machine_.brief();
    const Gist now{brief.state, brief.degraded, brief.peer_present, brief.peer_claim,
                   store_fault_.empty()};
    if (now != told_ && handlers_.state_changed) {
        told_ = now;
        handlers_.state_changed();
    }
}

void SupervisorExecutor::Implementation::write_testament() {
    const LastWords& last = machine_.last_words();
    if (!handlers_.testament_changed ||
        (last.number == testament_number_ && !std::exchange(testament_outdated_, false))) {
        return;
    }
    testament_number_ = last.number;
    handlers_.testament_changed(
        {frames_of(last.words, configuration_, {ports_[0].link, ports_[1].link}),
         interfaces_.held()});
}

void SupervisorExecutor::Implementation::rearm() {
    const Instant deadline = finished_once_ ? kNever : machine_.next_deadline();
    stalls_.sleeps_until(deadline);
    if (deadline != armed_) {
        armed_ = deadline;
        timer_.arm(deadline, [this] { on_timer(); });
    }
}

void SupervisorExecutor::Implementation::carry_out(const SendFrame& effect) {
    Port& port = ports_[index_of(effect.port)];
    if (port.l2) {
        // A frame that cannot be sent is a lost frame; the port tells its state by itself.
        static_cast<void>(port.l2->send(effect.destination, effect.payload));
    }
}
void SupervisorExecutor::Implementation::carry_out(const Persist& effect) {
    if (writer_) {
        writer_->submit(effect.token, effect.changes);
    } else {
        loop_.post([this, token = effect.token] {
            on_stored(token, "nothing can be stored in this folder");
        });
    }
}
void SupervisorExecutor::Implementation::carry_out(const HoldAddress& /*effect*/) {
    interfaces_.hold();
}
void SupervisorExecutor::Implementation::carry_out(const AnnounceAddress& /*effect*/) {
    interfaces_.announce();
}
void SupervisorExecutor::Implementation::carry_out(const ReleaseAddress& /*effect*/) {
    interfaces_.release();
}
void SupervisorExecutor::Implementation::carry_out(const ChangeCompleted& effect) {
    const auto waiting = changes_.find(effect.ticket);
    if (waiting != changes_.end()) {
        const auto done = std::move(waiting->second);
        changes_.erase(waiting);
        done(effect.error);
        obey_orders();
    }
}
void SupervisorExecutor::Implementation::carry_out(const ConfigurationChanged& /*effect*/) {
    handlers_.configuration_changed();
}
void SupervisorExecutor::Implementation::carry_out(const Restart& effect) {
    finish({Outcome::Kind::restart, effect.reason});
}
void SupervisorExecutor::Implementation::carry_out(const Exit& /*effect*/) {
    finish({Outcome::Kind::exit, {}});
}
void SupervisorExecutor::Implementation::carry_out(const catalog::Report& effect) {
    if (effect.id == catalog::MessageId::stall_detected && hide_stall_) {
        return;
    }
    log_.report(effect);
}

void SupervisorExecutor::Implementation::carry_out(const ConsoleCompleted& effect) {
    const auto waiting = consoles_.find(effect.ticket);
    if (waiting != consoles_.end()) {
        const auto done = std::move(waiting->second);
        consoles_.erase(waiting);
        done(effect.answer, effect.failure);
    }
}
void SupervisorExecutor::Implementation::carry_out(const RunConsole& effect) {
    if (handlers_.run_console) {
        handlers_.run_console(effect);
    }
}

void SupervisorExecutor::Implementation::finish(const Outcome& outcome) {
    if (!finished_once_) {
        finished_once_ = true;
        for (auto& [ticket, done] : std::exchange(changes_, {})) {
            done("The supervisor ends; the change may be made or not");
        }
        for (auto& [ticket, done] : std::exchange(consoles_, {})) {
            done({}, "The supervisor ends");
        }
        handlers_.finished(outcome);
    }
}

void SupervisorExecutor::Implementation::abandon() {
    if (handlers_.testament_changed) {
        handlers_.testament_changed({});
    }
    interfaces_.release();
    finish({Outcome::Kind::exit, {}});
}

SupervisorExecutor::SupervisorExecutor(MainLoop& loop, SupervisorConfiguration configuration,
                                       std::optional<RecordStore> store, Log& log,
                                       JournalRecorder* journal, Handlers handlers)
    : implementation_(std::make_unique<Implementation>(
          loop, std::move(configuration), std::move(store), log, journal, std::move(handlers))) {}
SupervisorExecutor::~SupervisorExecutor() = default;

void SupervisorExecutor::start() {
    implementation_->start();
}

void SupervisorExecutor::request(Input input) {
    std::visit([](auto& alternative) { alternative.now = monotonic_now(); }, input);
    implementation_->step(input);
}

void SupervisorExecutor::change(supervisor::ChangeRequested request,
                                std::function<void(const std::string& error)> done) {
    implementation_->change(std::move(request), std::move(done));
}

void SupervisorExecutor::obey(const InterfaceOrders& orders) {
    implementation_->obey(orders);
}

void SupervisorExecutor::ask_console(supervisor::ConsoleRequested request, ConsoleDone done) {
    implementation_->ask_console(std::move(request), std::move(done));
}

const records::Database& SupervisorExecutor::records() const {
    return implementation_->machine().records();
}

Instant SupervisorExecutor::wakes_at() const {
    return implementation_->wakes_at();
}
void SupervisorExecutor::abandon() {
    implementation_->abandon();
}
Snapshot SupervisorExecutor::snapshot() const {
    return implementation_->machine().snapshot();
}
Brief SupervisorExecutor::brief() const {
    return implementation_->machine().brief();
}

}  // namespace ha::runtime
