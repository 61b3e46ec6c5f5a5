// Turns the kernel's receive stamps, which are wall-clock times, into monotonic instants, so that
// liveness is judged by when a frame arrived and not by when it was read (BEHAVIOUR HB-7), and no
// stepped clock can make a frame older or younger than it can be. Pure: it is told both clocks.
#pragma once

#include "libha/base/time.hpp"

namespace ha::runtime {

/// Both clocks, read one right after the other.
struct ClockReading {
    Duration wall;  ///< since the epoch
    Instant monotonic;
};

/// One port's frames, in the order the kernel queued them.
///
/// What is certain whatever the wall clock says: a frame read now arrived after the port's queue
/// was last found empty, not before the frame in front of it, and not in the future. Inside these
/// bounds the stamp decides. A step between arrival and reading is visible as a change of the
/// offset between the clocks: of the ages by the old and by the new offset the smaller possible one
/// is taken, since one interval of patience too much costs less than a false failover.
class ReceiveTimes {
public:
    /// Nothing read on this port can have arrived before `opened`.
    explicit ReceiveTimes(const ClockReading& opened);

    /// When the frame stamped `stamp` and read at `now` arrived. Never later than now.monotonic.
    Instant received_at(Duration stamp, const ClockReading& now);

    /// The queue was read until empty; `before` was taken before the read that found it so.
    void queue_was_empty(const ClockReading& before);

private:
    Instant earliest_;  ///< the next frame cannot have arrived before
    Duration offset_;   ///< wall minus monotonic when the queue was last empty
};

}  // namespace ha::runtime
