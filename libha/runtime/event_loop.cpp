#include "libha/runtime/event_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <utility>

#include "libha/runtime/clock.hpp"

namespace ha::runtime {

namespace asio = boost::asio;

// A completion may already be queued when its owner stops, restarts or goes away: each wait carries
// the generation it was started in, and only the current one is called.

struct ReadableWatch::State : std::enable_shared_from_this<ReadableWatch::State> {
    explicit State(asio::io_context& loop) : descriptor(loop) {}

    asio::posix::stream_descriptor descriptor;
    std::shared_ptr<std::function<void()>> on_readable;
    std::uint64_t generation = 0;

    void wait() {
        descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this(),
                               started = generation](const boost::system::error_code& error) {
                                  if (error || started != self->generation)
                                      return;
                                  // Held here, so that a callback may stop its own watch.
                                  const auto callback = self->on_readable;
                                  (*callback)();
                                  if (started == self->generation)
                                      self->wait();
                              });
    }
    void stop() {
        ++generation;
        on_readable.reset();
        if (descriptor.is_open())
            descriptor.release();
    }
};

ReadableWatch::ReadableWatch(asio::io_context& loop) : state_(std::make_shared<State>(loop)) {}

ReadableWatch::~ReadableWatch() {
    stop();
}

void ReadableWatch::start(int descriptor, std::function<void()> on_readable) {
    stop();
    state_->on_readable = std::make_shared<std::function<void()>>(std::move(on_readable));
    state_->descriptor.assign(descriptor);
    state_->wait();
}

void ReadableWatch::stop() {
    state_->stop();
}

struct LoopSignal::State {
    asio::io_context& loop;
    std::function<void()> on_signal;  // the loop's thread alone
};

LoopSignal::LoopSignal(asio::io_context& loop, std::function<void()> on_signal)
    : state_(std::make_shared<State>(State{loop, std::move(on_signal)})) {}

LoopSignal::~LoopSignal() {
    state_->on_signal = nullptr;
}

void LoopSignal::raise() {
    asio::post(state_->loop, [state = state_] {
        if (state->on_signal)
            state->on_signal();
    });
}

/// Setting the kernel's timer costs more than sending a frame, and whoever has a deadline sets a
/// new one at nearly every step. So the kernel is asked only for what is earlier than it was last
/// asked for; what is later waits for that one to expire, and what is due now never gets there.
struct Timer::State : std::enable_shared_from_this<Timer::State> {
    explicit State(asio::io_context& context) : loop(context), timer(context) {}

    void arm(Instant when, std::function<void()> callback) {
        if (when == kNever)
            return cancel();
        ++generation;
        on_due = std::move(callback);
        deadline = when;
        if (deadline <= monotonic_now())
            asio::post(loop, [self = shared_from_this(), started = generation] {
                if (started == self->generation)
                    self->fire();
            });
        else if (deadline < asked_for)
            ask();
    }

    void cancel() {
        ++generation;
        on_due = {};
        deadline = asked_for = kNever;
        ++asked;
        timer.cancel();
    }

    void fire() {
        ++generation;  // it may have been posted and have expired
        const auto callback = std::exchange(on_due, {});
        deadline = kNever;
        callback();
    }

    void ask() {
        asked_for = deadline;
        // steady_clock counts the same CLOCK_MONOTONIC as Instant.
        timer.expires_at(std::chrono::steady_clock::time_point{deadline.time_since_epoch()});
        timer.async_wait(
            [self = shared_from_this(), number = ++asked](const boost::system::error_code& error) {
                if (!error && number == self->asked)
                    self->on_expired();
            });
    }

    void on_expired() {
        asked_for = kNever;
        if (deadline == kNever)
            return;
        if (deadline <= monotonic_now())
            fire();
        else
            ask();
    }

    asio::io_context& loop;
    asio::steady_timer timer;
    std::function<void()> on_due;
    Instant deadline = kNever;
    Instant asked_for = kNever;    ///< of the kernel
    std::uint64_t asked = 0;       ///< which time
    std::uint64_t generation = 0;  ///< of the deadline
};

Timer::Timer(asio::io_context& loop) : state_(std::make_shared<State>(loop)) {}

Timer::~Timer() {
    cancel();
}

void Timer::arm(Instant deadline, std::function<void()> on_due) {
    state_->arm(deadline, std::move(on_due));
}

void Timer::arm_in(Duration delay, std::function<void()> on_due) {
    arm(monotonic_now() + delay, std::move(on_due));
}

void Timer::cancel() {
    state_->cancel();
}

}  // namespace ha::runtime
