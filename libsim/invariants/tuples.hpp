// The tuples that actives have put on the wire, by the life that froze them.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "libsim/invariants/invariant.hpp"

namespace sim::invariants {

class TupleBook {
public:
    using Tuple = ha::wire::ArbitrationTuple;

    /// The tuple in a frame; null when it carries none.
    static const Tuple* in(const ha::wire::Frame& frame);
    /// Notes the sender's own tuple. False when it had sent another under the same number.
    bool note(const Sent& sent);
    /// Whether this very life sent exactly this tuple. Lives that count alike may have sent the
    /// same.
    [[nodiscard]] bool was_sent(ha::Incarnation life, const Tuple& tuple) const;
    /// The latest life on `node` that sent exactly this tuple; kNoIncarnation when none did.
    [[nodiscard]] ha::Incarnation sender_of(NodeIndex node, const Tuple& tuple) const;

private:
    struct Entry {
        NodeIndex node = kNoNode;
        Tuple tuple;
    };
    std::map<std::pair<ha::Incarnation, std::uint32_t>, Entry> entries_;
};

}  // namespace sim::invariants
