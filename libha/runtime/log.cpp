// The log on spdlog's asynchronous logger. See log.hpp.
#include "libha/runtime/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <deque>
#include <mutex>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/stderr_sink.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kQueue = 1024;
constexpr std::size_t kMaximumLine = 2000;
constexpr std::size_t kFileSize = 10'000'000;
constexpr std::size_t kOlderFiles = 3;

spdlog::level::level_enum level_of(int severity) {
    if (severity <= 3) {
        return spdlog::level::err;
    }
    if (severity == 4) {
        return spdlog::level::warn;
    }
    return severity <= 6 ? spdlog::level::info : spdlog::level::debug;
}

/// One line for one message, whatever a remote put into an argument.
std::string single_line(std::string text) {
    for (char& character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20 || byte == 0x7f) {
            character = ' ';
        }
    }
    if (text.size() > kMaximumLine) {
        text.resize(kMaximumLine);
    }
    return text;
}

}  // namespace

int severity_of(std::string_view line) {
    const std::size_t percent = line.find(" %");
    if (percent == std::string_view::npos) {
        return 6;
    }
    const std::size_t colon = std::min(line.find(": ", percent), line.size());
    for (std::size_t at = percent; at + 2 < colon; ++at) {
        if (line[at] == '-' && line[at + 2] == '-' && line[at + 1] >= '0' && line[at + 1] <= '7') {
            return line[at + 1] - '0';
        }
    }
    return 6;
}

std::string format_log_time(WallTime time) {
    const std::time_t seconds =
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y %b %e %H:%M:%S", &local);
    return text.data();
}

class Log::Implementation {
public:
    explicit Implementation(LogOptions options) : options_(std::move(options)) {
        const std::string fault = open();
        if (!fault.empty()) {
            write(4, fault);
        }
    }
    ~Implementation() { close(); }

    void write(int severity, std::string_view text) {
        add(severity, fmt::format("%DAEMON-{}-SYSTEM_MSG: {} - {}", severity, text, program()));
    }

    void add(int severity, std::string message) {
        const std::scoped_lock lock(mutex_);
        if (severity > options_.threshold) {
            return;
        }
        std::string line = single_line(fmt::format("{} {} {}", format_log_time(wall_now()),
                                                   options_.hostname, std::move(message)));
        ring_.push_back(line);
        if (ring_.size() > kLogRing) {
            ring_.pop_front();
        }
        if (logger_) {
            logger_->log(level_of(severity), line);
        }
    }

    std::string reconfigure(const LogOptions& options) {
        const std::scoped_lock lock(mutex_);
        shut();
        options_ = options;
        return open();
    }

    std::vector<std::string> last(std::size_t count) const {
        const std::scoped_lock lock(mutex_);
        const std::size_t skipped = ring_.size() - std::min(count, ring_.size());
        return {ring_.begin() + static_cast<std::ptrdiff_t>(skipped), ring_.end()};
    }

    void close() {
        const std::scoped_lock lock(mutex_);
        shut();
    }

private:
    std::string program() const {
        const std::scoped_lock lock(mutex_);
        return options_.program;
    }

    /// The error of the file, empty when there is none.
    std::string open() {
        std::string fault;
        std::vector<spdlog::sink_ptr> sinks;
        if (options_.to_stderr) {
            sinks.push_back(make_stderr_sink());
        }
        if (!options_.file.empty()) {
            try {
                sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_st>(
                    options_.file, kFileSize, kOlderFiles));
            } catch (const spdlog::spdlog_ex& error) {
                fault = fmt::format("log file {} is not written: {}", options_.file, error.what());
            }
        }
        if (sinks.empty()) {
            return fault;
        }
        pool_ = std::make_shared<spdlog::details::thread_pool>(kQueue, 1);
        logger_ = std::make_shared<spdlog::async_logger>(
            options_.program, sinks.begin(), sinks.end(), pool_,
            spdlog::async_overflow_policy::overrun_oldest);
        logger_->set_pattern("%v");
        logger_->set_level(spdlog::level::trace);
        // A full disk must not become a second stream of complaints on stderr.
        logger_->set_error_handler([](const std::string&) {});
        logger_->flush_on(spdlog::level::trace);
        return fault;
    }

    void shut() {
        logger_.reset();
        pool_.reset();  // writes what waits
    }

    mutable std::mutex mutex_;
    LogOptions options_;
    std::deque<std::string> ring_;
    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::shared_ptr<spdlog::async_logger> logger_;
};

Log::Log(LogOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}
Log::~Log() = default;

void Log::report(const catalog::Report& report) {
    implementation_->add(catalog::entry(report.id).severity, catalog::render(report));
}
void Log::line(int severity, std::string_view text) {
    implementation_->write(severity, text);
}
std::string Log::reconfigure(const LogOptions& options) {
    return implementation_->reconfigure(options);
}
std::vector<std::string> Log::last(std::size_t count) const {
    return implementation_->last(count);
}
void Log::close() {
    implementation_->close();
}

}  // namespace ha::runtime
