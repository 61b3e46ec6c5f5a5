// One meeting of two actives (SB-1). What is compared is frozen when it opens; either side acts
// only once it holds the other's tuple and has seen its own sent back, so both decide on identical
// data whatever changes or is lost meanwhile. Only the loser acts, and it ends with its
// incarnation.
#pragma once

#include <optional>

#include "libha/wire/frame.hpp"

namespace ha::redundancy {

class Encounter {
public:
    explicit Encounter(wire::ArbitrationTuple mine) : mine_(mine) {}

    /// Takes in the other side's part. True when it taught us something, or shows that the other
    /// side still lacks what we know: an answer is due at once.
    bool receive(const wire::Arbitration& theirs) {
        bool answer = false;
        if (theirs_ && theirs.mine.number < theirs_->number)
            return false;  // overtaken on the way by a later freeze of the same sender
        if (theirs_ != theirs.mine) {
            // Another freeze: the other side gave up the encounter and opened it anew.
            theirs_ = theirs.mine;
            echoed_ = false;
            answer = true;
        }
        const bool echoed = theirs.yours == mine_;
        answer = answer || !echoed;
        echoed_ = echoed_ || echoed;
        return answer;
    }

    /// Both sides hold both tuples, as far as this side can know.
    [[nodiscard]] bool complete() const { return theirs_.has_value() && echoed_; }
    [[nodiscard]] wire::Arbitration part() const { return {mine_, theirs_}; }
    [[nodiscard]] const wire::ArbitrationTuple& mine() const { return mine_; }
    [[nodiscard]] const std::optional<wire::ArbitrationTuple>& theirs() const { return theirs_; }

private:
    wire::ArbitrationTuple mine_;
    std::optional<wire::ArbitrationTuple> theirs_;
    bool echoed_ = false;
};

}  // namespace ha::redundancy
