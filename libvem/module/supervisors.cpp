// What supervisors say to a module, and which of it is believed (VEM-3…VEM-5, HB-8). Related:
// module.cpp holds time and sending. A supervisor other than its own may never move an attached
// module, except by a switch request that is believed.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "libvem/module/module.hpp"

namespace vem::module {

namespace catalog = ha::catalog;
namespace wire = ha::wire;
using wire::DropReason;

namespace {

/// Hellos that frames of others may draw from us in one heartbeat interval.
constexpr unsigned kAnswersPerInterval = 4;
/// Heartbeats answered in one interval; more than one arrive after a stall of either side.
constexpr unsigned kRepliesPerInterval = 16;
/// Senders whose last switch request is remembered.
constexpr std::size_t kMaximumActed = 8;
/// A supervisor silent for so many intervals no longer vouches for whom it named (VEM-4).
constexpr int kVouchingIntervals = 2;
/// A module on its way to a supervisor gives up after so many intervals.
constexpr int kJoiningIntervals = 3;

/// Discovery of supervisors and of other modules reaches everybody: nothing is wrong with it.
template <typename Reference>
constexpr bool kBroadcastForOthers =
    std::is_same_v<std::remove_cvref_t<Reference>, wire::Hello> ||
    std::is_same_v<std::remove_cvref_t<Reference>, wire::ModuleHello>;

bool is_supervisor(ha::Slot slot) {
    return slot == ha::kPrimarySlot || slot == ha::kSecondarySlot;
}

std::string name_of(ha::Slot slot) {
    return "supervisor " + std::to_string(ha::number(slot));
}

std::string words(wire::LeaveReason reason) {
    switch (reason) {
        case wire::LeaveReason::stop:
            return "is being stopped";
        case wire::LeaveReason::reload:
            return "reloads";
        case wire::LeaveReason::switchover:
            return "hands over";
        case wire::LeaveReason::reset:
            return "is being reset";
        case wire::LeaveReason::crash:
            return "has died";
    }
    return "leaves";
}

}  // namespace

void Module::on(const FrameReceived& input, Effects& effects) {
    ++frames_received_;
    const auto received =
        receiver_.receive(input.payload, ha::PortKind::control, input.source, link_.mac);
    if (!received) {
        drop(received.error());
        return;
    }
    const wire::Frame& frame = received->frame;
    const Heard heard{{frame.slot, received->source, frame.incarnation},
                      received->authenticated,
                      input.received_at,
                      input.now};
    std::visit(
        [&](const auto& message) {
            if constexpr (requires { take(heard, message, effects); }) {
                if (is_supervisor(heard.from.slot)) {
                    take(heard, message, effects);
                } else {
                    drop(DropReason::bad_slot);
                }
            } else if constexpr (!kBroadcastForOthers<decltype(message)>) {
                drop(DropReason::not_for_us);
            }
        },
        frame.message);
}

void Module::take(const Heard& heard, const wire::ModuleBeacon&, Effects& effects) {
    if (seeks()) {
        answer_with_hello(heard, effects);
    } else if (heard.from.same_place(supervisor_) && !joining_) {
        if (heard.from.incarnation > supervisor_.incarnation) {
            join(heard.from, false, name_of(heard.from.slot) + " was restarted", heard.now,
                 effects);
        } else if (heard.from == supervisor_ &&
                   heard.received_at - last_heard_ >= kJoiningIntervals * pace()) {
            join(heard.from, false, name_of(heard.from.slot) + " lives but sends no heartbeats",
                 heard.now, effects);
        }
    }
    // Any other active is left alone as long as our own lives, or its silence is short (VEM-5).
}

void Module::answer_with_hello(const Heard& heard, Effects& effects) {
    if (hellos_.take(heard.now, options_.heartbeat_interval, kAnswersPerInterval)) {
        say_hello(heard.from.mac, effects);
    } else {
        drop(DropReason::rate_limited);
    }
}

void Module::take(const Heard& heard, const wire::SwitchRequest& request, Effects& effects) {
    if (seeks()) {
        answer_with_hello(heard, effects);
        return;
    }
    const Supervisor& aim = joining_ ? joining_->target : supervisor_;
    if (heard.from == aim) {
        return;  // there already, or on the way
    }
    if (heard.from.same_place(aim) && heard.from.incarnation < aim.incarnation) {
        drop(DropReason::stale_incarnation);
        return;
    }
    if (!believes_request(heard)) {
        drop(DropReason::unlearnt_mac);
        return;
    }
    if (!is_new_request(heard, request.number)) {
        return;
    }
    join(heard.from, !heard.from.same_place(supervisor_),
         "switching to " + name_of(heard.from.slot) + " at its request", heard.now, effects);
}

/// Without a key, only an address that our own supervisor vouches for can draw us away from it.
bool Module::believes_request(const Heard& heard) const {
    if (heard.authenticated) {
        return true;
    }
    const ha::MacAddress& known =
        heard.from.slot == supervisor_.slot ? supervisor_.mac : other_supervisor_mac_;
    const bool own_is_silent = heard.received_at - last_heard_ >= kVouchingIntervals * pace();
    return known.is_zero() || known == heard.from.mac || own_is_silent;
}

bool Module::is_new_request(const Heard& heard, std::uint32_t number) {
    const auto known = std::find_if(acted_.begin(), acted_.end(), [&](const Acted& acted) {
        return acted.sender.same_place(heard.from);
    });
    if (known != acted_.end()) {
        if (heard.from.incarnation < known->sender.incarnation) {
            drop(DropReason::stale_incarnation);
            return false;
        }
        if (heard.from.incarnation == known->sender.incarnation && number <= known->number) {
            return false;
        }
        acted_.erase(known);
    } else if (acted_.size() >= kMaximumActed) {
        acted_.erase(acted_.begin());
    }
    acted_.push_back({heard.from, number});
    return true;
}

void Module::join(const Supervisor& target, bool is_switch, const std::string& reason, Instant now,
                  Effects& effects) {
    joining_ = Joining{target, now, now + options_.heartbeat_interval,
                       now + kJoiningIntervals * pace(), is_switch};
    reason_ = reason;
    if (hellos_.take(now, options_.heartbeat_interval, kAnswersPerInterval)) {
        say_hello(target.mac, effects);
    }
}

void Module::take(const Heard& heard, const wire::ModuleAccept& accept, Effects& effects) {
    const auto slot = ha::number(accept.module);
    if (accept.names != options_.incarnation) {
        drop(DropReason::not_for_us);
    } else if (slot < ha::kFirstModuleNumber || slot > ha::kLastModuleNumber) {
        drop(DropReason::bad_slot);
    } else if (seeks() || heard.from == supervisor_ ||
               (joining_ && heard.from == joining_->target)) {
        attach(heard, accept, effects);
    } else {
        drop(DropReason::not_for_us);  // the second of two that answered our search
    }
}

void Module::attach(const Heard& heard, const wire::ModuleAccept& accept, Effects& effects) {
    if (state_ == State::attached && heard.from == supervisor_ && joining_ && joining_->is_switch) {
        return;  // a late copy; the switch goes on
    }
    const bool again = state_ == State::attached && heard.from == supervisor_;
    const bool switched = joining_ && joining_->is_switch;
    if (switched) {
        send(supervisor_.mac,
             wire::ModuleDetach{supervisor_.incarnation, options_.host,
                                wire::DetachReason::switched},
             effects);
    }
    joining_.reset();
    supervisor_ = heard.from;
    other_supervisor_mac_ = accept.other_supervisor;
    supervisor_interval_ = std::min(accept.heartbeat_interval, wire::kLongestHeartbeat);
    last_heard_ = heard.received_at;
    module_ = accept.module;
    if (module_ != options_.remembered_module) {
        options_.remembered_module = module_;
        effects.emplace_back(RememberModule{module_});
    }
    tell_differing_interval(effects);
    const std::string reason = "accepted by " + name_of(heard.from.slot);
    if (again) {
        reason_ = reason;
        return;
    }
    answered_ = 0;
    attached_since_ = heard.now;
    since_ = heard.now;  // a switch is a new attachment under the same state
    if (switched) {
        ++switches_;
        effects.emplace_back(catalog::Report{catalog::MessageId::module_switched,
                                             {std::to_string(ha::number(heard.from.slot))}});
    }
    enter(State::attached, "accept", reason, heard.now, effects);
}

void Module::tell_differing_interval(Effects& effects) {
    if (supervisor_interval_ == options_.heartbeat_interval || interval_told_for_ == supervisor_) {
        return;
    }
    interval_told_for_ = supervisor_;
    const auto in_ms = [](Duration duration) {
        const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
        return std::to_string(count) + " ms";
    };
    effects.emplace_back(catalog::Report{
        catalog::MessageId::interval_differs,
        {"heartbeat interval", in_ms(options_.heartbeat_interval), in_ms(supervisor_interval_)}});
}

void Module::take(const Heard& heard, const wire::ModuleHeartbeat& heartbeat, Effects& effects) {
    if (heartbeat.names != options_.incarnation) {
        drop(DropReason::not_for_us);
        return;
    }
    if (seeks()) {
        answer_with_hello(heard, effects);  // it counts us as attached, we do not
        return;
    }
    if (joining_ && heard.from == joining_->target && heard.from != supervisor_) {
        return;  // its accept is on the way or lost; the next hello asks again
    }
    if (!heard.from.same_place(supervisor_)) {
        drop(DropReason::not_for_us);  // VEM-5
        return;
    }
    if (heard.from.incarnation < supervisor_.incarnation) {
        drop(DropReason::stale_incarnation);
        return;
    }
    if (heard.from.incarnation > supervisor_.incarnation || heartbeat.module != module_) {
        if (!joining_) {
            join(heard.from, false, name_of(heard.from.slot) + " counts us anew", heard.now,
                 effects);
        }
        return;
    }
    if (heartbeat.new_domain && *heartbeat.new_domain != options_.domain) {
        follow_to(*heartbeat.new_domain, heard, effects);
        return;
    }
    last_heard_ = std::max(last_heard_, heard.received_at);
    other_supervisor_mac_ = heartbeat.other_supervisor;
    if (!replies_.take(heard.now, std::min(options_.heartbeat_interval, supervisor_interval_),
                       kRepliesPerInterval)) {
        drop(DropReason::rate_limited);
        return;
    }
    if (heartbeat.orders) {
        take_orders(*heartbeat.orders, effects);
    }
    answered_ = heartbeat.number;
    reply(effects);
}

/// Only its own supervisor, in the life that it is attached to, takes a module to another domain.
void Module::follow_to(ha::DomainId domain, const Heard& heard, Effects& effects) {
    const std::string from = std::to_string(ha::number(options_.domain));
    const std::string to = std::to_string(ha::number(domain));
    options_.domain = domain;
    receiver_.set_domain(domain);
    effects.push_back(RememberDomain{domain});
    effects.push_back(catalog::Report{catalog::MessageId::domain_changed, {from, to}});
    search("domain", name_of(heard.from.slot) + " is in domain " + to + " now", heard.now, effects);
}

void Module::take(const Heard& heard, const wire::ModuleDetach& detach, Effects& effects) {
    if (detach.names != options_.incarnation || detach.host != options_.host) {
        drop(DropReason::not_for_us);
        return;
    }
    if (detach.reason == wire::DetachReason::table_full && seeks()) {
        reason_ = name_of(heard.from.slot) + " has no free module number";
        return;
    }
    const bool from_own =
        state_ == State::attached && !joining_ && heard.from.same_place(supervisor_);
    const bool is_reload = detach.reason == wire::DetachReason::reload;
    if ((detach.reason != wire::DetachReason::not_attached && !is_reload) || !from_own) {
        drop(DropReason::not_for_us);
    } else if (heard.from.incarnation < supervisor_.incarnation) {
        drop(DropReason::stale_incarnation);
    } else if (is_reload && heard.from != supervisor_) {
        drop(DropReason::not_for_us);  // of a life that has not accepted us
    } else if (is_reload) {
        reload(heard, effects);
    } else {
        join(heard.from, false, name_of(heard.from.slot) + " no longer has this module", heard.now,
             effects);
    }
}

/// Two farewells, as nobody will be here to repeat one. The ports keep forwarding (VEM-7).
void Module::reload(const Heard& heard, Effects& effects) {
    const std::string reason = name_of(heard.from.slot) + " ordered a reload";
    effects.emplace_back(catalog::Report{catalog::MessageId::module_reloading, {reason}});
    for (int copy = 0; copy < 2; ++copy) {
        send(supervisor_.mac,
             wire::ModuleDetach{supervisor_.incarnation, options_.host, wire::DetachReason::reload},
             effects);
    }
    enter(State::stopped, "reload", reason, heard.now, effects);
    effects.emplace_back(Restart{reason});
}

void Module::take(const Heard& heard, const wire::Leaving& leaving, Effects& effects) {
    const auto speaks_for = [&](const Supervisor& supervisor) {
        return heard.from.slot == supervisor.slot && leaving.subject == supervisor.incarnation &&
               state_ != State::searching;
    };
    const bool from_target = joining_ && speaks_for(joining_->target);
    if (!from_target && !speaks_for(supervisor_)) {
        return;  // somebody else's supervisor, or a life that is over
    }
    const Supervisor leaver = from_target ? joining_->target : supervisor_;
    if (heard.from.mac != leaver.mac && !heard.authenticated) {
        drop(DropReason::unlearnt_mac);
    } else if (leaver == supervisor_) {
        search("leaving", name_of(leaver.slot) + " " + words(leaving.reason), heard.now, effects);
    } else {
        joining_.reset();  // the one we were going to; our own is still there
        reason_ = name_of(leaver.slot) + " " + words(leaving.reason) + " before it accepted";
    }
}

}  // namespace vem::module
