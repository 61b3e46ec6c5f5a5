// See cbor.hpp.
#include "libha/journal/cbor.hpp"

#include <limits>
#include <utility>

namespace ha::journal {

void CborWriter::head(unsigned major, std::uint64_t value) {
    const auto kind = static_cast<std::uint8_t>(major << 5U);
    if (value < 24) {
        out_.push_back(static_cast<std::uint8_t>(kind | value));
        return;
    }
    unsigned size_log2 = 0;  // of the number that follows: 1, 2, 4 or 8 bytes
    while (size_log2 < 3 && value >> (8U << size_log2) != 0)
        ++size_log2;
    out_.push_back(static_cast<std::uint8_t>(kind | (24U + size_log2)));
    for (unsigned bits = 8U << size_log2; bits > 0; bits -= 8)
        out_.push_back(static_cast<std::uint8_t>(value >> (bits - 8)));
}

void CborWriter::signed_number(std::int64_t value) {
    if (value >= 0)
        head(0, static_cast<std::uint64_t>(value));
    else
        head(1, ~static_cast<std::uint64_t>(value));
}

void CborWriter::bytes(wire::ByteView value) {
    head(2, value.size());
    out_.insert(out_.end(), value.begin(), value.end());
}

void CborWriter::text(std::string_view value) {
    head(3, value.size());
    out_.insert(out_.end(), value.begin(), value.end());
}

void CborReader::fail(std::size_t offset, std::string text) {
    if (!failed_)
        fault_ = {offset, std::move(text)};
    failed_ = true;
}

std::uint64_t CborReader::head(unsigned major, const char* what) {
    const std::size_t begin = at_;
    if (failed_)
        return 0;
    if (at_ == bytes_.size()) {
        fail(begin, std::string(what) + " is missing");
        return 0;
    }
    const std::uint8_t first = bytes_[at_++];
    const unsigned info = first & 0x1fU;
    if (first >> 5U != major || info > 27) {
        fail(begin, std::string("not ") + what);
        return 0;
    }
    if (info < 24)
        return info;
    const std::size_t size = std::size_t{1} << (info - 24);
    if (bytes_.size() - at_ < size) {
        fail(begin, std::string(what) + " is cut short");
        return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t index = 0; index < size; ++index)
        value = value << 8U | bytes_[at_++];
    return value;
}

std::int64_t CborReader::signed_number() {
    const std::size_t begin = at_;
    const bool negative = peek() >> 5U == 1;
    const std::uint64_t value = head(negative ? 1 : 0, "a number");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        fail(begin, "the number is too large");
        return 0;
    }
    const auto magnitude = static_cast<std::int64_t>(value);
    return negative && !failed_ ? -1 - magnitude : magnitude;
}

bool CborReader::boolean() {
    const std::uint8_t first = peek();
    if (failed_ || at_ == bytes_.size() || (first != 0xf4 && first != 0xf5)) {
        fail(at_, "not true or false");
        return false;
    }
    ++at_;
    return first == 0xf5;
}

wire::ByteView CborReader::content(std::uint64_t size) {
    if (failed_)
        return {};
    if (bytes_.size() - at_ < size) {
        fail(at_, "the content is cut short");
        return {};
    }
    const wire::ByteView view = bytes_.subspan(at_, static_cast<std::size_t>(size));
    at_ += view.size();
    return view;
}

wire::ByteView CborReader::bytes() {
    return content(head(2, "a byte string"));
}

std::string CborReader::text() {
    const wire::ByteView view = content(head(3, "a text"));
    return {view.begin(), view.end()};
}

void CborReader::pair() {
    const std::size_t begin = at_;
    if (head(5, "a map") != 1)
        fail(begin, "not a map of one pair");
}

void CborReader::open() {
    if (failed_ || peek() != 0xbf)
        return fail(at_, "not a map");
    ++at_;
}

bool CborReader::closes() {
    if (failed_)
        return true;
    if (at_ == bytes_.size())
        fail(at_, "the end of a map is missing");
    else if (bytes_[at_] != 0xff)
        return false;
    else
        ++at_;
    return true;
}

void CborReader::close() {
    const std::size_t begin = at_;
    if (!closes())
        fail(begin, "more in a map than expected");
}

}  // namespace ha::journal
