// A journal on disk, read record by record: however long it is, only a few megabytes are in memory.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "libha/journal/journal.hpp"

namespace vsm_sim {

class JournalFile {
public:
    /// The error names the file.
    static tl::expected<JournalFile, std::string> open(const std::string& path);

    /// The next record; nothing at the end. The error names the file, the record and the byte.
    tl::expected<std::optional<ha::journal::Record>, std::string> next();

    /// Of the record that next() gave last, from 1.
    [[nodiscard]] std::uint64_t number() const { return number_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    /// At the end: how many bytes are the beginning of a record that was never finished.
    [[nodiscard]] std::size_t left_over() const { return buffer_.size() - at_; }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    JournalFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
    bool read_more();
    [[nodiscard]] std::string error(const ha::journal::Fault& fault) const;

    std::string path_;
    std::unique_ptr<std::FILE, Close> file_;
    ha::wire::Bytes buffer_;
    std::size_t at_ = 0;        ///< of the next record in the buffer
    std::uint64_t offset_ = 0;  ///< of the next record in the file
    std::uint64_t number_ = 0;
};

}  // namespace vsm_sim
