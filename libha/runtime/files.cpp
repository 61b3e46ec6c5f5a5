// Bounded reads and atomic writes on POSIX calls. See files.hpp.
#include "libha/runtime/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <system_error>

#include "libha/runtime/file_descriptor.hpp"

namespace ha::runtime {
namespace {

tl::unexpected<FileError> failure(int code, std::string_view doing = {}) {
    std::string text = describe_error(code);
    if (!doing.empty()) {
        text = std::string(doing) + ": " + text;
    }
    return tl::unexpected(FileError{code, std::move(text)});
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

std::string describe_error(int code) {
    std::string text = std::generic_category().message(code);
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0) {
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    }
    return text;
}

tl::expected<FileContent, FileError> read_file(const std::string& path, std::size_t limit,
                                               Links links) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (links == Links::refuse ? O_NOFOLLOW : 0);
    const FileDescriptor file(::open(path.c_str(), flags));
    if (!file.valid()) {
        if (errno == ELOOP && links == Links::refuse) {
            return tl::unexpected(FileError{0, "is a symbolic link"});
        }
        return failure(errno);
    }
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        return failure(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return tl::unexpected(FileError{0, "is not a regular file"});
    }
    FileContent content;
    content.mode = status.st_mode & 07777U;
    std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failure(errno);
        }
        if (got == 0) {
            return content;
        }
        if (content.bytes.size() + static_cast<std::size_t>(got) > limit) {
            return tl::unexpected(
                FileError{0, "is longer than " + std::to_string(limit) + " bytes"});
        }
        content.bytes.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

tl::expected<void, FileError> write_atomically(const std::string& directory,
                                               const std::string& name, std::string_view bytes) {
    const FileDescriptor folder(
        ::open(directory.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW));
    if (!folder.valid()) {
        return failure(errno, directory);
    }
    const std::string temporary = name + ".new";
    // Left over by a crash in the middle of an earlier write, or planted: never written through.
    ::unlinkat(folder.get(), temporary.c_str(), 0);
    {
        const FileDescriptor file(::openat(folder.get(), temporary.c_str(),
                                           O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                                           0600));
        if (!file.valid()) {
            return failure(errno, directory + "/" + temporary);
        }
        if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0) {
            const int code = errno;
            ::unlinkat(folder.get(), temporary.c_str(), 0);
            return failure(code, directory + "/" + temporary);
        }
    }
    if (::renameat(folder.get(), temporary.c_str(), folder.get(), name.c_str()) != 0) {
        const int code = errno;
        ::unlinkat(folder.get(), temporary.c_str(), 0);
        return failure(code, directory + "/" + name);
    }
    if (::fsync(folder.get()) != 0) {
        return failure(errno, directory);
    }
    return {};
}

tl::expected<void, FileError> make_directory(const std::string& path, std::uint32_t mode) {
    for (std::size_t end = path.find('/', 1); end != std::string::npos;
         end = path.find('/', end + 1)) {
        const std::string parent = path.substr(0, end);
        if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) {
            return failure(errno, parent);
        }
    }
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
        return failure(errno, path);
    }
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return failure(errno, path);
    }
    if (!S_ISDIR(status.st_mode)) {
        return tl::unexpected(FileError{0, path + ": is not a folder"});
    }
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
        return tl::unexpected(FileError{0, path + ": belongs to another user"});
    }
    return {};
}

}  // namespace ha::runtime
