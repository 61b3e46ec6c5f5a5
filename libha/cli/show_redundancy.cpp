// `show system redundancy status` and `show redundancy status`: the blocks, columns and words of
// the product's documents. They come before everything else here: tools in the field parse them.
// What the layout has no room for (reasons, ages) is in the data only.
#include "libha/cli/commands.hpp"
#include "libha/cli/format.hpp"
#include "libha/wire/layout.hpp"

namespace ha::cli {
namespace {

using redundancy::PairState;

constexpr std::string_view kRule = "-----";
constexpr std::string_view kIndent = "      ";

/// The pair examples of the documents and their standalone ones differ by one space here.
std::string internal_label(const redundancy::Snapshot& pair) {
    return std::string(kIndent) + (pair.operational_role == Role::standalone
                                       ? "Internal state:    "
                                       : "Internal state:   ");
}

void add_role(Document& document, const redundancy::Snapshot& pair) {
    document.line("Redundancy role").line(std::string(kRule));
    document.field("      administrative:  ", "role_admin",
                   std::string(to_string(pair.administrative_role)));
    document.field("      operational:    ", "role_oper",
                   std::string(to_string(pair.operational_role)));
    document.line();
}

void add_mode(Document& document, const redundancy::Snapshot& pair) {
    document.line("Redundancy mode").line(std::string(kRule));
    document.field("      administrative:  ", "rdn_mode_admin", std::string("HA"));
    document.field("      operational:    ", "rdn_mode_oper", std::string(mode_words(pair.state)));
    document.line();
}

void add_this(Document& document, const Context& context, const redundancy::Snapshot& pair) {
    const auto words = words_of_this(pair.state);
    document.field("This supervisor (", "this_sup", sup_name(this_slot(pair)), ")")
        .line(std::string(kRule));
    document.field("      Redundancy state:  ", "this_sup_rdn_state", words.redundancy);
    document.field("      Supervisor state:  ", "this_sup_sup_state", words.supervisor);
    document.field(internal_label(pair), "this_sup_internal_state", words.internal);
    document.data("this_sup_int_st", words.internal);
    document.data("this_sup_reason", pair.reason);
    document.data("this_sup_state_age_ms", age_ms(context, pair.since));
    document.line();
}

void add_other(Document& document, const Context& context, const redundancy::Snapshot& pair) {
    document.field("Other supervisor (", "other_sup", sup_name(other_slot(this_slot(pair))), ")")
        .line(std::string(kRule));
    if (pair.peer.present) {
        const auto words = words_of_other(pair);
        document.field("      Redundancy state:  ", "other_sup_rdn_state", words.redundancy);
        document.field("      Supervisor state:  ", "other_sup_sup_state", words.supervisor);
        document.field(internal_label(pair), "other_sup_internal_state", words.internal);
    } else {
        document.field("      Redundancy state:  ", "other_sup_rdn_state",
                       std::string("Not present"));
        document.data("other_sup_sup_state", {}).data("other_sup_internal_state", {});
    }
    document.data("other_sup_reason", pair.peer.reason);
    document.data("other_sup_age_ms", age_ms(context, pair.peer.since));
}

void add_collisions(Document& document, const Context& context, const redundancy::Snapshot& pair) {
    const auto mine = sup_name(this_slot(pair));
    const auto other = sup_name(other_slot(this_slot(pair)));
    Table table{"collisions",
                {},
                {{"mac", 23},
                 {"latest_time"},
                 {"age_ms", 0, false, false},
                 {"count", 0, false, false},
                 {"port", 0, false, false}},
                {}};
    for (const auto& collision : pair.collisions) {
        table.rows.push_back({collision.mac.to_string(),
                              format_collision_date(date_of(context, collision.latest_at)),
                              age_ms(context, collision.latest_at), collision.count,
                              std::string(to_string(collision.port))});
    }
    const bool any = !table.rows.empty();
    if (any) {
        document.line();
        document.line("WARNING! Conflicting " + mine + "(s) detected in same domain")
            .line(std::string(kRule));
        document.line("      MAC                Latest Collision Time");
    }
    document.table(std::move(table));
    document.data("collisions_overwritten", pair.collisions_overwritten);
    document.data("collisions_overwritten_mac",
                  pair.collisions_overwritten > 0
                      ? Value{pair.collision_overwritten_mac.to_string()}
                      : Value{});
    document.data("collisions_overwritten_age_ms",
                  optional_age_ms(context, pair.collisions_overwritten_at));
    if (!any)
        return;
    if (pair.collisions_overwritten > 0 && pair.collisions_overwritten_at) {
        document.line();
        document.line("Entries overwritten: " + std::to_string(pair.collisions_overwritten) +
                      ", the latest that of " + pair.collision_overwritten_mac.to_string() +
                      " at " +
                      format_collision_date(date_of(context, *pair.collisions_overwritten_at)));
    }
    document.line();
    document.line("NOTE: Please run the same command on " + other +
                  " to check for conflicting(if any) " + other + "(s) in the same domain.");
}

/// One that is there and cannot be the other supervisor, because it speaks another version.
void add_other_version(Document& document, const Context& context,
                       const redundancy::Snapshot& pair) {
    const auto& other = pair.other_version;
    if (other) {
        document.line();
        document.line("WARNING! " + sup_name(other_slot(this_slot(pair))) + " at " +
                      other->mac.to_string() + " speaks wire version " +
                      std::to_string(other->version) + ", this supervisor version " +
                      std::to_string(wire::kVersion));
    }
    document.data("other_version", other ? Value{std::uint64_t{other->version}} : Value{});
    document.data("other_version_mac", other ? Value{other->mac.to_string()} : Value{});
    document.data("other_version_port",
                  other ? Value{std::string(to_string(other->port))} : Value{});
    document.data("other_version_age_ms", other ? Value{age_ms(context, other->since)} : Value{});
    document.data("other_version_heard_age_ms",
                  other ? Value{age_ms(context, other->latest)} : Value{});
}

void add_arbitration(Document& document, const Context& context, const redundancy::Snapshot& pair) {
    const auto& last = pair.last_arbitration;
    document.data("last_arbitration_age_ms", last ? Value{age_ms(context, last->at)} : Value{});
    document.data("last_arbitration_loser", last ? Value{sup_name(last->loser)} : Value{});
    document.data("last_arbitration_reason", last ? Value{last->reason} : Value{});
    document.data("last_arbitration_primary", last ? Value{tuple_text(last->primary)} : Value{});
    document.data("last_arbitration_secondary",
                  last ? Value{tuple_text(last->secondary)} : Value{});
}

/// What a program wants to know beyond the layout: every state with its reason and its age.
void add_details(Document& document, const Context& context, const redundancy::Snapshot& pair) {
    document.data("pair_state", std::string(to_string(pair.state)));
    document.data("domain_id", std::uint64_t{number(pair.domain)});
    document.data("incarnation", to_string(pair.incarnation));
    document.data("degraded", pair.degraded);
    document.data("degraded_reason", pair.degraded_reason);
    document.data("degraded_age_ms",
                  pair.degraded ? Value{age_ms(context, pair.degraded_since)} : Value{});
    const auto& ports = pair.peer.ports;
    document.data("last_heard_control_age_ms",
                  optional_age_ms(context, ports[index_of(PortKind::control)].last_heard));
    document.data("last_heard_mgmt_age_ms",
                  optional_age_ms(context, ports[index_of(PortKind::mgmt)].last_heard));
    document.data("active_age_ms", optional_age_ms(context, pair.active_since));
    document.data("holds_address", context.snapshot.holds_address);
    add_arbitration(document, context, pair);
}

std::string uptime(Duration duration) {
    const auto parts = split(duration);
    return std::to_string(parts.days) + " days, " + std::to_string(parts.hours) + " hours, " +
           std::to_string(parts.minutes) + " minutes, " + std::to_string(parts.seconds) +
           " seconds";
}

}  // namespace

std::string tuple_text(const wire::ArbitrationTuple& tuple) {
    return std::to_string(tuple.module_count) + " modules, configuration revision " +
           std::to_string(tuple.configuration_revision) + ", active for " +
           format_age(std::chrono::milliseconds{tuple.active_age_ms});
}

std::string sup_name(Slot slot) {
    return "sup-" + std::to_string(number(slot));
}

Slot this_slot(const redundancy::Snapshot& pair) {
    return slot_of(pair.operational_role);
}

std::string_view mode_words(PairState state) {
    return state == PairState::active_ha || state == PairState::standby_ha ? "HA" : "None";
}

StateWords words_of_this(PairState state) {
    switch (state) {
        case PairState::standalone:
        case PairState::active_alone:
        case PairState::active_arbitrating:
            return {"Active", "Active", "Active with no standby", "active"};
        case PairState::discovering:
        case PairState::waiting:
            return {"Initializing", "Unknown", "Other", "powered-up"};
        case PairState::active_syncing:
            return {"Active", "Active", "HA synchronization in progress", "active"};
        case PairState::active_ha:
            return {"Active", "Active", "Active with HA standby", "active"};
        case PairState::switching_over:
            return {"Active", "Active", "HA switchover in progress", "active"};
        // ROLE-3: not "HA standby" before it has really caught up.
        case PairState::standby_syncing:
            return {"Standby", "Unknown", "HA synchronization in progress", "standby"};
        case PairState::standby_ha:
            return {"Standby", "HA standby", "HA standby", "ha-standby"};
        case PairState::leaving:
            return {"Offline", "Offline", "Shutting down", "powered-dn"};
    }
    return {"Unknown", "Unknown", "Unknown", "unknown"};
}

StateWords words_of_other(const redundancy::Snapshot& pair) {
    if (!pair.peer.claimed)
        return {"Unknown", "Unknown", "Unknown", "unknown"};
    switch (*pair.peer.claimed) {
        case wire::ClaimedState::initializing:
        case wire::ClaimedState::waiting:
            return {"Initializing", "Unknown", "Other", "powered-up"};
        case wire::ClaimedState::active:
            // An active says that it is active; what it is to us follows from what we are to it.
            if (pair.state == PairState::standby_ha)
                return {"Active", "Active", "Active with HA standby", "active"};
            if (pair.state == PairState::standby_syncing) {
                return {"Active", "Active", "HA synchronization in progress", "active"};
            }
            return {"Active", "Active", "Active with no standby", "active"};
        case wire::ClaimedState::switching_over:
            return {"Active", "Active", "HA switchover in progress", "active"};
        case wire::ClaimedState::standby_syncing:
            return {"Standby", "Unknown", "HA synchronization in progress", "standby"};
        case wire::ClaimedState::standby_ha:
            // Both sides agree on HA, or neither shows it.
            if (pair.state != PairState::active_ha && pair.state != PairState::switching_over) {
                return {"Standby", "Unknown", "HA synchronization in progress", "standby"};
            }
            return {"Standby", "HA standby", "HA standby", "ha-standby"};
    }
    return {"Unknown", "Unknown", "Unknown", "unknown"};
}

Document show_system_redundancy_status(const Context& context) {
    const auto& pair = context.snapshot.pair;
    Document document;
    add_role(document, pair);
    add_mode(document, pair);
    add_this(document, context, pair);
    add_other(document, context, pair);
    add_collisions(document, context, pair);
    add_other_version(document, context, pair);
    add_details(document, context, pair);
    return document;
}

Document show_redundancy_status(const Context& context) {
    const auto& pair = context.snapshot.pair;
    Document document;
    add_mode(document, pair);
    add_this(document, context, pair);
    add_other(document, context, pair);
    const auto up = std::chrono::milliseconds{age_ms(context, context.snapshot.started)};
    const auto active = pair.active_since
                            ? std::chrono::milliseconds{age_ms(context, *pair.active_since)}
                            : std::chrono::milliseconds{0};
    document.line();
    document.field("System start time:          ", "system_start_time",
                   format_ctime(context.wall_now - up));
    document.line();
    document.field("System uptime:              ", "system_uptime", uptime(up));
    document.field("Kernel uptime:              ", "kernel_uptime", uptime(context.kernel_uptime));
    document.field("Active supervisor uptime:   ", "active_supervisor_uptime", uptime(active));
    add_details(document, context, pair);
    return document;
}

}  // namespace ha::cli
