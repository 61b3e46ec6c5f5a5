// What the kernel tells of a process that ends: proof that none of its threads runs its program any
// more, long before the process is gone. docs/architecture.md explains why these are proofs.
//
// Thread: any. A process that is not there, or that cannot be looked at, gives no proof.
#pragma once

#include <sys/types.h>

namespace ha::runtime {

/// Whether the main thread is on its way out of the kernel. With all descriptors of the process
/// closed, which every thread lets go of before the last one closes them, no thread is left that
/// could do anything.
bool is_exiting(pid_t process);

/// Whether the core of the process is being written, and each of its threads either writes it,
/// waits for that to be done, or is on its way out: none comes back from there.
bool is_dumping_core(pid_t process);

}  // namespace ha::runtime
