// Facts of a pair and one module that the tests make up, to be shown to one invariant at a time.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <set>

#include "libsim/invariants/all.hpp"

namespace sim::invariants::test {

using namespace std::chrono_literals;
using ha::redundancy::PairState;

inline constexpr NodeIndex kA = 0;       ///< the primary, active
inline constexpr NodeIndex kB = 1;       ///< the secondary, its HA standby
inline constexpr NodeIndex kModule = 2;  ///< attached to it
inline constexpr ha::DomainId kDomain{100};
inline constexpr ha::Uuid kHost{{7}};
inline constexpr ha::Uuid kOtherHost{{8}};

class Bench {
public:
    using Make = std::unique_ptr<Invariant> (*)(Facts&);

    explicit Bench(Make make) : invariant(make(facts)) {
        facts.now = Instant{1000s};
        facts.names = {"vsm-a", "vsm-b", "vem-3"};
        facts.supervisors.resize(3);
        facts.modules.resize(3);
        fill(kA, ha::Role::primary, PairState::active_ha);
        fill(kB, ha::Role::secondary, PairState::standby_ha);
        a().brief.holds_address = a().has_address = true;
        ModuleFacts& module = facts.modules[kModule];
        module.known = module.runs = true;
        module.domain = kDomain;
        module.host = kHost;
        module.headless_after = 15s;
        module.incarnation = ha::Incarnation{3};
        module.number = ha::Slot{3};
        PairFacts pair;
        pair.domain = kDomain;
        pair.members = {kA, kB};
        pair.heartbeat_interval = 1s;
        pair.loss_interval = 15s;
        pair.path_since = facts.now;
        facts.pairs.push_back(pair);
        invariant->on_life(kA);
        invariant->on_life(kB);
    }

    SupervisorFacts& a() { return facts.supervisors[kA]; }
    SupervisorFacts& b() { return facts.supervisors[kB]; }
    PairFacts& pair() { return facts.pairs[0]; }
    void pass(Duration duration) { facts.now += duration; }

    void change(NodeIndex node, PairState from, PairState to, std::string event = "peer-lost") {
        facts.supervisors[node].state = to;
        invariant->on_state(node, {from, to, std::move(event), "because"});
    }
    /// A frame of the node as it should be, less what `spoil` changes.
    template <typename Spoil>
    void send(NodeIndex node, ha::wire::Message message, Spoil spoil) {
        const SupervisorFacts& sender = facts.supervisors[node];
        ha::wire::Frame frame;
        frame.domain = sender.domain;
        frame.slot = slot_of(sender.role);
        frame.role = sender.role;
        frame.incarnation = sender.incarnation;
        frame.sequence = ++sequence_;
        frame.message = std::move(message);
        Frame raw;
        raw.from = node;
        spoil(frame, raw);
        invariant->on_sent({node, &raw, &frame});
    }
    void send(NodeIndex node, ha::wire::Message message) {
        send(node, std::move(message), [](ha::wire::Frame&, Frame&) {});
    }
    /// The guardian of this life of `from` says that it is dead, and `to` hears it.
    void gasp(NodeIndex from, NodeIndex to, ha::Incarnation life) {
        ha::wire::Frame frame;
        frame.incarnation = life;
        frame.message = ha::wire::Leaving{{}, life, ha::wire::LeaveReason::crash};
        Frame raw;
        raw.from = from;
        invariant->on_gasp_sent({from, &raw, &frame});
        invariant->on_gasp_arrived({from, to, &raw, &frame});
    }
    /// A hello of the present life of `from` reaches `to`.
    void arrive(NodeIndex from, NodeIndex to) {
        ha::wire::Frame frame;
        frame.incarnation = facts.supervisors[from].incarnation;
        frame.message = ha::wire::Hello{};
        Frame raw;
        raw.from = from;
        invariant->on_arrived({from, to, &raw, &frame});
    }
    static ha::wire::SupervisorStatus status(ha::wire::ClaimedState state) {
        ha::wire::SupervisorStatus made;
        made.state = state;
        return made;
    }
    /// An answer of the standby that claims to hold a revision of the active.
    void claim(std::uint64_t revision) {
        ha::wire::HeartbeatResponse response{status(ha::wire::ClaimedState::standby_ha), 1};
        response.status.names = a().incarnation;
        response.status.applied_revision = revision;
        send(kB, response);
    }
    void accept(std::uint8_t number) {
        send(kA,
             ha::wire::ModuleAccept{facts.modules[kModule].incarnation, ha::Slot{number}, 1s, {}});
    }

    /// Nothing was told since the last look.
    bool held() { return told() == 0; }
    /// One violation was told since the last look.
    bool broken() {
        const bool is_ours =
            !facts.violations.empty() && facts.violations.back().invariant == invariant->id();
        return told() == 1 && is_ours;
    }

    Facts facts;
    std::unique_ptr<Invariant> invariant;

private:
    std::size_t told() {
        const std::size_t count = facts.violations.size() - looked_;
        looked_ = facts.violations.size();
        return count;
    }
    void fill(NodeIndex node, ha::Role role, PairState state) {
        SupervisorFacts& made = facts.supervisors[node];
        made.known = made.lives = made.runs = true;
        made.domain = kDomain;
        made.role = role;
        made.heartbeat_interval = 1s;
        made.loss_interval = 15s;
        made.address_lease = 30s;
        made.incarnation = ha::Incarnation{std::uint64_t{node + 1} << 32U};
        made.process = ProcessState::running;
        made.process_since = made.began = made.state_since = made.active_since = facts.now;
        made.state = state;
    }

    std::uint64_t sequence_ = 0;
    std::size_t looked_ = 0;
};

}  // namespace sim::invariants::test
