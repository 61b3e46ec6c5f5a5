// `show system internal redundancy trace | info | status`: what the pair is, why, and for how long.
// The layouts are ours (docs/json.md says which data they carry).
#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"
#include "libha/redundancy/liveness.hpp"

namespace ha::cli {
namespace {

constexpr std::size_t kLabelWidth = 30;

std::string label(std::string text) {
    return padded("  " + std::move(text) + ":", kLabelWidth);
}

Value text(std::string_view words) {
    return std::string(words);
}

std::string mac_or(const MacAddress& mac, std::string_view none) {
    return mac.is_zero() ? std::string(none) : mac.to_string();
}

std::string yes(bool truth) {
    return truth ? "yes" : "no";
}

/// A state with its reason and age: three lines of text, three keys of data.
void add_state(Document& document, const std::string& name, const std::string& key, Value state,
               const std::string& reason, const Context& context, Instant since) {
    document.field(label(name), key, std::move(state));
    document.field(label("  reason"), key + "_reason",
                   reason.empty() ? std::string("none") : reason);
    document.field(label("  for"), "", format_age(context, since));
    document.data(key + "_age_ms", age_ms(context, since));
}

void add_arbitration(Document& document, const Context& context, const redundancy::Snapshot& pair) {
    document.line().line("Last split brain");
    const auto& last = pair.last_arbitration;
    if (!last) {
        document.line("  none since this supervisor started");
        for (const auto* key : {"loser", "reason", "age_ms", "primary", "secondary"}) {
            document.data(std::string("last_arbitration_") + key, {});
        }
        return;
    }
    document.field(label("Told to restart"), "last_arbitration_loser", sup_name(last->loser));
    document.field(label("Reason"), "last_arbitration_reason", last->reason);
    document.field(label("Ago"), "", format_age(context, last->at));
    document.data("last_arbitration_age_ms", age_ms(context, last->at));
    document.field(label("Primary had"), "last_arbitration_primary", tuple_text(last->primary));
    document.field(label("Secondary had"), "last_arbitration_secondary",
                   tuple_text(last->secondary));
}

void add_links(Document& document, const Context& context) {
    document.line();
    Table table{"links",
                {"Port     Interface        State     Carrier  For       Peer heard  Reason",
                 "-------  ---------------  --------  -------  --------  ----------  ------"},
                {{"port", 9},
                 {"interface", 17},
                 {"state", 10},
                 {"carrier", 9},
                 {"", 10},
                 {"", 12},
                 {"reason"},
                 {"age_ms", 0, false, false},
                 {"mac", 0, false, false},
                 {"last_heard_age_ms", 0, false, false}},
                {}};
    for (const auto port : kPortKinds) {
        const auto& shown = context.snapshot.ports[index_of(port)];
        const auto& heard = context.snapshot.pair.peer.ports[index_of(port)].last_heard;
        const auto state = !shown.link.present ? "missing" : shown.link.admin_up ? "up" : "down";
        table.rows.push_back({text(to_string(port)), shown.link.interface_name, text(state),
                              yes(shown.link.carrier), format_age(context, shown.link_since),
                              format_age(context, heard),
                              shown.link.reason.empty() ? std::string("ok") : shown.link.reason,
                              age_ms(context, shown.link_since), shown.link.mac.to_string(),
                              optional_age_ms(context, heard)});
    }
    document.table(std::move(table));
}

void add_identity(Document& document, const Context& context) {
    const auto& pair = context.snapshot.pair;
    document.line("Identity");
    document.field(label("Supervisor"), "this_sup", sup_name(this_slot(pair)));
    document.field(label("Administrative role"), "role_admin",
                   text(to_string(pair.administrative_role)));
    document.field(label("Operational role"), "role_oper", text(to_string(pair.operational_role)));
    document.field(label("Domain"), "domain_id", std::uint64_t{number(pair.domain)});
    document.field(label("Incarnation"), "incarnation", to_string(pair.incarnation));
    document.field(label("Running for"), "", format_age(context, context.snapshot.started));
    document.data("age_ms", age_ms(context, context.snapshot.started));
}

/// As the pair counts it (HB-3).
Duration degraded_after(const redundancy::Snapshot& pair) {
    if (pair.heartbeat_interval <= Duration::zero())
        return {};
    redundancy::Liveness liveness;
    liveness.configure(pair.heartbeat_interval, pair.loss_interval);
    return liveness.degraded_after();
}

void add_intervals(Document& document, const redundancy::Snapshot& pair) {
    const auto milliseconds = [](Duration duration) {
        return std::int64_t{
            std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()};
    };
    document.line().line("Intervals");
    document.field(label("Heartbeat"), "heartbeat_interval_ms",
                   milliseconds(pair.heartbeat_interval), " ms");
    document.field(label("Loss"), "loss_interval_ms", milliseconds(pair.loss_interval), " ms");
    document.field(label("Degraded after"), "degraded_after_ms", milliseconds(degraded_after(pair)),
                   " ms");
}

void add_peer_macs(Document& document, const Context& context) {
    const auto& pair = context.snapshot.pair;
    document.line().line("Peer");
    document.field(label("MAC policy"), "peer_mac_policy", text(to_string(pair.peer_mac_policy)));
    for (const auto port : kPortKinds) {
        const auto& mac = pair.peer.ports[index_of(port)].learnt_mac;
        const auto name = std::string(to_string(port));
        document.field(label("MAC on " + name), "", mac_or(mac, "not learnt"));
        document.data("peer_mac_" + name, mac.is_zero() ? Value{} : Value{mac.to_string()});
    }
    document.field(label("Incarnation"), "peer_incarnation", to_string(pair.peer.incarnation));
    document.field(label("Refused for their MAC"), "unlearnt_rejected", pair.unlearnt_rejected,
                   pair.last_rejected_at
                       ? " frames, the latest from " + pair.last_rejected_mac.to_string() + " " +
                             format_age(context, *pair.last_rejected_at) + " ago"
                       : " frames");
    document.data("last_rejected_mac",
                  pair.last_rejected_at ? Value{pair.last_rejected_mac.to_string()} : Value{});
    document.data("last_rejected_age_ms", optional_age_ms(context, pair.last_rejected_at));
}

std::string key_list(const std::vector<std::uint8_t>& ids) {
    std::string list;
    for (const auto id : ids)
        list += (list.empty() ? "" : ", ") + std::to_string(id);
    return list.empty() ? "none" : list;
}

}  // namespace

Document show_internal_trace(const Context& context) {
    const auto& pair = context.snapshot.pair;
    Document document;
    document.line("Redundancy trace of " + sup_name(this_slot(pair)) + ", oldest first, " +
                  std::to_string(pair.trace.size()) + " of at most " +
                  std::to_string(redundancy::kTraceCapacity) + " entries");
    document.line();
    Table table{"trace",
                {"Date (UTC)               From                To                  Event           "
                 "        Reason",
                 "-----------------------  ------------------  ------------------  "
                 "----------------------  ------"},
                {{"date", 25},
                 {"from", 20},
                 {"to", 20},
                 {"event", 24},
                 {"reason"},
                 {"age_ms", 0, false, false}},
                {}};
    for (const auto& entry : pair.trace) {
        table.rows.push_back({format_trace_date(date_of(context, entry.at)), entry.from, entry.to,
                              entry.event, entry.reason, age_ms(context, entry.at)});
    }
    document.table(std::move(table));
    return document;
}

Document show_internal_info(const Context& context) {
    const auto& snapshot = context.snapshot;
    const auto& pair = snapshot.pair;
    Document document;
    add_identity(document, context);
    add_intervals(document, pair);
    add_peer_macs(document, context);
    document.line().line("Authentication");
    document.field(label("Required"), "", yes(snapshot.authenticated));
    document.data("authenticated", snapshot.authenticated);
    document.field(label("Key ids"), "key_ids", key_list(snapshot.key_ids));
    document.line().line("Replicated state");
    document.field(label("Revision here"), "revision", pair.revision);
    document.field(label("Revision the standby holds"), "applied_revision", pair.applied_revision);
    document.field(label("Storing it"), "", text(snapshot.store_failed ? "failed" : "ok"));
    document.data("store_failed", snapshot.store_failed);
    add_arbitration(document, context, pair);
    return document;
}

Document show_internal_status(const Context& context) {
    const auto& pair = context.snapshot.pair;
    Document document;
    document.line("This supervisor (" + sup_name(this_slot(pair)) + ")");
    add_state(document, "State", "pair_state", text(to_string(pair.state)), pair.reason, context,
              pair.since);
    if (pair.degraded) {
        document.line(label("Degraded") + "yes").data("degraded", true);
        document.field(label("  reason"), "degraded_reason", pair.degraded_reason);
        document.field(label("  for"), "", format_age(context, pair.degraded_since));
        document.data("degraded_age_ms", age_ms(context, pair.degraded_since));
    } else {
        document.line(label("Degraded") + "no").data("degraded", false);
        document.data("degraded_reason", std::string()).data("degraded_age_ms", {});
    }
    document.field(label("Active for"), "",
                   pair.active_since ? format_age(context, *pair.active_since) : "not active");
    document.data("active_age_ms", optional_age_ms(context, pair.active_since));
    document.field(label("Holds the mgmt address"), "", yes(context.snapshot.holds_address));
    document.data("holds_address", context.snapshot.holds_address);
    document.line().line("Other supervisor (" + sup_name(other_slot(this_slot(pair))) + ")");
    add_state(document, "State", "peer_state", text(pair.peer.present ? "present" : "not present"),
              pair.peer.reason, context, pair.peer.since);
    const auto claimed =
        pair.peer.claimed && pair.peer.present ? words_of_other(pair).internal : "nothing";
    document.field(label("Claims"), "peer_claims", claimed);
    add_links(document, context);
    return document;
}

}  // namespace ha::cli
