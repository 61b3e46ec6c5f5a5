// The files that operators keep on a supervisor (`bootflash:`): a folder of the state directory.
// Waits for the disk, so not for the thread that answers heartbeats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libha/base/time.hpp"

namespace ha::runtime {

/// So many files are listed and kept.
inline constexpr std::size_t kMaximumStoredFiles = 100;

struct StoredFileEntry {
    std::string name;
    std::uint64_t size = 0;  ///< bytes
    WallTime modified;
};

/// Names are those of plain files: no '/', no '.' in front. Errors are one sentence that names the
/// file.
class Bootflash {
public:
    explicit Bootflash(const std::string& state_directory);

    /// By name.
    [[nodiscard]] std::vector<StoredFileEntry> list() const;
    [[nodiscard]] tl::expected<std::string, std::string> read(const std::string& name,
                                                              std::size_t limit) const;
    /// The whole file or nothing; replaces one of that name.
    [[nodiscard]] tl::expected<void, std::string> write(const std::string& name,
                                                        std::string_view bytes) const;

private:
    std::string directory_;
};

}  // namespace ha::runtime
