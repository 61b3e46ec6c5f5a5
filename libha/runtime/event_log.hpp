// Everything that happened at this node: each report of the log as a numbered event, kept on disk
// and given to whoever follows. Relates to Log, whose reports it observes, to events::Ring, and to
// the control socket and the hooks, which read from it. It lives as long as the process: several
// lives of a supervisor are one sequence.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libha/catalog/catalog.hpp"
#include "libha/events/ring.hpp"

namespace ha::runtime {

class Log;

/// Up to where the hooks have got. Kept with the events, so that a restart repeats nothing.
struct HookMark {
    std::uint64_t sequence = 1;  ///< of the event that comes next, or is being handed out
    std::uint32_t started = 0;   ///< how many of its hooks have been started
    bool running = false;        ///< the last of them was not seen to end
    friend bool operator==(const HookMark&, const HookMark&) = default;
};

/// Every public function may be called from any thread.
class EventLog {
public:
    /// Opens `directory`/events.mdb and observes the log from now on. Without a store, which is
    /// reported, events are kept in memory alone.
    EventLog(const std::string& directory, Log& log);
    /// Observes no more and writes what waits. Nobody may watch any more.
    ~EventLog();
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    struct Batch {
        std::vector<events::KeptEvent> events;
        std::uint64_t oldest = 0;  ///< that is kept; 0: none
        std::uint64_t newest = 0;
    };
    /// Events behind `sequence`, at most `limit`. An event is there once it is durable, or its
    /// store has failed: a number that was given away is never used again.
    [[nodiscard]] Batch after(std::uint64_t sequence, std::size_t limit) const;

    /// Has `watcher` called after events were added: on some thread, it must not wait. Gives what
    /// unwatch() takes; when that returns the watcher is not called any more.
    std::uint64_t watch(std::function<void()> watcher);
    void unwatch(std::uint64_t watch);

    /// Waits until every event recorded so far is there for after().
    void flush();

    [[nodiscard]] HookMark hook_mark() const;
    /// Is written with the next event, or at the end.
    void set_hook_mark(const HookMark& mark);
    /// Returns once the mark is durable, or cannot be.
    void keep_hook_mark(const HookMark& mark);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
