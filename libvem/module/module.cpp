// The module's own life: time, link, start and stop, and what it says. What supervisors say to it
// is judged in supervisors.cpp.
#include "libvem/module/module.hpp"

#include <algorithm>
#include <utility>

namespace vem::module {

namespace catalog = ha::catalog;
namespace wire = ha::wire;

std::string_view to_string(State state) {
    switch (state) {
        case State::searching:
            return "searching";
        case State::attached:
            return "attached";
        case State::headless:
            return "headless";
        case State::stopped:
            return "stopped";
    }
    return "?";
}

bool Module::Budget::take(Instant now, Duration interval, unsigned limit) {
    if (used == 0 || now - window >= interval) {
        window = now;
        used = 0;
    }
    if (used >= limit) {
        return false;
    }
    ++used;
    return true;
}

Module::Module(Options options, Instant now)
    : options_(std::move(options)),
      receiver_(options_.domain, options_.keyring),
      reason_("no supervisor yet"),
      since_(now),
      module_(options_.remembered_module),
      last_heard_(now),
      next_hello_(now),
      orders_(options_.remembered_orders) {
    // A zero interval would make every deadline due at once.
    options_.heartbeat_interval = std::max<Duration>(options_.heartbeat_interval, Duration{1});
    options_.headless_after = std::max(options_.headless_after, options_.heartbeat_interval);
}

void Module::step(const Input& input, Effects& effects) {
    if (state_ == State::stopped) {
        return;
    }
    std::visit([&](const auto& event) { on(event, effects); }, input);
}

void Module::on(const Tick& input, Effects& effects) {
    const Instant now = input.now;
    if (state_ == State::attached) {
        if (now - last_heard_ >= headless_after()) {
            go_headless(now, effects);
        } else if (joining_ && now >= joining_->give_up) {
            give_up_joining(now, effects);
        } else if (joining_ && now >= joining_->next_hello) {
            joining_->next_hello = now + options_.heartbeat_interval;
            say_hello(joining_->target.mac, effects);
        }
    } else if (seeks() && can_send() && now >= next_hello_) {
        next_hello_ = now + options_.heartbeat_interval;
        say_hello(ha::kBroadcastMac, effects);
    }
}

void Module::on(const LinkChanged& input, Effects& effects) {
    const bool could_send = can_send();
    link_ = input;
    // The state is not the link's to change: silence decides, and forwarding goes on (VEM-6).
    if (seeks() && can_send() && !could_send) {
        next_hello_ = input.now + options_.heartbeat_interval;
        say_hello(ha::kBroadcastMac, effects);
    }
}

void Module::on(const StopRequested& input, Effects& effects) {
    const wire::DetachReason why = wire::DetachReason::stopping;
    if (state_ != State::searching) {
        send(supervisor_.mac, wire::ModuleDetach{supervisor_.incarnation, options_.host, why},
             effects);
    }
    if (joining_ && joining_->target != supervisor_) {
        send(joining_->target.mac,
             wire::ModuleDetach{joining_->target.incarnation, options_.host, why}, effects);
    }
    joining_.reset();
    enter(State::stopped, "stop", "asked to stop", input.now, effects);
    effects.emplace_back(Stopped{});
}

void Module::on(const KeyringChanged& input, Effects&) {
    options_.keyring = input.keyring;
    receiver_.set_keyring(input.keyring);
}

void Module::give_up_joining(Instant now, Effects& effects) {
    const Joining tried = *joining_;
    const std::string reason =
        "supervisor " + std::to_string(ha::number(tried.target.slot)) + " did not accept";
    joining_.reset();
    if (last_heard_ >= tried.began || tried.target == supervisor_) {
        reason_ =
            reason + "; staying with supervisor " + std::to_string(ha::number(supervisor_.slot));
        return;
    }
    search("no-accept", reason, now, effects);
}

void Module::search(const std::string& event, const std::string& reason, Instant now,
                    Effects& effects) {
    joining_.reset();
    enter(State::searching, event, reason, now, effects);
    next_hello_ = now + options_.heartbeat_interval;
    say_hello(ha::kBroadcastMac, effects);
}

void Module::go_headless(Instant now, Effects& effects) {
    ++headless_times_;
    const auto silence =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - last_heard_).count();
    const std::string reason = "no heartbeat from supervisor " +
                               std::to_string(ha::number(supervisor_.slot)) + " for " +
                               std::to_string(silence) + " ms";
    joining_.reset();
    effects.emplace_back(catalog::Report{catalog::MessageId::module_headless, {reason}});
    enter(State::headless, "silence", reason, now, effects);
    next_hello_ = now + options_.heartbeat_interval;
    say_hello(ha::kBroadcastMac, effects);
}

