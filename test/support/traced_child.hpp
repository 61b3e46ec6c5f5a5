// A piece of a test in a process of its own that stops when it enters and when it leaves each
// system call: what a process changes outside of itself changes there alone.
#pragma once

#include <sys/ptrace.h>

#include <csignal>
#include <string>

#include "test/support/child_process.hpp"

namespace test {

class TracedChild {
public:
    /// Runs `what` in the child, up to its first system call after it is traced.
    template <typename What>
    explicit TracedChild(const What& what)
        : process_(start_child([&what] {
              if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
                  return 77;
              ::raise(SIGSTOP);
              return what();
          })) {
        wait();
        is_traced_ = is_stopped();
        if (is_traced_)
            ::ptrace(PTRACE_SETOPTIONS, process_, nullptr, PTRACE_O_TRACESYSGOOD);
    }
    ~TracedChild() {
        if (is_stopped())
            kill();
    }
    TracedChild(const TracedChild&) = delete;
    TracedChild& operator=(const TracedChild&) = delete;

    /// False: this machine lets nobody trace a child.
    [[nodiscard]] bool is_traced() const { return is_traced_; }
    /// It waits for go_on() or kill().
    [[nodiscard]] bool is_stopped() const { return WIFSTOPPED(status_); }
    /// It ended by itself.
    [[nodiscard]] bool has_finished() const { return WIFEXITED(status_); }

    /// Up to the next stop, or to its end.
    void go_on() {
        ::ptrace(PTRACE_SYSCALL, process_, nullptr, nullptr);
        wait();
    }
    void kill() {
        ::kill(process_, SIGKILL);
        wait();
    }

    /// The system call that it enters or leaves; neither at other stops.
    [[nodiscard]] __ptrace_syscall_info system_call() const {
        __ptrace_syscall_info call{};
        ::ptrace(PTRACE_GET_SYSCALL_INFO, process_, sizeof call, &call);
        return call;
    }
    /// A folder or file below /proc of the child.
    [[nodiscard]] std::string proc(const std::string& name) const {
        return "/proc/" + std::to_string(process_) + "/" + name;
    }

private:
    void wait() {
        if (::waitpid(process_, &status_, 0) != process_)
            status_ = 0;
    }

    pid_t process_;
    int status_ = 0;
    bool is_traced_ = false;
};

}  // namespace test
