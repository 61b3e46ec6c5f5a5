// The count of a node's lives, from which incarnations are made (BEHAVIOUR BOOT-5, SB-5).
#pragma once

#include <cstdint>

#include "libha/base/identity.hpp"
#include "libha/base/time.hpp"

namespace ha {

/// The boot counter of the life that begins now: one more than stored, and at least the quarter
/// seconds since 2020 of the wall clock, so that a lost store or a replaced machine does not look
/// older than the life its peer remembers. A wrong clock only costs that help.
std::uint32_t next_boot(std::uint32_t stored, WallTime now);
/// Both parts of an incarnation. Lives that count the same, because a store was lost between them,
/// are in order by the milliseconds of the quarter second; 24 of `random_bits` tell apart the rest.
Incarnation make_incarnation(std::uint32_t boots, WallTime now, std::uint32_t random_bits);

}  // namespace ha
