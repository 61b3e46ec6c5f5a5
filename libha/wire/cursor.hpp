// Bounds-checked reading and writing of bytes in network order, for the codec and the seal.
// A Reader never looks past its view: the first read too many makes it fail, and stay failed.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ha::wire {

class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> view) : view_(view) {}

    /// An unsigned number or an enum of one; zero once the reader has failed.
    template <typename T>
    T number() {
        static_assert(std::is_unsigned_v<T>);
        T value = 0;
        for (const std::uint8_t octet : bytes(sizeof(T)))
            value = static_cast<T>((static_cast<std::uint64_t>(value) << 8U) | octet);
        return value;
    }

    template <std::size_t N>
    std::array<std::uint8_t, N> octets() {
        std::array<std::uint8_t, N> value{};
        std::ranges::copy(bytes(N), value.begin());
        return value;
    }

    /// The next `count` bytes, or none at all when there are fewer.
    std::span<const std::uint8_t> bytes(std::size_t count) {
        if (count > view_.size()) {
            failed_ = true;
            view_ = {};
            return {};
        }
        const auto taken = view_.first(count);
        view_ = view_.subspan(count);
        return taken;
    }

    [[nodiscard]] std::size_t left() const { return view_.size(); }
    [[nodiscard]] bool failed() const { return failed_; }
    /// Everything was there and everything was read.
    [[nodiscard]] bool exact() const { return !failed_ && view_.empty(); }

private:
    std::span<const std::uint8_t> view_;
    bool failed_ = false;
};

class Writer {
public:
    explicit Writer(std::vector<std::uint8_t>& out) : out_(out) {}

    template <typename T>
    void number(T value) {
        static_assert(std::is_unsigned_v<T>);
        for (std::size_t index = sizeof(T); index-- > 0;)
            out_.push_back(
                static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * index)));
    }

    void bytes(std::span<const std::uint8_t> value) {
        out_.insert(out_.end(), value.begin(), value.end());
    }

    void text(std::string_view value) {
        for (const char character : value)
            out_.push_back(static_cast<std::uint8_t>(character));
    }

    /// Overwrites the 16-bit number at `offset`.
    void patch(std::size_t offset, std::uint16_t value) {
        out_[offset] = static_cast<std::uint8_t>(value >> 8U);
        out_[offset + 1] = static_cast<std::uint8_t>(value & 0xffU);
    }

    [[nodiscard]] std::size_t size() const { return out_.size(); }

private:
    std::vector<std::uint8_t>& out_;
};

}  // namespace ha::wire
