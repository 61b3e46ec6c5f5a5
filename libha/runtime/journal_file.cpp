// See journal_file.hpp.
#include "libha/runtime/journal_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

/// Where the last whole record ends, or what is wrong with the file.
tl::expected<std::uint64_t, std::string> end_of_records(int file) {
    constexpr std::size_t kChunk = std::size_t{1} << 20U;
    wire::Bytes buffer;
    std::uint64_t end = 0;
    while (true) {
        const std::size_t had = buffer.size();
        buffer.resize(had + kChunk);
        const ssize_t got =
            ::pread(file, buffer.data() + had, kChunk, static_cast<off_t>(end + had));
        if (got < 0 && errno != EINTR) {
            return tl::unexpected(describe_error(errno));
        }
        buffer.resize(had + static_cast<std::size_t>(got < 0 ? 0 : got));
        if (got == 0) {
            return end;
        }
        std::size_t at = 0;
        while (true) {
            const auto framed = journal::unframe(wire::ByteView(buffer).subspan(at));
            if (!framed) {
                return tl::unexpected("byte " + std::to_string(end + at + framed.error().offset) +
                                      ": " + framed.error().text);
            }
            if (!*framed) {
                break;
            }
            at += (*framed)->size;
        }
        buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(at));
        end += at;
    }
}

/// Why the file may not be used, empty when it may. It becomes private to its owner.
std::string claim(int file) {
    struct stat status {};
    if (::fstat(file, &status) != 0) {
        return describe_error(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return "is not a regular file";
    }
    if (status.st_uid != ::geteuid()) {
        return "belongs to another user";
    }
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? "another process records into it" : describe_error(errno);
    }
    return {};
}

}  // namespace

tl::expected<JournalFile::Opened, std::string> JournalFile::open(const std::string& path) {
    FileDescriptor file(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!file.valid()) {
        return tl::unexpected(path + ": " + describe_error(errno));
    }
    if (const std::string fault = claim(file.get()); !fault.empty()) {
        return tl::unexpected(path + ": " + fault);
    }
    const auto end = end_of_records(file.get());
    if (!end) {
        return tl::unexpected(path + ": not a journal, or a damaged one: " + end.error());
    }
    struct stat status {};
    if (::fchmod(file.get(), 0600) != 0 || ::fstat(file.get(), &status) != 0 ||
        ::ftruncate(file.get(), static_cast<off_t>(*end)) != 0) {
        return tl::unexpected(path + ": " + describe_error(errno));
    }
    return Opened{JournalFile(path, std::move(file), *end),
                  static_cast<std::uint64_t>(status.st_size) - *end};
}

tl::expected<void, std::string> JournalFile::append(wire::ByteView records) {
    std::size_t done = 0;
    while (done < records.size()) {
        const ssize_t wrote = ::pwrite(file_.get(), records.data() + done, records.size() - done,
                                       static_cast<off_t>(size_ + done));
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            const int code = wrote < 0 ? errno : EIO;
            // A part that stays is cut off when the file is opened again.
            const bool cut = ::ftruncate(file_.get(), static_cast<off_t>(size_)) == 0;
            return tl::unexpected(path_ + ": " + describe_error(code) +
                                  (cut ? "" : ", and it ends in a part of a record"));
        }
        done += static_cast<std::size_t>(wrote);
    }
    size_ += records.size();
    return {};
}

}  // namespace ha::runtime
