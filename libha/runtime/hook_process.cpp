// See hook_process.hpp.
#include "libha/runtime/hook_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};

/// Both ends closed on exec; false when there are no descriptors left.
bool open_pipe(Pipe& pipe) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return false;
    pipe = {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
    return true;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (const std::string& word : words)
        pointers.push_back(const_cast<char*>(word.c_str()));  // exec does not change them
    pointers.push_back(nullptr);
    return pointers;
}

/// The output in lines, within the bounds.
class Lines {
public:
    explicit Lines(const std::function<void(const std::string&)>& tell) : tell_(tell) {}

    void take(std::string_view bytes) {
        for (const char character : bytes) {
            if (character == '\n')
                end_line();
            else if (line_.size() < kMaximumHookLine)
                line_ += character;
        }
    }
    void end() {
        if (!line_.empty())
            end_line();
    }

private:
    void end_line() {
        if (++count_ <= kMaximumHookLines)
            tell_(line_);
        else if (count_ == kMaximumHookLines + 1)
            tell_("(more lines are not shown)");
        line_.clear();
    }

    const std::function<void(const std::string&)>& tell_;
    std::string line_;
    std::size_t count_ = 0;
};

/// Of its own group, without our priority, signals and descriptors. An errno, or 0.
int spawn(const HookRun& run, int input, int output, pid_t& child) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&files, "/");
    // What whoever started the daemon left open is not for hooks either.
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t signals{};
    ::sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    ::sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setschedpolicy(&attributes, SCHED_OTHER);
    const sched_param ordinary{};
    posix_spawnattr_setschedparam(&attributes, &ordinary);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSCHEDULER);
    const int code =
        ::posix_spawn(&child, run.command.front().c_str(), &files, &attributes,
                      pointers_to(run.command).data(), pointers_to(run.environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

std::string describe_seconds(Duration duration) {
    const auto tenths =
        std::chrono::ceil<std::chrono::duration<std::int64_t, std::deci>>(duration).count();
    std::string text = std::to_string(tenths / 10);
    if (tenths % 10 != 0)
        text += "." + std::to_string(tenths % 10);
    return text + " s";
}

/// A child that runs.
class Child {
public:
    Child(const HookRun& run, pid_t process, FileDescriptor output, Lines& lines)
        : run_(run),
          process_(process),
          process_file_(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))),
          output_(std::move(output)),
          lines_(lines),
          deadline_(monotonic_now() + run.limit) {
        ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    }

    /// Until its end, or until it is killed.
    std::string wait() {
        std::string killed;
        while (!ended() && killed.empty()) {
            const Instant now = monotonic_now();
            if (now >= deadline_)
                killed = hurried_ ? "killed, for the program ends"
                                  : "killed after " + describe_seconds(run_.limit);
            else
                wait_for_something(deadline_ - now);
        }
        // Whoever the command left behind in its group must not outlive its time.
        ::kill(-process_, SIGKILL);
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
        }
        read_output();
        lines_.end();
        return killed.empty() ? describe(status) : killed;
    }

private:
    /// Whether it has ended by itself; it stays a zombie, so that its number is not used again.
    [[nodiscard]] bool ended() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) !=
                   0 ||
               info.si_pid == process_;
    }

    void wait_for_something(Duration limit) {
        std::array<pollfd, 3> ready{pollfd{process_file_.get(), POLLIN, 0},
                                    pollfd{output_open_ ? output_.get() : -1, POLLIN, 0},
                                    pollfd{hurried_ ? -1 : run_.hurry, POLLIN, 0}};
        // Without a descriptor of the process (an old kernel), its end is looked for often.
        const auto longest = std::chrono::milliseconds(process_file_.valid() ? 1000 : 20);
        const auto pause =
            std::min<Duration>(longest, std::max<Duration>(limit, std::chrono::milliseconds(1)));
        ::poll(ready.data(), ready.size(),
               static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(pause).count()));
        if (ready[1].revents != 0)
            read_output();
        if (ready[2].revents != 0) {
            hurried_ = true;
            deadline_ = std::min(deadline_, monotonic_now() + run_.hurry_limit);
        }
    }

    /// What is there; bounded, for it may print faster than it is read.
    void read_output() {
        std::array<char, 4096> buffer{};
        for (unsigned round = 0; round < 64 && output_open_; ++round) {
            const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
            if (got > 0)
                lines_.take({buffer.data(), static_cast<std::size_t>(got)});
            else if (got < 0 && (errno == EAGAIN || errno == EINTR))
                return;
            else
                output_open_ = false;
        }
    }

    static std::string describe(int status) {
        if (WIFSIGNALED(status))
            return "ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
                   ::strsignal(WTERMSIG(status)) + ")";
        if (WEXITSTATUS(status) != 0)
            return "exit status " + std::to_string(WEXITSTATUS(status));
        return {};
    }

    const HookRun& run_;
    pid_t process_;
    FileDescriptor process_file_;
    FileDescriptor output_;
    bool output_open_ = true;
    Lines& lines_;
    Instant deadline_;
    bool hurried_ = false;
};

}  // namespace

std::string run_hook_process(const HookRun& run,
                             const std::function<void(const std::string& line)>& tell) {
    Pipe input;
    Pipe output;
    if (!open_pipe(input) || !open_pipe(output))
        return "cannot be started: " + describe_error(errno);
    // Before it starts: what a pipe takes at once needs no reader. A command that never reads is
    // as good as one that does.
    ::fcntl(input.write_end.get(), F_SETFL, O_NONBLOCK);
    if (::write(input.write_end.get(), run.input.data(), run.input.size()) !=
        static_cast<ssize_t>(run.input.size()))
        return "cannot be started: its input is too long";
    pid_t child = -1;
    const int code = spawn(run, input.read_end.get(), output.write_end.get(), child);
    if (code != 0)
        return "cannot be started: " + describe_error(code);
    input = {};
    output.write_end = {};
    Lines lines(tell);
    return Child(run, child, std::move(output.read_end), lines).wait();
}

}  // namespace ha::runtime
