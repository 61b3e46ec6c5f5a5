// See tuples.hpp.
#include "libsim/invariants/tuples.hpp"

namespace sim::invariants {

using namespace ha;

const TupleBook::Tuple* TupleBook::in(const wire::Frame& frame) {
    if (const auto* hello = std::get_if<wire::Hello>(&frame.message))
        return hello->arbitration ? &hello->arbitration->mine : nullptr;
    if (const auto* request = std::get_if<wire::HeartbeatRequest>(&frame.message))
        return request->arbitration ? &request->arbitration->mine : nullptr;
    return nullptr;
}

bool TupleBook::note(const Sent& sent) {
    const Tuple* tuple = in(*sent.frame);
    if (tuple == nullptr)
        return true;
    const auto [entry, is_new] =
        entries_.try_emplace({sent.frame->incarnation, tuple->number}, Entry{sent.from, *tuple});
    return is_new || entry->second.tuple == *tuple;
}

bool TupleBook::was_sent(Incarnation life, const Tuple& tuple) const {
    const auto entry = entries_.find({life, tuple.number});
    return entry != entries_.end() && entry->second.tuple == tuple;
}

Incarnation TupleBook::sender_of(NodeIndex node, const Tuple& tuple) const {
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
        if (entry->second.node == node && entry->second.tuple == tuple)
            return entry->first.first;
    return kNoIncarnation;
}

}  // namespace sim::invariants
