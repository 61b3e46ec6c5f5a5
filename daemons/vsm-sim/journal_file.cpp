// See journal_file.hpp.
#include "daemons/vsm-sim/journal_file.hpp"

#include <cerrno>
#include <cstring>

namespace vsm_sim {

using namespace ha;

tl::expected<JournalFile, std::string> JournalFile::open(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "rbe");
    if (file == nullptr)
        return tl::unexpected(path + ": " + std::strerror(errno));
    return JournalFile(path, file);
}

bool JournalFile::read_more() {
    constexpr std::size_t kChunk = std::size_t{1} << 20U;
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
    const std::size_t had = buffer_.size();
    buffer_.resize(had + kChunk);
    const std::size_t got = std::fread(buffer_.data() + had, 1, kChunk, file_.get());
    buffer_.resize(had + got);
    return got > 0;
}

std::string JournalFile::error(const journal::Fault& fault) const {
    return path_ + ": record " + std::to_string(number_ + 1) + ", byte " +
           std::to_string(offset_ + fault.offset) + ": " + fault.text;
}

tl::expected<std::optional<journal::Record>, std::string> JournalFile::next() {
    while (true) {
        const auto framed = journal::unframe(wire::ByteView(buffer_).subspan(at_));
        if (!framed) {
            const bool foreign = number_ == 0 && framed.error().offset < 2;
            return tl::unexpected(foreign ? path_ + ": not a journal of vsmd"
                                          : error(framed.error()));
        }
        if (!*framed) {
            if (read_more())
                continue;
            if (std::ferror(file_.get()) != 0)
                return tl::unexpected(path_ + ": " + std::strerror(errno));
            return std::nullopt;
        }
        auto record = journal::decode((*framed)->body);
        if (!record) {
            journal::Fault fault = record.error();
            fault.offset += (*framed)->body_offset;
            return tl::unexpected(error(fault));
        }
        at_ += (*framed)->size;
        offset_ += (*framed)->size;
        ++number_;
        return std::move(*record);
    }
}

}  // namespace vsm_sim
