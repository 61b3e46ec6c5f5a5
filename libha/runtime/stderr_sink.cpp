// See stderr_sink.hpp.
#include "libha/runtime/stderr_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "libha/runtime/log.hpp"

namespace ha::runtime {
namespace {

constexpr int kPatienceMs = 500;

/// systemd tells the device and inode of the stream it connected to the journal.
bool is_journal() {
    const char* const stream = ::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) {
        return false;
    }
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

class StderrSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string_view line(message.payload.data(), message.payload.size());
        if (lost_ > 0) {
            const std::string told = "(" + std::to_string(lost_) + " lines lost here)\n";
            if (!write(told)) {
                ++lost_;
                return;
            }
            lost_ = 0;
        }
        std::string text;
        if (journal_) {
            text = "<" + std::to_string(severity_of(line)) + ">";
        }
        text.append(line).append("\n");
        if (!write(text)) {
            ++lost_;
        }
    }
    void flush_() override {}

private:
    bool write(std::string_view text) {
        while (!text.empty()) {
            pollfd ready{STDERR_FILENO, POLLOUT, 0};
            // Having waited in vain once, lines are dropped at once until somebody reads again.
            const int polled = ::poll(&ready, 1, stuck_ ? 0 : kPatienceMs);
            if (polled < 0 && errno == EINTR) {
                continue;
            }
            if (polled <= 0 || (ready.revents & POLLOUT) == 0) {
                stuck_ = true;
                return false;
            }
            stuck_ = false;
            const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
            if (written < 0 && (errno == EINTR || errno == EAGAIN)) {
                continue;
            }
            if (written <= 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        return true;
    }

    const bool journal_ = is_journal();
    bool stuck_ = false;
    std::uint64_t lost_ = 0;
};

}  // namespace

std::shared_ptr<spdlog::sinks::sink> make_stderr_sink() {
    return std::make_shared<StderrSink>();
}

}  // namespace ha::runtime
