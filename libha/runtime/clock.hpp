// The only place that asks what time it is. Everything that decides is told (libha/base/time.hpp).
#pragma once

#include "libha/base/time.hpp"

namespace ha::runtime {

/// CLOCK_MONOTONIC: the clock of every duration and deadline (BEHAVIOUR HB-7).
Instant monotonic_now();

/// A date to print.
WallTime wall_now();

/// CLOCK_REALTIME since its epoch, in full resolution: what kernel receive stamps count in. Of use
/// for turning those stamps into ages (receive_times.hpp) and for nothing else.
Duration wall_clock_reading();

/// Since the kernel booted, suspends included.
Duration kernel_uptime();

}  // namespace ha::runtime
