// Files as a daemon must treat them: bounded reads that never follow a link or wait on a pipe,
// writes that are either whole or not there. Relates to every adapter that keeps something on disk;
// must never be called from the thread that answers heartbeats (it waits for the disk).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ha::runtime {

struct FileError {
    int code = 0;      ///< errno, 0 when the file itself is unfit
    std::string text;  ///< "permission denied", "is not a regular file"
};

struct FileContent {
    std::string bytes;
    std::uint32_t mode = 0;  ///< permission bits
};

enum class Links : std::uint8_t { refuse, follow };

/// The whole of a regular file of at most `limit` bytes.
tl::expected<FileContent, FileError> read_file(const std::string& path, std::size_t limit,
                                               Links links);

/// Temporary file in the same folder, fsync, rename, fsync of the folder. Mode 0600.
tl::expected<void, FileError> write_atomically(const std::string& directory,
                                               const std::string& name, std::string_view bytes);

/// Makes a folder and its parents. An existing one stays as it is, but must be a folder (no link)
/// that belongs to this user or to root.
tl::expected<void, FileError> make_directory(const std::string& path, std::uint32_t mode);

/// "permission denied".
std::string describe_error(int code);

}  // namespace ha::runtime
