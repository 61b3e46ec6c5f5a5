// See log_file.hpp.
#include "libha/runtime/log_file.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <utility>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kQueuedLines = 1000;
constexpr Duration kOpenAgainAfter = std::chrono::seconds{10};

}  // namespace

class LogFile::Sink {
public:
    explicit Sink(const std::string& path) : sink_(path, kLogFileSize, kOlderLogFiles) {
        sink_.set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    }
    void write(const std::string& line) {
        sink_.log(spdlog::details::log_msg("", spdlog::level::info, line));
        sink_.flush();
    }

private:
    spdlog::sinks::rotating_file_sink_st sink_;
};

LogFile::LogFile(std::function<void(const std::string&)> complain)
    : complain_(std::move(complain)), queue_(kQueuedLines) {}
LogFile::~LogFile() = default;

void LogFile::set(const std::string& path) {
    {
        const std::scoped_lock lock(mutex_);
        if (status_.path == path) {
            return;
        }
        status_ = {path, {}, 0, 0};
    }
    queue_.insist([this, path] { open(path); });
}

void LogFile::write(std::shared_ptr<const std::string> line) {
    {
        const std::scoped_lock lock(mutex_);
        if (status_.path.empty()) {
            return;
        }
    }
    if (!queue_.submit([this, kept = std::move(line)] { put(*kept); })) {
        const std::scoped_lock lock(mutex_);
        ++status_.dropped;
    }
}

LogFileStatus LogFile::status() const {
    const std::scoped_lock lock(mutex_);
    return status_;
}

void LogFile::open(const std::string& path) {
    sink_.reset();
    tried_at_ = monotonic_now();
    if (path.empty()) {
        return;
    }
    const std::string folder = path.substr(0, path.rfind('/'));
    if (const auto made = make_directory(folder, 0700); !made) {
        note(folder + ": " + made.error().text);
        return;
    }
    try {
        sink_ = std::make_unique<Sink>(path);
        note({});
    } catch (const spdlog::spdlog_ex& error) {
        note(error.what());
    }
}

void LogFile::put(const std::string& line) {
    std::string fault;
    if (!sink_ && monotonic_now() - tried_at_ >= kOpenAgainAfter) {
        open(status().path);
    }
    try {
        if (sink_) {
            sink_->write(line);
        }
    } catch (const spdlog::spdlog_ex& error) {
        fault = error.what();
    }
    {
        const std::scoped_lock lock(mutex_);
        ++(sink_ && fault.empty() ? status_.written : status_.dropped);
    }
    if (sink_) {
        note(fault);
    }
}

void LogFile::note(const std::string& fault) {
    bool is_news = false;
    {
        const std::scoped_lock lock(mutex_);
        is_news = !fault.empty() && status_.fault != fault;
        status_.fault = fault;
    }
    if (is_news) {
        complain_("the log file is not written: " + fault);
    }
}

}  // namespace ha::runtime
