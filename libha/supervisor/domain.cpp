// Supervisor: another domain while it runs (OPS-1). An active without a standby goes to the domain
// that its configuration names, and calls the modules that are attached to follow: each heartbeat
// interval in the domain that they are in, until they are heard in the new one. With a standby
// there the domain counts from the next start: no frame would pass between the two in between.
#include <algorithm>

#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

namespace {

/// A module that does not follow for so long is somewhere else: at least a headless interval.
constexpr Duration kCalling = std::chrono::seconds{60};

}  // namespace

void Supervisor::Implementation::obey_domain(const config::Settings& settings) {
    const PairState state = pair_.state();
    if (state != PairState::active_alone && state != PairState::standalone)
        return;
    const auto domain = settings.domain;
    const DomainId before = options_.pair.domain;
    if (!domain || *domain == before)
        return;
    for (const vem::registry::ModuleSnapshot& module : registry_.snapshot().modules)
        if (module.attachment != vem::registry::Attachment::absent &&
            std::ranges::find(followers_, module.mac, &Follower::mac) == followers_.end())
            followers_.push_back({module.mac, module.incarnation, module.record.module, before});
    call_at_ = now_;
    call_until_ = now_ + kCalling;
    options_.pair.domain = *domain;
    gate_.set_domain(*domain);
    carry_out(catalog::Report{catalog::MessageId::domain_changed,
                              {std::to_string(number(before)), std::to_string(number(*domain))}});
    feed(redundancy::DomainChanged{*domain, now_});
}

void Supervisor::Implementation::call_modules_over() {
    if (call_at_ > now_)
        return;
    const bool serves = redundancy::is_active(pair_.state());
    if (followers_.empty() || !serves || call_until_ <= now_) {
        followers_.clear();
        call_at_ = kNever;
        return;
    }
    for (const Follower& follower : followers_) {
        wire::ModuleHeartbeat call{follower.incarnation, follower.module, 0,
                                   pair_.peer_macs()[index_of(PortKind::control)]};
        call.new_domain = options_.pair.domain;
        send(PortKind::control, follower.mac, call, follower.domain);
    }
    call_at_ = now_ + options_.pair.heartbeat_interval;
}

/// Whatever passes the gate is of the new domain.
void Supervisor::Implementation::note_followed(const MacAddress& module) {
    std::erase_if(followers_, [&](const Follower& follower) { return follower.mac == module; });
}

}  // namespace ha::supervisor
