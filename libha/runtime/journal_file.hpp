// The file a journal is appended to. It holds keys, so only its owner may read it. Waits for the
// disk: never used on the thread that answers heartbeats (journal_recorder.hpp has its own).
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "libha/journal/journal.hpp"
#include "libha/runtime/file_descriptor.hpp"

namespace ha::runtime {

class JournalFile {
public:
    struct Opened;
    /// Makes the file, or finds the end of the journal that is in it. A file that is none, or that
    /// is damaged, is left alone. The error is one sentence that names the file.
    static tl::expected<Opened, std::string> open(const std::string& path);

    /// Appends whole records. When not all of it can be written nothing of it stays.
    tl::expected<void, std::string> append(wire::ByteView records);

private:
    JournalFile(std::string path, FileDescriptor file, std::uint64_t size)
        : path_(std::move(path)), file_(std::move(file)), size_(size) {}

    std::string path_;
    FileDescriptor file_;
    std::uint64_t size_ = 0;
};

struct JournalFile::Opened {
    JournalFile file;
    /// Bytes of a record that a crash had left unfinished; they are gone now.
    std::uint64_t removed = 0;
};

}  // namespace ha::runtime
