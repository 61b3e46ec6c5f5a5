// Says that this process begins to crash, before the kernel writes its core, which can take as long
// as the loss interval: one byte on a descriptor, at the moment a signal comes that leaves a core.
// The signal then does what it would have done; the core shows the place of the fault.
//
// The byte proves nothing: a child that has not executed its program yet may crash, too, and a
// debugger may let the process go on. Thread: the one that made it, the main one; there is one.
#pragma once

namespace ha::runtime {

class CrashAnnouncer {
public:
    /// `descriptor`: written to, not owned. Who had a signal before (bus_errors, a sanitizer) gets
    /// it afterwards.
    explicit CrashAnnouncer(int descriptor);
    CrashAnnouncer(const CrashAnnouncer&) = delete;
    CrashAnnouncer& operator=(const CrashAnnouncer&) = delete;
    /// The signals belong to whom they belonged before, and nothing is written any more.
    ~CrashAnnouncer();
};

}  // namespace ha::runtime