void Module::enter(State state, const std::string& event, const std::string& reason, Instant now,
                   Effects& effects) {
    reason_ = reason;
    if (state == state_) {
        return;
    }
    effects.emplace_back(catalog::Report{
        catalog::MessageId::module_state_changed,
        {std::string{to_string(state_)}, std::string{to_string(state)}, event, reason}});
    state_ = state;
    since_ = now;
}

void Module::say_hello(const ha::MacAddress& destination, Effects& effects) {
    send(destination,
         wire::ModuleHello{options_.host, options_.host_name, module_, state_ == State::headless},
         effects);
}

Duration Module::pace() const {
    return std::max(options_.heartbeat_interval, supervisor_interval_);
}

/// A supervisor configured slower than this module must not make it headless between two beats.
Duration Module::headless_after() const {
    return std::max(options_.headless_after, 3 * pace());
}

/// Without a usable link a frame would be lost without a word, so none is made.
void Module::send(const ha::MacAddress& destination, wire::Message message, Effects& effects) {
    if (!can_send()) {
        return;
    }
    wire::Frame frame;
    frame.domain = options_.domain;
    frame.slot = state_ == State::attached ? module_ : ha::kNoSlot;
    frame.port = ha::PortKind::control;
    frame.incarnation = options_.incarnation;
    frame.sequence = ++sequence_;
    frame.message = std::move(message);
    auto payload = wire::encode(frame);
    wire::seal(payload, link_.mac, options_.keyring);
    ++frames_sent_;
    effects.emplace_back(SendFrame{destination, std::move(payload)});
}

void Module::drop(wire::DropReason reason) {
    ++drops_[reason];
}

Instant Module::next_deadline() const {
    switch (state_) {
        case State::searching:
        case State::headless:
            return can_send() ? next_hello_ : ha::kNever;
        case State::attached:
            return std::min(
                last_heard_ + headless_after(),
                joining_ ? std::min(joining_->next_hello, joining_->give_up) : ha::kNever);
        case State::stopped:
            break;
    }
    return ha::kNever;
}

Snapshot Module::snapshot() const {
    Snapshot snapshot;
    snapshot.state = state_;
    snapshot.reason = reason_;
    snapshot.since = since_;
    snapshot.module = module_;
    snapshot.supervisor = supervisor_.slot;
    snapshot.supervisor_mac = supervisor_.mac;
    snapshot.supervisor_incarnation = supervisor_.incarnation;
    snapshot.other_supervisor_mac = other_supervisor_mac_;
    snapshot.last_heard = last_heard_;
    snapshot.attached_since = attached_since_;
    snapshot.domain = options_.domain;
    snapshot.host = options_.host;
    snapshot.host_name = options_.host_name;
    snapshot.link = link_;
    snapshot.port_orders = orders_;
    snapshot.ports = ports_;
    snapshot.drops = drops_;
    snapshot.frames_received = frames_received_;
    snapshot.frames_sent = frames_sent_;
    snapshot.switches = switches_;
    snapshot.headless_times = headless_times_;
    return snapshot;
}

}  // namespace vem::module
