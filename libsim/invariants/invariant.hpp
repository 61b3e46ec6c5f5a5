// What must always hold. Each invariant is a small class of its own in a file of its own that is
// told what happened after the facts took it in, and writes down violations with the facts. It
// looks at what can be observed from outside: frames, states, stored data, addresses, reports.
#pragma once

#include <memory>
#include <vector>

#include "libsim/invariants/facts.hpp"

namespace sim::invariants {

/// A frame that a node put on the network, read.
struct Sent {
    NodeIndex from = kNoNode;
    const Frame* raw = nullptr;
    const ha::wire::Frame* frame = nullptr;
};

/// A frame of a supervisor or a module that reached a supervisor that takes inputs.
struct Arrived {
    NodeIndex from = kNoNode;  ///< kNoNode: injected
    NodeIndex to = kNoNode;
    const Frame* raw = nullptr;
    const ha::wire::Frame* frame = nullptr;
};

struct StateChange {
    PairState from = PairState::discovering;
    PairState to = PairState::discovering;
    std::string event;
    std::string reason;
};

class Invariant {
public:
    explicit Invariant(Facts& facts) : facts_(facts) {}
    virtual ~Invariant() = default;
    Invariant(const Invariant&) = delete;
    Invariant& operator=(const Invariant&) = delete;

    /// "one-active": what a failing seed names.
    [[nodiscard]] virtual const char* id() const = 0;
    /// What must hold, in one sentence.
    [[nodiscard]] virtual const char* sentence() const = 0;

    /// A supervisor began a life; nothing of it has been told yet.
    virtual void on_life(NodeIndex /*node*/) {}
    /// The life of a supervisor is over; its facts are still those of that life.
    virtual void on_end(NodeIndex /*node*/, const std::string& /*how*/) {}
    virtual void on_state(NodeIndex /*node*/, const StateChange& /*change*/) {}
    virtual void on_sent(const Sent& /*sent*/) {}
    virtual void on_arrived(const Arrived& /*arrived*/) {}
    /// The dying gasp of a life of this node is sent; it is told here only. It says what was, and
    /// is no sign that anybody lives.
    virtual void on_gasp_sent(const Sent& /*sent*/) {}
    /// One reached a supervisor.
    virtual void on_gasp_arrived(const Arrived& /*arrived*/) {}
    virtual void on_report(NodeIndex /*node*/, const ha::catalog::Report& /*report*/) {}
    /// An operator asks this supervisor for a change.
    virtual void on_change(NodeIndex /*node*/, const ha::supervisor::ChangeRequested& /*change*/) {}
    /// An operator asks this supervisor to hand over; the other one has the entry of it.
    virtual void on_switchover_asked(NodeIndex /*node*/) {}
    /// He is told what became of it.
    virtual void on_completed(NodeIndex /*node*/,
                              const ha::supervisor::ChangeCompleted& /*completed*/) {}
    virtual void on_verdict(NodeIndex /*node*/,
                            const ha::redundancy::ArbitrationOutcome& /*outcome*/) {}
    /// A timer of a supervisor or a module fired.
    virtual void on_tick(NodeIndex /*node*/) {}
    /// A node's step is complete and the facts are up to date.
    virtual void on_stepped(NodeIndex /*node*/) {}

protected:
    void violate(std::string what) { facts_.violate(id(), std::move(what)); }
    [[nodiscard]] const std::string& name(NodeIndex node) const { return facts_.names[node]; }
    [[nodiscard]] SupervisorFacts& supervisor(NodeIndex node) { return facts_.supervisors[node]; }

    Facts& facts_;
};

using Invariants = std::vector<std::unique_ptr<Invariant>>;

}  // namespace sim::invariants
