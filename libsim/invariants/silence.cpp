// See silence.hpp.
#include "libsim/invariants/silence.hpp"

namespace sim::invariants {

using namespace ha;

namespace {

bool has_peer(PairState state) {
    return state == PairState::active_syncing || state == PairState::active_ha ||
           state == PairState::active_arbitrating || state == PairState::switching_over ||
           redundancy::is_standby(state);
}

}  // namespace

void SilenceBook::on_life(NodeIndex node) {
    relations_[node] = {};
    std::erase_if(seen_, [&](const Seen& seen) { return std::get<0>(seen) == node; });
}

void SilenceBook::on_state(NodeIndex node, const StateChange& change) {
    if (!has_peer(change.to))
        return;
    // Becoming HA, or hot, is no new relation.
    const bool goes_on =
        (change.from == PairState::active_syncing && change.to == PairState::active_ha) ||
        (change.from == PairState::active_ha && change.to == PairState::switching_over) ||
        (change.from == PairState::switching_over && change.to == PairState::active_ha) ||
        (change.from == PairState::standby_syncing && change.to == PairState::standby_ha);
    if (goes_on)
        return;
    relations_[node] = {facts_.now, speakers_[node], {}};
}

bool SilenceBook::counts(const Arrived& arrived, const Relation& relation) const {
    const SupervisorFacts& hearer = facts_.supervisors[arrived.to];
    const wire::Frame& frame = *arrived.frame;
    // Who puts a lost frame on the network again only delays it.
    const bool is_peers = arrived.from == facts_.partner_of(arrived.to) || arrived.from == kNoNode;
    if (frame.incarnation != relation.peer || !is_peers || frame.port != arrived.raw->port ||
        frame.domain != hearer.domain)
        return false;
    const MacAddress& learnt = hearer.learnt[index_of(arrived.raw->port)];
    if (!learnt.is_zero() && learnt != arrived.raw->source)
        return false;
    const wire::SupervisorStatus* status = nullptr;
    if (const auto* hello = std::get_if<wire::Hello>(&frame.message))
        status = &hello->status;
    else if (const auto* request = std::get_if<wire::HeartbeatRequest>(&frame.message))
        status = &request->status;
    else if (const auto* response = std::get_if<wire::HeartbeatResponse>(&frame.message))
        status = &response->status;
    if (status == nullptr)
        return false;
    if (hearer.is_standby())
        return (status->state == wire::ClaimedState::active ||
                status->state == wire::ClaimedState::switching_over) &&
               (!hearer.authenticated || status->names == hearer.incarnation);
    // An order to reset was meant for the standby that it was: an active takes it for no sign of
    // life.
    if (hearer.state == PairState::active_arbitrating)
        return status->state == wire::ClaimedState::active &&
               !status->has(wire::ControlFlag::reset_yourself) &&
               (!hearer.authenticated || status->names == hearer.incarnation);
    const bool answers = status->state == wire::ClaimedState::standby_syncing ||
                         status->state == wire::ClaimedState::standby_ha;
    return answers && status->names == hearer.incarnation &&
           status->applied_revision <= hearer.brief.revision;
}

void SilenceBook::on_arrived(const Arrived& arrived) {
    speakers_[arrived.to] = arrived.frame->incarnation;
    Relation& relation = relations_[arrived.to];
    const Seen seen{arrived.to, arrived.raw->port, arrived.raw->source, arrived.frame->incarnation,
                    arrived.frame->sequence};
    if (!seen_.insert(seen).second || !counts(arrived, relation))
        return;
    Instant& heard = relation.heard[index_of(arrived.raw->port)];
    heard = std::max(heard, arrived.raw->at);
}

}  // namespace sim::invariants
