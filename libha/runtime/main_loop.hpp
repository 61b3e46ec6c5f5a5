// What every daemon of the suite needs around its machine: the loop on the main thread, the signals
// it obeys, and starting anew in place.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace ha::runtime {

class MainLoop {
public:
    MainLoop();
    ~MainLoop();
    MainLoop(const MainLoop&) = delete;
    MainLoop& operator=(const MainLoop&) = delete;

    [[nodiscard]] boost::asio::io_context& context();
    /// SIGTERM and SIGINT call `stop`, SIGHUP calls `reread`. SIGPIPE is ignored from now on. What
    /// arrives when this loop has ended waits for the next one. Call it on the main thread.
    void on_signals(std::function<void()> stop, std::function<void()> reread);
    /// Has `work` done on the loop. From any thread.
    void post(std::function<void()> work);
    /// Has `work` done on the loop and waits for it: false when the loop has stopped, or the limit
    /// has passed; the work may then still be done. From any thread but the loop's.
    bool call(std::function<void()> work, std::chrono::milliseconds limit);
    /// Runs until stop().
    void run();
    void stop();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// From now on SIGTERM, SIGINT and SIGHUP wait for a main loop to take them, also across
/// start_anew(). Call it on the main thread before any other thread begins.
void hold_signals();

/// Replaces this process by a fresh one of the same program and arguments, which finds `reason`
/// with take_restart_reason(). Everything must have been closed and written. A signal that was held
/// and not taken reaches the fresh process. Returns only on failure, with the error as one
/// sentence.
std::string start_anew(char* const* arguments, const std::string& reason);
/// Why the process before this one started anew; empty when this is a first start.
std::string take_restart_reason();

}  // namespace ha::runtime
