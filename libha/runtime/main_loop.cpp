// The main loop on Boost.Asio. See main_loop.hpp.
#include "libha/runtime/main_loop.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

namespace asio = boost::asio;

constexpr const char* kReasonVariable = "VSM_HA_RESTART_REASON";

sigset_t obeyed_signals() {
    sigset_t set{};
    ::sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        ::sigaddset(&set, number);
    }
    return set;
}

}  // namespace

class MainLoop::Implementation {
public:
    void wait_for_signals() {
        signals.async_wait(asio::posix::stream_descriptor::wait_read,
                           [this](const boost::system::error_code& error) {
                               if (error) {
                                   return;
                               }
                               wait_for_signals();
                               take_signal();
                           });
    }

    /// One signal for each turn of the loop: what comes after the loop was stopped stays with the
    /// kernel, for the next loop or the next process.
    void take_signal() {
        signalfd_siginfo signal{};
        if (::read(signals.native_handle(), &signal, sizeof signal) == sizeof signal) {
            (signal.ssi_signo == SIGHUP ? reread : stop)();
        }
    }

    void wait_for_posts() {
        posts.async_wait(asio::posix::stream_descriptor::wait_read,
                         [this](const boost::system::error_code& error) {
                             if (error) {
                                 return;
                             }
                             eventfd_t count = 0;
                             ::eventfd_read(posts.native_handle(), &count);
                             wait_for_posts();
                             take_posted();
                         });
    }

    void take_posted() {
        std::vector<std::function<void()>> taken;
        {
            const std::scoped_lock hold(posted_mutex);
            taken.swap(posted);
        }
        // Nothing is done any more once the loop was stopped.
        for (auto next = taken.begin(); next != taken.end() && !context.stopped(); ++next) {
            (*next)();
        }
    }

    /// The queue of Asio wakes the loop while it holds its lock, so that the loop, where it has the
    /// processor at once, falls asleep on that lock again: two more changes of thread for each.
    void post(std::function<void()> job) {
        if (runner.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
            asio::post(context, std::move(job));
            return;
        }
        bool sleeps = false;
        {
            const std::scoped_lock hold(posted_mutex);
            sleeps = posted.empty();
            posted.push_back(std::move(job));
        }
        if (sleeps) {
            ::eventfd_write(posts.native_handle(), 1);
        }
    }

    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    asio::posix::stream_descriptor signals{context};
    asio::posix::stream_descriptor posts{context, ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    std::atomic<std::thread::id> runner;
    std::function<void()> stop;
    std::function<void()> reread;
    std::mutex posted_mutex;
    std::vector<std::function<void()>> posted;
    // What call() waits with: a thread that waits must not hold up the end of the loop.
    std::mutex mutex;
    std::condition_variable changed;
    bool stopped = false;
};

MainLoop::MainLoop() : implementation_(std::make_unique<Implementation>()) {
    implementation_->wait_for_posts();
}
MainLoop::~MainLoop() = default;

asio::io_context& MainLoop::context() {
    return implementation_->context;
}

void MainLoop::on_signals(std::function<void()> stop, std::function<void()> reread) {
    ::signal(SIGPIPE, SIG_IGN);
    implementation_->stop = std::move(stop);
    implementation_->reread = std::move(reread);
    hold_signals();
    const sigset_t set = obeyed_signals();
    implementation_->signals.assign(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    implementation_->wait_for_signals();
}

void MainLoop::post(std::function<void()> work) {
    implementation_->post(std::move(work));
}

bool MainLoop::call(std::function<void()> work, std::chrono::milliseconds limit) {
    Implementation& loop = *implementation_;
    auto done = std::make_shared<bool>(false);
    {
        const std::scoped_lock hold(loop.mutex);
        if (loop.stopped) {
            return false;
        }
    }
    // Without the lock: the loop may run at once, in place of this thread, and needs it.
    post([&loop, done, work = std::move(work)] {
        work();
        {
            const std::scoped_lock hold(loop.mutex);
            *done = true;
        }
        loop.changed.notify_all();
    });
    std::unique_lock lock(loop.mutex);
    loop.changed.wait_for(lock, limit, [&] { return *done || loop.stopped; });
    return *done;
}

void MainLoop::run() {
    implementation_->runner = std::this_thread::get_id();
    implementation_->context.run();
}
void MainLoop::stop() {
    {
        const std::scoped_lock hold(implementation_->mutex);
        implementation_->stopped = true;
    }
    implementation_->changed.notify_all();
    implementation_->context.stop();
}

void hold_signals() {
    const sigset_t set = obeyed_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::string start_anew(char* const* arguments, const std::string& reason) {
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::setenv(kReasonVariable, reason.c_str(), 1);
    std::array<char, 4096> link{};
    const ssize_t length = ::readlink("/proc/self/exe", link.data(), link.size() - 1);
    if (length > 0) {
        // By its name when that still exists: an upgraded program is taken, and `ps` shows its
        // name. The kernel marks the name of a program whose file has been replaced since it began.
        constexpr std::string_view kReplaced = " (deleted)";
        std::string path(link.data(), static_cast<std::size_t>(length));
        if (path.ends_with(kReplaced)) {
            path.resize(path.size() - kReplaced.size());
        }
        ::execv(path.c_str(), arguments);
    }
    ::execv("/proc/self/exe", arguments);
    return "cannot start anew: " + describe_error(errno);
}

std::string take_restart_reason() {
    const char* const reason = ::getenv(kReasonVariable);
    std::string text = reason == nullptr ? "" : reason;
    ::unsetenv(kReasonVariable);
    return text;
}

}  // namespace ha::runtime
