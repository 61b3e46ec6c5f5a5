// The part of CBOR (RFC 8949) that a journal is made of, written and read item by item. The reader
// keeps its first fault and gives nothing but zeros after it, so that whoever reads need not ask
// after every item. It follows no structure by itself: nothing in the bytes can make it recurse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libha/wire/codec.hpp"

namespace ha::journal {

class CborWriter {
public:
    void number(std::uint64_t value) { head(0, value); }
    void signed_number(std::int64_t value);
    void boolean(bool value) { out_.push_back(value ? 0xf5 : 0xf4); }
    void bytes(wire::ByteView value);
    void text(std::string_view value);
    void array(std::size_t items) { head(4, items); }
    /// A map of one pair: its key and its value follow.
    void pair() { head(5, 1); }
    /// A map of any number of pairs, up to close().
    void open() { out_.push_back(0xbf); }
    void close() { out_.push_back(0xff); }

    [[nodiscard]] wire::Bytes take() { return std::move(out_); }

private:
    void head(unsigned major, std::uint64_t value);
    wire::Bytes out_;
};

/// What is wrong with bytes, and with which of them, counted from the first byte handed in.
struct Fault {
    std::size_t offset = 0;
    std::string text;
    friend bool operator==(const Fault&, const Fault&) = default;
};

class CborReader {
public:
    explicit CborReader(wire::ByteView bytes) : bytes_(bytes) {}

    std::uint64_t number() { return head(0, "a number"); }
    std::int64_t signed_number();
    bool boolean();
    wire::ByteView bytes();
    std::string text();
    std::uint64_t array() { return head(4, "an array"); }
    void pair();
    void open();
    /// Whether the map that open() began ends here; then its end is read.
    bool closes();
    void close();
    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

    /// Where the next item begins.
    [[nodiscard]] std::size_t offset() const { return at_; }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] const Fault& fault() const { return fault_; }
    /// Notes a fault unless there is one already.
    void fail(std::size_t offset, std::string text);

private:
    std::uint64_t head(unsigned major, const char* what);
    wire::ByteView content(std::uint64_t size);
    [[nodiscard]] std::uint8_t peek() const { return at_ < bytes_.size() ? bytes_[at_] : 0; }

    wire::ByteView bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
    Fault fault_;
};

}  // namespace ha::journal
