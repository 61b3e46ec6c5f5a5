// See status_line.hpp.
#include "libha/cli/status_line.hpp"

#include "libha/cli/commands.hpp"

namespace ha::cli {
namespace {

using redundancy::PairState;

/// What goes on beyond the words for a state; empty: nothing.
std::string_view under_way(PairState state) {
    switch (state) {
        case PairState::active_arbitrating:
            return ", two actives are compared";
        case PairState::active_syncing:
        case PairState::standby_syncing:
            return ", synchronization in progress";
        case PairState::switching_over:
            return ", switchover in progress";
        case PairState::standalone:
        case PairState::discovering:
        case PairState::waiting:
        case PairState::active_alone:
        case PairState::active_ha:
        case PairState::standby_ha:
        case PairState::leaving:
            break;
    }
    return "";
}

}  // namespace

std::string status_line(const supervisor::Snapshot& snapshot) {
    const redundancy::Snapshot& pair = snapshot.pair;
    std::string line = std::string(to_string(pair.operational_role)) + ", " +
                       words_of_this(pair.state).module + ", ";
    if (pair.operational_role != Role::standalone) {
        line += pair.peer.present ? "peer " + words_of_other(pair).module : "no peer";
        line += ", ";
    }
    line += "mode " + std::string(mode_words(pair.state));
    line += under_way(pair.state);
    if (pair.degraded) {
        line += ", degraded: " + pair.degraded_reason;
    }
    if (snapshot.store_failed) {
        line += ", changes cannot be stored";
    }
    return line;
}

}  // namespace ha::cli
