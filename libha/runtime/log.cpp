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

spdlog::level::level_enum level_of(int severity) {
    if (severity <= 3) {
        return spdlog::level::err;
    }
    if (severity == 4) {
        return spdlog::level::warn;
    }
    return severity <= 6 ? spdlog::level::info : spdlog::level::debug;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return lower;
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

/// The queue and the thread behind it. Destroying it writes what waits.
struct Writer {
    std::shared_ptr<spdlog::async_logger> logger;
    std::shared_ptr<spdlog::details::thread_pool> pool;  // last: ends before what it uses
};

/// `fault` says why the file is not written, if it is not.
std::unique_ptr<Writer> make_writer(const LogOptions& options, std::string& fault) {
    std::vector<spdlog::sink_ptr> sinks;
    if (options.to_stderr) {
        sinks.push_back(make_stderr_sink());
    }
    if (!options.file.empty()) {
        try {
            sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_st>(
                options.file, kLogFileSize, kOlderLogFiles));
        } catch (const spdlog::spdlog_ex& error) {
            fault = fmt::format("log file {} is not written: {}", options.file, error.what());
        }
    }
    if (sinks.empty()) {
        return nullptr;
    }
    auto writer = std::make_unique<Writer>();
    writer->pool = std::make_shared<spdlog::details::thread_pool>(kQueue, 1);
    writer->logger = std::make_shared<spdlog::async_logger>(
        options.program, sinks.begin(), sinks.end(), writer->pool,
        spdlog::async_overflow_policy::overrun_oldest);
    writer->logger->set_pattern("%v");
    writer->logger->set_level(spdlog::level::trace);
    writer->logger->flush_on(spdlog::level::trace);
    // A full disk must not become a second stream of complaints on stderr.
    writer->logger->set_error_handler([](const std::string&) {});
    return writer;
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
        std::string fault;
        writer_ = make_writer(options_, fault);
        if (!fault.empty()) {
            write(4, fault);
        }
    }

    void write(int severity, std::string_view text) {
        const std::scoped_lock lock(mutex_);
        add(kProgramFacility, severity,
            fmt::format("%{}-{}-SYSTEM_MSG: {} - {}", kProgramFacility, severity, text,
                        options_.program));
    }

    void report(const catalog::Report& report) {
        const catalog::Entry& entry = catalog::entry(report.id);
        std::string hostname;
        {
            const std::scoped_lock lock(mutex_);
            add(entry.facility, entry.severity, catalog::render(report));
            hostname = hostname_in_use();
        }
        const std::scoped_lock lock(observer_mutex_);
        if (observer_) {
            observer_(report, hostname);
        }
    }

    void observe(Observer observer) {
        const std::scoped_lock lock(observer_mutex_);
        observer_ = std::move(observer);
    }

    std::string reconfigure(const LogOptions& options) {
        // Files are opened and what waits is written without the lock: the main loop must not wait
        // for a disk because somebody else reconfigures.
        std::string fault;
        std::unique_ptr<Writer> writer = make_writer(options, fault);
        {
            const std::scoped_lock lock(mutex_);
            options_ = options;
            writer_.swap(writer);
        }
        return fault;
    }

    std::vector<std::string> last(std::size_t count) const {
        std::vector<Line> lines;
        {
            // Short: the main loop must not wait until a reader has copied everything.
            const std::scoped_lock lock(mutex_);
            const std::size_t skipped = ring_.size() - std::min(count, ring_.size());
            lines.assign(ring_.begin() + static_cast<std::ptrdiff_t>(skipped), ring_.end());
        }
        std::vector<std::string> texts;
        texts.reserve(lines.size());
        for (const Line& line : lines) {
            texts.push_back(*line);
        }
        return texts;
    }

    void obey(const LogRules& rules) {
        const std::scoped_lock lock(mutex_);
        rules_ = rules;
        file_.set(rules.file);
        servers_.set(rules.servers);
    }

    LogStatus status() const {
        LogStatus status{6, file_.status(), servers_.status()};
        const std::scoped_lock lock(mutex_);
        status.threshold = options_.threshold;
        return status;
    }

    void close() {
        std::unique_ptr<Writer> writer;
        const std::scoped_lock lock(mutex_);
        writer_.swap(writer);
    }

private:
    using Line = std::shared_ptr<const std::string>;

    /// With the lock held.
    [[nodiscard]] const std::string& hostname_in_use() const {
        return rules_.hostname.empty() ? options_.hostname : rules_.hostname;
    }

    /// With the lock held.
    [[nodiscard]] int threshold_of(std::string_view facility) const {
        if (rules_.levels.empty()) {
            return options_.threshold;
        }
        const auto level = rules_.levels.find(lower_case(facility));
        return level == rules_.levels.end() ? options_.threshold : level->second;
    }

    /// With the lock held.
    void add(std::string_view facility, int severity, const std::string& message) {
        if (severity > threshold_of(facility)) {
            return;
        }
        const auto line = std::make_shared<const std::string>(single_line(
            fmt::format("{} {} {}", format_log_time(wall_now()), hostname_in_use(), message)));
        if (writer_) {
            writer_->logger->log(level_of(severity), *line);
        }
        servers_.send(severity, line);
        if (!rules_.file.empty() && severity > rules_.file_severity) {
            return;
        }
        file_.write(line);
        ring_.push_back(line);
        if (ring_.size() > kLogRing) {
            ring_.pop_front();
        }
    }

    std::mutex observer_mutex_;
    Observer observer_;
    mutable std::mutex mutex_;
    LogOptions options_;
    std::deque<Line> ring_;
    std::unique_ptr<Writer> writer_;
    LogRules rules_;
    SyslogServers servers_;
    // Last: what it has to complain about is a line.
    LogFile file_{[this](const std::string& fault) { write(4, fault); }};
};

Log::Log(LogOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}
Log::~Log() = default;

void Log::report(const catalog::Report& report) {
    implementation_->report(report);
}
void Log::observe(Observer observer) {
    implementation_->observe(std::move(observer));
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
void Log::obey(const LogRules& rules) {
    implementation_->obey(rules);
}
LogStatus Log::status() const {
    return implementation_->status();
}
void Log::close() {
    implementation_->close();
}

}  // namespace ha::runtime
