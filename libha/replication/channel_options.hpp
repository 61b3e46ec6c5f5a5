// What both ends of a channel are told. message_limit and receive_limit must be the same on both
// sides of a pair: a receiver takes no longer messages than its own limit.
#pragma once

#include <chrono>
#include <cstddef>

#include "libha/base/time.hpp"
#include "libha/wire/frame.hpp"

namespace ha::replication {

struct ChannelOptions {
    /// Of a message in one frame, at most; 1…wire::kMaximumChannelBytes.
    std::size_t fragment_bytes = wire::kMaximumChannelBytes;
    /// Bytes accepted and not yet acknowledged, at most (HB-5). Messages count 64 bytes at least.
    std::size_t buffer_limit = std::size_t{64} << 20U;
    /// Bytes the receiver keeps for gaps and an unfinished message: its window. Counts as
    /// twice message_limit when it is less, so that a message in the making never closes it.
    std::size_t receive_limit = std::size_t{4} << 20U;
    /// Of one message.
    std::size_t message_limit = std::size_t{2} << 20U;
    /// Frames under way at most. Half of what the ring of a port holds (L2PortOptions), so that a
    /// receiver that does not run for a moment loses none, and heartbeats find a place beside them
    /// should it have no queue for bulk.
    std::size_t flight_limit = 256;
    /// Until a round trip was measured. A timeout sends a single frame, so a short one is cheap.
    Duration first_timeout = std::chrono::milliseconds{100};
    /// Longer than a receiver holds an acknowledgement back.
    Duration minimum_timeout = std::chrono::milliseconds{20};
    /// What repeated timeouts grow to: how long a healed path may go unnoticed.
    Duration maximum_timeout = std::chrono::seconds{2};
    /// How long the receiver may wait for more frames to acknowledge together.
    Duration acknowledgement_delay = std::chrono::milliseconds{5};
};

}  // namespace ha::replication
