// See service_notifier.hpp.
#include "libha/runtime/service_notifier.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "libha/runtime/clock.hpp"

namespace ha::runtime {
namespace {

constexpr int kKeepEnvironment = 0;

void notify(const std::string& fields) {
    // Whoever does not listen any more cannot be helped.
    static_cast<void>(::sd_notify(kKeepEnvironment, fields.c_str()));
}

std::string status_field(const std::string& line) {
    return "STATUS=" + printable_status(line);
}

void notify_refusal(const std::string& sentence, int error) {
    const std::string number = error == 0 ? "" : "ERRNO=" + std::to_string(error) + "\n";
    notify(number + status_field(sentence));
}

void print(const std::string& program, const std::string& sentence) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), sentence.c_str());
}

}  // namespace

std::string printable_status(const std::string& line) {
    std::string text = line.substr(0, kMaximumStatusLine);
    std::ranges::replace_if(
        text, [](char character) { return character < ' ' || character > '~'; }, '?');
    return text;
}

void ServiceNotifier::ready(const std::string& line) {
    status_ = line;
    notify("READY=1\n" + status_field(line));
}

void ServiceNotifier::status(const std::string& line) {
    if (line != status_) {
        status_ = line;
        notify(status_field(line));
    }
}

void ServiceNotifier::reloading() {
    const auto now = std::chrono::floor<std::chrono::microseconds>(monotonic_now());
    notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.time_since_epoch().count()));
}

void ServiceNotifier::stopping() {
    status_ = "stopping";
    notify("STOPPING=1\n" + status_field(status_));
}

void ServiceNotifier::feed_watchdog() {
    notify("WATCHDOG=1");
}

Duration ServiceNotifier::watchdog_interval() {
    std::uint64_t microseconds = 0;
    const bool asked = ::sd_watchdog_enabled(kKeepEnvironment, &microseconds) > 0;
    return std::chrono::microseconds(asked ? microseconds : 0);
}

int refuse_to_run(const std::string& program, const std::string& sentence, int error) {
    print(program, sentence);
    notify_refusal(sentence, error);
    return 1;
}

int refuse_configuration(const std::string& program, const std::vector<std::string>& faults) {
    for (const std::string& fault : faults) {
        print(program, fault);
    }
    const std::string others =
        faults.size() > 1 ? " (and " + std::to_string(faults.size() - 1) + " more, see the log)"
                          : "";
    notify_refusal(faults.front() + others, EINVAL);
    return 2;
}

}  // namespace ha::runtime
