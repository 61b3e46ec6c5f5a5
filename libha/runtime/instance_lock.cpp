// The instance lock on flock(2). See instance_lock.hpp.
#include "libha/runtime/instance_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

/// " (process 4711)" as the holder left it in the file.
std::string holder(int file) {
    std::array<char, 16> text{};
    const ssize_t length = ::pread(file, text.data(), text.size(), 0);
    std::string_view digits(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    digits = digits.substr(0, digits.find_first_not_of("0123456789"));
    return digits.empty() ? "" : " (process " + std::string(digits) + ")";
}

}  // namespace

tl::expected<InstanceLock, std::string> InstanceLock::take(const std::string& directory,
                                                           const std::string& instance) {
    const std::string path = directory + "/lock";
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.valid()) {
        return tl::unexpected("cannot open " + path + ": " + describe_error(errno));
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return tl::unexpected("instance " + instance + " is running already" +
                                  holder(file.get()) + ": it holds " + path);
        }
        return tl::unexpected("cannot lock " + path + ": " + describe_error(errno));
    }
    const std::string process = std::to_string(::getpid()) + "\n";
    // Only a help for the reader of the message above: the lock holds without it.
    if (::ftruncate(file.get(), 0) == 0) {
        [[maybe_unused]] const ssize_t written =
            ::pwrite(file.get(), process.data(), process.size(), 0);
    }
    return InstanceLock(std::move(file));
}

}  // namespace ha::runtime
