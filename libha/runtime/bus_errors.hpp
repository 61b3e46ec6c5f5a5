// A file that this process has mapped, and that somebody else cuts short at the wrong moment or its
// disk cannot read, ends the process with SIGBUS. That stays so, for nothing is known of what it
// was doing; but the last line it writes says why. RecordStore sees to it that there is hardly such
// a moment.
#pragma once

namespace ha::runtime {

/// From now on SIGBUS writes one line to standard error before it ends the process as ever, with a
/// core where that is wanted. For the whole process; a program that it executes starts without.
void explain_bus_errors();

}  // namespace ha::runtime
