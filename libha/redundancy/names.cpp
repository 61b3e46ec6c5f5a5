// The printed names of the pair's vocabulary, and docs/states.md made of them.
#include "libha/redundancy/state_table.hpp"

namespace ha::redundancy {

std::string_view to_string(PairState state) {
    static constexpr std::array<std::string_view, kPairStateCount> kNames = {
        "standalone", "discovering",        "waiting",        "active-alone",    "active-syncing",
        "active-ha",  "active-arbitrating", "switching-over", "standby-syncing", "standby-ha",
        "leaving"};
    return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(PairEvent event) {
    static constexpr std::array<std::string_view, kPairEventCount> kNames = {
        "peer-initializing",    "peer-waiting",        "peer-active",     "peer-standby-syncing",
        "peer-standby-ha",      "peer-switching-over", "peer-restarted",  "peer-leaving",
        "peer-crashed",         "reset-ordered",       "reset-requested", "switchover-ordered",
        "synchronized",         "out-of-sync",         "window-expired",  "peer-lost",
        "arbitration-won",      "arbitration-lost",    "stop-requested",  "reload-requested",
        "switchover-requested", "switchover-expired",  "role-changed",    "standby-reload",
        "other-version-heard",  "other-version-stays"};
    return kNames[static_cast<std::size_t>(event)];
}

std::string_view to_string(Verdict verdict) {
    static constexpr std::array<std::string_view, 4> kNames = {"taken", "ignored", "impossible",
                                                               "peer's error"};
    return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view to_string(Action action) {
    static constexpr std::array<std::string_view, 29> kNames = {"none",
                                                                "answer",
                                                                "elect",
                                                                "hold-window",
                                                                "follow",
                                                                "become-active",
                                                                "take-over",
                                                                "admit",
                                                                "hear",
                                                                "obey",
                                                                "confirm",
                                                                "ready",
                                                                "drop-peer",
                                                                "order-reset",
                                                                "arbitrate",
                                                                "end-encounter",
                                                                "win",
                                                                "reset-self",
                                                                "leave",
                                                                "begin-switchover",
                                                                "order-switchover",
                                                                "cancel-switchover",
                                                                "refuse-switchover",
                                                                "hand-over",
                                                                "take-back",
                                                                "reset-both",
                                                                "hold-back",
                                                                "yield-to-other-version",
                                                                "open-to-peers"};
    return kNames[static_cast<std::size_t>(action)];
}

std::string_view to_string(PeerMacPolicy policy) {
    switch (policy) {
        case PeerMacPolicy::sticky:
            return "sticky";
        case PeerMacPolicy::replace_when_absent:
            return "replace-when-absent";
        case PeerMacPolicy::fixed:
            return "static";
    }
    return "unknown";
}

std::string render_state_table() {
    std::string page =
        "# The states of the pair\n\n"
        "Printed from the table that the program executes (`libha/redundancy/state_table.cpp`); a "
        "test compares\n"
        "the two. Every event has a cell in every state. `taken`: the action is carried out. "
        "`ignored`: it may\n"
        "happen and means nothing here. `impossible`: only this program could cause it, an "
        "assertion.\n"
        "`peer's error`: only a faulty peer could cause it; it is counted as `not-for-us` and "
        "changes nothing.\n"
        "No cell under \"leads to\" means that the state stays.\n";
    std::string_view last_state;
    for (const Cell& row : state_table()) {
        const std::string_view state = to_string(row.state);
        if (state != last_state) {
            page +=
                "\n## " + std::string(state) +
                "\n\n| event | verdict | action | leads to | because |\n|---|---|---|---|---|\n";
            last_state = state;
        }
        page += "| " + std::string(to_string(row.event)) + " | " +
                std::string(to_string(row.verdict)) + " | " +
                (row.action == Action::none ? "" : std::string(to_string(row.action))) + " | " +
                std::string(row.next) + " | " + std::string(row.why) + " |\n";
    }
    return page;
}

}  // namespace ha::redundancy
