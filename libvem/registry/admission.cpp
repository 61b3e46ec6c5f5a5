// Who is let in and under which number: hellos, replies and goodbyes of modules (VEM-1, VEM-2,
// VEM-7). Related: registry.cpp holds time and activation. Nothing here may let a stranger disturb
// a module that is attached and answering.
#include <algorithm>
#include <utility>

#include "libvem/registry/registry.hpp"

namespace vem::registry {

namespace catalog = ha::catalog;
namespace wire = ha::wire;
using wire::DropReason;

namespace {

/// Answers to frames that name no attachment of ours, in one heartbeat interval, all senders
/// together.
constexpr unsigned kRefusalsPerInterval = 16;
/// One rejection is told to the log in this time; the drop counters have them all.
constexpr Duration kRejectionReportInterval = std::chrono::seconds{10};
/// A host may change its stored name this often: each change is a write.
constexpr Duration kRenameInterval = std::chrono::seconds{60};

}  // namespace

bool Registry::Budget::take(Instant now, Duration interval, unsigned limit) {
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

Registry::Entry* Registry::find(const ha::Uuid& host) {
    const auto found = std::find_if(modules_.begin(), modules_.end(), [&](const auto& item) {
        return item.second.shown.record.host == host;
    });
    return found == modules_.end() ? nullptr : &found->second;
}

void Registry::on(const FrameReceived& input, Effects& effects) {
    const auto& message = input.received.frame.message;
    if (const auto* hello = std::get_if<wire::ModuleHello>(&message)) {
        // A standby hears the broadcasts of searching modules too: nothing wrong with them.
        if (active_) {
            take_hello(input, *hello, effects);
        }
        return;
    }
    const auto* reply = std::get_if<wire::ModuleHeartbeatReply>(&message);
    const auto* detach = std::get_if<wire::ModuleDetach>(&message);
    const bool names_us = (reply != nullptr && reply->names == options_.incarnation) ||
                          (detach != nullptr && detach->names == options_.incarnation);
    if (!active_ || !names_us) {
        effects.push_back(Dropped{DropReason::not_for_us});
    } else if (reply != nullptr) {
        take_reply(input, *reply, effects);
    } else {
        take_detach(input, *detach, effects);
    }
}

void Registry::take_hello(const FrameReceived& input, const wire::ModuleHello& hello,
                          Effects& effects) {
    if (hello.host.is_nil()) {
        effects.push_back(Dropped{DropReason::malformed_tlv});
        return;
    }
    Entry* entry = find(hello.host);
    if (entry == nullptr) {
        entry = admit(input, hello, effects);
    }
    if (entry == nullptr || !may_attach(*entry, input, effects)) {
        return;
    }
    auto& shown = entry->shown;
    const bool restarted = shown.attachment != Attachment::absent &&
                           shown.incarnation != input.received.frame.incarnation;
    if (restarted) {
        remove(*entry, "restarted", input.now, effects);  // VEM-7
    } else if (entry->accepted_at &&
               input.now - *entry->accepted_at < options_.heartbeat_interval / 2) {
        effects.push_back(Dropped{DropReason::rate_limited});
        return;
    }
    ++shown.hellos_received;
    shown.mac = input.received.source;
    shown.incarnation = input.received.frame.incarnation;
    shown.last_heard = input.received_at;
    if (shown.attachment != Attachment::online) {
        // A hello is no answer: what is attached already must still answer heartbeats to stay.
        entry->silent_since = input.received_at;
    }
    if (shown.attachment == Attachment::absent) {
        enter(*entry, Attachment::storing, "its number is being stored", input.now);
        effects.push_back(catalog::Report{
            catalog::MessageId::module_detected,
            {shown.record.host_name, std::to_string(ha::number(shown.record.module))}});
    }
    rename(*entry, hello.host_name, input.now, effects);
    accept_when_durable(*entry, input.now, effects);
}

/// The number asked for if that is free, else the lowest (VEM-1). When all are taken, that of the
/// host that was heard once and never answered, longest ago: nobody can hold a number that way, and
/// hellos made up by a stranger cannot use them up for good. 0 when there is none.
unsigned Registry::number_for(const wire::ModuleHello& hello) {
    const unsigned wanted = ha::number(hello.wanted);
    if (wanted >= ha::kFirstModuleNumber && wanted <= ha::kLastModuleNumber &&
        !modules_.contains(wanted)) {
        return wanted;
    }
    for (unsigned number = ha::kFirstModuleNumber; number <= ha::kLastModuleNumber; ++number) {
        if (!modules_.contains(number)) {
            return number;
        }
    }
    auto oldest = modules_.end();
    for (auto item = modules_.begin(); item != modules_.end(); ++item) {
        const Entry& entry = item->second;
        if (!entry.proven && entry.shown.attachment == Attachment::absent &&
            (oldest == modules_.end() || entry.shown.since < oldest->second.shown.since)) {
            oldest = item;
        }
    }
    if (oldest == modules_.end()) {
        return 0;
    }
    const unsigned number = oldest->first;
    modules_.erase(oldest);
    return number;
}

Registry::Entry* Registry::admit(const FrameReceived& input, const wire::ModuleHello& hello,
                                 Effects& effects) {
    const unsigned number = number_for(hello);
    if (number == 0) {
        report_rejected(hello.host, input.received.source, "no free module number", input.now,
                        effects);
        if (refusals_.take(input.now, options_.heartbeat_interval, kRefusalsPerInterval)) {
            effects.push_back(
                SendMessage{input.received.source,
                            wire::ModuleDetach{input.received.frame.incarnation, hello.host,
                                               wire::DetachReason::table_full}});
        } else {
            effects.push_back(Dropped{DropReason::rate_limited});
        }
        return nullptr;
    }
    Entry entry;
    entry.shown.record = {hello.host, ha::Slot{static_cast<std::uint8_t>(number)}, hello.host_name};
    entry.shown.since = input.now;
    entry.stored_under = ++revision_;
    effects.push_back(RecordsChanged{revision_});
    return &modules_.emplace(number, std::move(entry)).first->second;
}

/// A known host says hello: is it the one we know, a later life of it, or somebody else?
bool Registry::may_attach(Entry& entry, const FrameReceived& input, Effects& effects) {
    if (entry.shown.attachment == Attachment::absent) {
        return true;
    }
    if (entry.shown.mac != input.received.source) {
        report_rejected(entry.shown.record.host, input.received.source,
                        "its host UUID belongs to module " +
                            std::to_string(ha::number(entry.shown.record.module)) + " at " +
                            entry.shown.mac.to_string(),
                        input.now, effects);
        effects.push_back(Dropped{DropReason::unlearnt_mac});
        return false;
    }
    if (input.received.frame.incarnation < entry.shown.incarnation) {
        effects.push_back(Dropped{DropReason::stale_incarnation});
        return false;
    }
    return true;
}

void Registry::rename(Entry& entry, const std::string& host_name, Instant now, Effects& effects) {
    const bool too_soon = entry.renamed_at && now - *entry.renamed_at < kRenameInterval;
    if (host_name.empty() || entry.shown.record.host_name == host_name || too_soon) {
        return;
    }
    entry.shown.record.host_name = host_name;
    entry.renamed_at = now;
    effects.push_back(RecordsChanged{++revision_});
}

/// The accept promises the number for good, so it waits until the number is stored (SYNC-2).
void Registry::accept_when_durable(Entry& entry, Instant now, Effects& effects) {
    if (entry.stored_under > durable_) {
        return;
    }
    auto& shown = entry.shown;
    ++shown.accepts_sent;
    entry.accepted_at = now;
    effects.push_back(
        SendMessage{shown.mac, wire::ModuleAccept{shown.incarnation, shown.record.module,
                                                  options_.heartbeat_interval, other_supervisor_}});
    if (!entry.accepted) {
        entry.accepted = true;
        shown.reason = "waiting for its first reply";
        send_heartbeat(entry, effects);
    }
}

void Registry::take_reply(const FrameReceived& input, const wire::ModuleHeartbeatReply& reply,
                          Effects& effects) {
    Entry* entry = find(reply.host);
    if (entry == nullptr || !entry->accepted ||
        input.received.frame.incarnation > entry->shown.incarnation) {
        send_not_attached(input, reply.host, effects);
        return;
    }
    auto& shown = entry->shown;
    if (input.received.source != shown.mac) {
        effects.push_back(Dropped{DropReason::unlearnt_mac});
    } else if (input.received.frame.incarnation < shown.incarnation) {
        effects.push_back(Dropped{DropReason::stale_incarnation});
    } else if (reply.module != shown.record.module) {
        effects.push_back(Dropped{DropReason::bad_slot});
    } else if (reply.number == 0 || reply.number > entry->number) {
        effects.push_back(Dropped{DropReason::not_for_us});  // answers what was never asked
    } else {
        ++shown.heartbeats_received;
        shown.last_heard = std::max(shown.last_heard, input.received_at);
        entry->silent_since = std::max(entry->silent_since, input.received_at);
        const bool is_first = shown.attachment != Attachment::online;
        if (is_first) {
            enter(*entry, Attachment::online, "attached", input.now);
            entry->proven = true;
            ++shown.insertions;
            effects.push_back(catalog::Report{catalog::MessageId::module_online,
                                              {std::to_string(ha::number(shown.record.module))}});
        }
        if (reply.ports) {
            take_report(*entry, *reply.ports, is_first, input.now, effects);
        }
    }
}

void Registry::take_detach(const FrameReceived& input, const wire::ModuleDetach& detach,
                           Effects& effects) {
    const bool from_module = detach.reason == wire::DetachReason::stopping ||
                             detach.reason == wire::DetachReason::switched ||
                             detach.reason == wire::DetachReason::reload;
    Entry* entry = find(detach.host);
    if (!from_module || entry == nullptr || entry->shown.attachment == Attachment::absent ||
        input.received.frame.incarnation > entry->shown.incarnation) {
        effects.push_back(Dropped{DropReason::not_for_us});
    } else if (input.received.source != entry->shown.mac) {
        effects.push_back(Dropped{DropReason::unlearnt_mac});
    } else if (input.received.frame.incarnation < entry->shown.incarnation) {
        effects.push_back(Dropped{DropReason::stale_incarnation});
    } else {
        entry->shown.last_heard = input.received_at;
        remove(*entry,
               detach.reason == wire::DetachReason::stopping ? "stopped"
               : detach.reason == wire::DetachReason::reload ? "reloads"
                                                             : "switched to another supervisor",
               input.now, effects);
    }
}

void Registry::send_not_attached(const FrameReceived& input, const ha::Uuid& host,
                                 Effects& effects) {
    if (!refusals_.take(input.now, options_.heartbeat_interval, kRefusalsPerInterval)) {
        effects.push_back(Dropped{DropReason::rate_limited});
        return;
    }
    effects.push_back(Dropped{DropReason::not_for_us});
    effects.push_back(SendMessage{input.received.source,
                                  wire::ModuleDetach{input.received.frame.incarnation, host,
                                                     wire::DetachReason::not_attached}});
}

void Registry::report_rejected(const ha::Uuid& host, const ha::MacAddress& mac,
                               const std::string& reason, Instant now, Effects& effects) {
    if (rejections_.take(now, kRejectionReportInterval, 1)) {
        effects.push_back(catalog::Report{catalog::MessageId::module_rejected,
                                          {host.to_string() + " at " + mac.to_string(), reason}});
    }
}

}  // namespace vem::registry
