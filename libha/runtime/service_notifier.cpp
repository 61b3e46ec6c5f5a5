// See service_notifier.hpp.
#include "libha/runtime/service_notifier.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/file_descriptor.hpp"

namespace ha::runtime {
namespace {

constexpr int kKeepEnvironment = 0;

constexpr std::string_view kStatus = "STATUS=";

/// False: the service manager does not read now. Whoever does not listen at all cannot be helped.
/// libsystemd's own call waits as long as it takes.
bool notify(const std::string& message) {
    const char* const path = std::getenv("NOTIFY_SOCKET");
    const std::size_t length = path == nullptr ? 0 : std::strlen(path);
    sockaddr_un address{};
    if (length < 2 || length >= sizeof address.sun_path || (*path != '/' && *path != '@')) {
        return true;
    }
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    address.sun_family = AF_UNIX;
    std::copy_n(path, length, address.sun_path);
    if (*path == '@') {
        address.sun_path[0] = '\0';  // an abstract name, which has no end mark
    }
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    const ssize_t sent =
        ::sendto(socket.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), size);
    return sent >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS);
}

std::string status_field(const std::string& line) {
    return std::string(kStatus) + printable_status(line);
}

void notify_refusal(const std::string& sentence, int error) {
    const std::string number = error == 0 ? "" : "ERRNO=" + std::to_string(error) + "\n";
    static_cast<void>(notify(number + status_field(sentence)));  // nobody is here for a second try
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

bool ServiceNotifier::say_what_is_owed() {
    while (!owed_.empty() && notify(owed_.front())) {
        owed_.pop_front();
    }
    return owed_.empty();
}

void ServiceNotifier::say(std::string message) {
    if (say_what_is_owed() && notify(message)) {
        return;
    }
    if (!owed_.empty() && owed_.back().starts_with(kStatus) && message.starts_with(kStatus)) {
        owed_.pop_back();
    } else if (owed_.size() == kMaximumOwedMessages) {
        owed_.pop_front();
    }
    owed_.push_back(std::move(message));
}

void ServiceNotifier::ready(const std::string& line) {
    status_ = line;
    say("READY=1\n" + status_field(line));
}

void ServiceNotifier::status(const std::string& line) {
    if (line != status_) {
        status_ = line;
        say(status_field(line));
    } else {
        say_what_is_owed();
    }
}

void ServiceNotifier::reloading() {
    const auto now = std::chrono::floor<std::chrono::microseconds>(monotonic_now());
    say("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.time_since_epoch().count()));
}

void ServiceNotifier::stopping() {
    status_ = "stopping";
    say("STOPPING=1\n" + status_field(status_));
}

void ServiceNotifier::feed_watchdog() {
    if (say_what_is_owed()) {
        static_cast<void>(notify("WATCHDOG=1"));
    }
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
