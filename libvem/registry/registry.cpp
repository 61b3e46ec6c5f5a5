// The clock side of the registry: beacons, heartbeats, losses, activation, and what it shows.
// Who is let in is decided in admission.cpp.
#include "libvem/registry/registry.hpp"

#include <algorithm>
#include <utility>

namespace vem::registry {

namespace catalog = ha::catalog;
namespace wire = ha::wire;

namespace {

bool is_module_number(ha::Slot slot) {
    return ha::number(slot) >= ha::kFirstModuleNumber && ha::number(slot) <= ha::kLastModuleNumber;
}

}  // namespace

std::string_view to_string(Attachment attachment) {
    switch (attachment) {
        case Attachment::absent:
            return "absent";
        case Attachment::storing:
            return "storing";
        case Attachment::online:
            return "online";
    }
    return "?";
}

Registry::Registry(Options options) : options_(options) {
    // A zero interval would make every deadline due at once.
    options_.heartbeat_interval = std::max<Duration>(options_.heartbeat_interval, Duration{1});
}

void Registry::step(const Input& input, Effects& effects) {
    std::visit([&](const auto& event) { on(event, effects); }, input);
}

Duration Registry::silence_limit() const {
    return options_.heartbeat_interval * options_.missed_limit;
}

void Registry::on(const Tick& input, Effects& effects) {
    if (!active_) {
        return;
    }
    forgive_own_silence(input.now);
    remove_silent(input.now, effects);
    if (input.now >= next_beat_) {
        beat(input.now, effects);
    }
}

/// Modules speak only when asked. Whole intervals in which this process did not run, and so did not
/// ask, are no silence of theirs (HB-7).
void Registry::forgive_own_silence(Instant now) {
    const auto interval = options_.heartbeat_interval;
    const Duration late = now > next_beat_ ? now - next_beat_ : Duration{0};
    forgive(late / interval * interval, now);
}

void Registry::forgive(Duration duration, Instant now) {
    for (auto& [number, entry] : modules_) {
        entry.silent_since = std::min(now, entry.silent_since + duration);
    }
}

void Registry::on(const Stalled& input, Effects&) {
    forgive(input.duration, input.now);
}

void Registry::remove_silent(Instant now, Effects& effects) {
    for (auto& [number, entry] : modules_) {
        if (entry.shown.attachment == Attachment::absent ||
            now - entry.silent_since < silence_limit()) {
            continue;
        }
        remove(entry, std::to_string(options_.missed_limit) + " heartbeats missed", now, effects);
    }
}

void Registry::beat(Instant now, Effects& effects) {
    const auto interval = options_.heartbeat_interval;
    next_beat_ += ((now - next_beat_) / interval + 1) * interval;
    if (copies_left_ > 0) {
        --copies_left_;
        effects.push_back(SendMessage{ha::kBroadcastMac, wire::SwitchRequest{announcement_}});
    }
    effects.push_back(SendMessage{ha::kBroadcastMac, wire::ModuleBeacon{other_supervisor_}});
    for (auto& [number, entry] : modules_) {
        if (entry.accepted) {
            send_heartbeat(entry, effects);
        }
        if (entry.reloads_left > 0) {
            order_reload(entry, effects);
        }
    }
}

void Registry::send_heartbeat(Entry& entry, Effects& effects) {
    ++entry.number;
    ++entry.shown.heartbeats_sent;
    wire::ModuleHeartbeat heartbeat{entry.shown.incarnation, entry.shown.record.module,
                                    entry.number, other_supervisor_};
    const wire::PortOrders& orders = orders_for(entry.shown.record.module);
    if (entry.shown.orders_held != orders.number) {
        heartbeat.orders = orders;
    }
    effects.push_back(SendMessage{entry.shown.mac, std::move(heartbeat)});
}

void Registry::on(const ModuleReloadRequested& input, Effects& effects) {
    const auto found = modules_.find(ha::number(input.module));
    if (!active_ || found == modules_.end() ||
        found->second.shown.attachment == Attachment::absent) {
        return;
    }
    found->second.reloads_left = options_.missed_limit;
    order_reload(found->second, effects);
}

/// One that obeys is another life afterwards, and the copies that come late mean nothing to it.
void Registry::order_reload(Entry& entry, Effects& effects) {
    --entry.reloads_left;
    effects.push_back(SendMessage{
        entry.shown.mac, wire::ModuleDetach{entry.shown.incarnation, entry.shown.record.host,
                                            wire::DetachReason::reload}});
}

void Registry::on(const Activated& input, Effects& effects) {
    if (!active_) {
        active_ = true;
        next_beat_ = input.now;
        copies_left_ = 0;
        if (!input.announce) {
            beat(input.now, effects);
        }
    }
    if (input.announce) {
        on(Announce{input.now}, effects);
    }
}

void Registry::on(const Announce& input, Effects& effects) {
    if (!active_) {
        return;
    }
    ++announcement_;
    copies_left_ = options_.switch_request_copies;
    next_beat_ = input.now;
    beat(input.now, effects);
}

void Registry::on(const Deactivated& input, Effects&) {
    if (!active_) {
        return;
    }
    active_ = false;
    next_beat_ = ha::kNever;
    copies_left_ = 0;
    for (auto& [number, entry] : modules_) {
        if (entry.shown.attachment != Attachment::absent) {
            enter(entry, Attachment::absent, "this supervisor is no longer active", input.now);
        }
    }
}

void Registry::on(const OtherSupervisorChanged& input, Effects&) {
    other_supervisor_ = input.mac;
}

void Registry::on(const RecordsLoaded& input, Effects& effects) {
    std::map<unsigned, Entry> loaded;
    if (!input.durable) {
        ++revision_;
    }
    for (const auto& record : input.records) {
        const bool known_host = std::any_of(loaded.begin(), loaded.end(), [&](const auto& item) {
            return item.second.shown.record.host == record.host;
        });
        if (!is_module_number(record.module) || record.host.is_nil() || known_host) {
            continue;  // a damaged table: what is sound of it is used
        }
        Entry entry;
        entry.shown.reason = "not seen yet";
        entry.shown.since = input.now;
        entry.stored_under = revision_;
        const auto old = modules_.find(ha::number(record.module));
        if (old != modules_.end() && old->second.shown.record.host == record.host) {
            entry = old->second;
        }
        entry.shown.record = record;
        if (input.durable) {
            entry.stored_under = 0;
        }
        entry.proven = true;
        loaded.emplace(ha::number(record.module), std::move(entry));
    }
    for (auto& [number, entry] : modules_) {
        const auto kept = loaded.find(number);
        if (kept == loaded.end() || kept->second.shown.record.host != entry.shown.record.host) {
            remove(entry, "its number was given up", input.now, effects);
        }
    }
    modules_ = std::move(loaded);
}

void Registry::on(const RecordsDurable& input, Effects& effects) {
    durable_ = std::max(durable_, std::min(input.revision, revision_));
    for (auto& [number, entry] : modules_) {
        if (active_ && entry.shown.attachment == Attachment::storing && !entry.accepted) {
            accept_when_durable(entry, input.now, effects);
        }
    }
}

void Registry::remove(Entry& entry, const std::string& reason, Instant now, Effects& effects) {
    const bool was_online = entry.shown.attachment == Attachment::online;
    enter(entry, Attachment::absent, reason, now);
    if (was_online) {
        ++entry.shown.removals;
        effects.push_back(
            catalog::Report{catalog::MessageId::module_removed,
                            {std::to_string(ha::number(entry.shown.record.module)), reason}});
    }
}

void Registry::enter(Entry& entry, Attachment attachment, std::string reason, Instant now) {
    entry.shown.attachment = attachment;
    entry.shown.reason = std::move(reason);
    entry.shown.since = now;
    if (attachment != Attachment::online) {
        entry.accepted = false;
        entry.reloads_left = 0;
        entry.shown.orders_held = 0;
        entry.shown.ports.clear();
    }
}

Instant Registry::next_deadline() const {
    Instant deadline = next_beat_;
    if (!active_) {
        return ha::kNever;
    }
    for (const auto& [number, entry] : modules_) {
        if (entry.shown.attachment != Attachment::absent) {
            deadline = std::min(deadline, entry.silent_since + silence_limit());
        }
    }
    return deadline;
}

Snapshot Registry::snapshot() const {
    Snapshot snapshot{active_, revision_, {}, {}};
    snapshot.modules.reserve(modules_.size());
    for (const auto& [number, entry] : modules_) {
        snapshot.modules.push_back(entry.shown);
        snapshot.modules.back().orders = orders_for(entry.shown.record.module);
    }
    for (const auto& [module, orders] : orders_) {
        if (!orders.ports.empty()) {
            snapshot.configured_ports.emplace(module, orders.ports);
        }
    }
    return snapshot;
}

std::vector<wire::ModuleRecord> Registry::records() const {
    std::vector<wire::ModuleRecord> records;
    records.reserve(modules_.size());
    for (const auto& [number, entry] : modules_) {
        records.push_back(entry.shown.record);
    }
    return records;
}

std::uint16_t Registry::online_count() const {
    return static_cast<std::uint16_t>(std::count_if(
        modules_.begin(), modules_.end(),
        [](const auto& item) { return item.second.shown.attachment == Attachment::online; }));
}

Attachment Registry::attachment(ha::Slot module) const {
    const auto found = modules_.find(number(module));
    return found == modules_.end() ? Attachment::absent : found->second.shown.attachment;
}

}  // namespace vem::registry
