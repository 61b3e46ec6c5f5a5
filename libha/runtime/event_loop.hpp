// A readable descriptor and a timer on the daemon's Asio loop, without Asio in any header: its
// templates cost seconds a translation unit, and event_loop.cpp pays them once for everybody.
//
// Thread: everything here belongs to the thread that runs the io_context, but for
// LoopSignal::raise().
#pragma once

#include <functional>
#include <memory>

#include "libha/base/time.hpp"

namespace boost::asio {
class io_context;
}

namespace ha::runtime {

/// Calls back whenever a descriptor is readable or in error, until stopped. Does not own the
/// descriptor: stop() before closing it. One call a wake-up; what is left unread calls again.
class ReadableWatch {
public:
    explicit ReadableWatch(boost::asio::io_context& loop);
    ~ReadableWatch();
    ReadableWatch(const ReadableWatch&) = delete;
    ReadableWatch& operator=(const ReadableWatch&) = delete;

    void start(int descriptor, std::function<void()> on_readable);
    /// No call after this, not even one that was already due. Allowed from inside the callback.
    void stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Has a callback made on the loop, from any thread. Signals raised before the callback runs may
/// share one call or not.
class LoopSignal {
public:
    LoopSignal(boost::asio::io_context& loop, std::function<void()> on_signal);
    /// No call after this. No other thread may be raising any more.
    ~LoopSignal();
    LoopSignal(const LoopSignal&) = delete;
    LoopSignal& operator=(const LoopSignal&) = delete;

    void raise();

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// One deadline at a time; arming again replaces it, and costs next to nothing unless the new one
/// is the earlier.
class Timer {
public:
    explicit Timer(boost::asio::io_context& loop);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Calls back once at `deadline`, soon when that is past, never for kNever.
    void arm(Instant deadline, std::function<void()> on_due);
    void arm_in(Duration delay, std::function<void()> on_due);
    /// No call after this, not even one that was already due.
    void cancel();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace ha::runtime
