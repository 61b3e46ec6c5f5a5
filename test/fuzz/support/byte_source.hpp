// The fuzzer's bytes as decisions: each read takes from the front, and after the end every read
// gives zero, so any input is a valid one. Small changes of the bytes stay small changes of what is
// made from them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace test::fuzz {

class ByteSource {
public:
    ByteSource(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

    [[nodiscard]] bool empty() const { return left_.empty(); }
    std::uint8_t byte() {
        if (left_.empty())
            return 0;
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first;
    }
    /// 0…limit-1; `limit` is 1…256.
    unsigned below(unsigned limit) { return byte() % limit; }
    bool flag() { return (byte() & 1U) != 0; }
    std::uint16_t number16() { return static_cast<std::uint16_t>(byte() | (byte() << 8U)); }
    std::uint64_t number64() {
        std::uint64_t number = 0;
        for (unsigned shift = 0; shift < 64; shift += 8)
            number |= std::uint64_t{byte()} << shift;
        return number;
    }
    /// Mostly a small number, sometimes one of the whole range or its end.
    std::uint64_t any_number() {
        const std::uint8_t first = byte();
        if (first < 250)
            return first;
        return first == 255 ? ~std::uint64_t{0} : number64();
    }
    /// At most `count` bytes, fewer at the end.
    std::vector<std::uint8_t> bytes(std::size_t count) {
        const auto part = left_.first(std::min(count, left_.size()));
        left_ = left_.subspan(part.size());
        return {part.begin(), part.end()};
    }
    std::string rest() {
        std::string text(left_.begin(), left_.end());
        left_ = {};
        return text;
    }

private:
    std::span<const std::uint8_t> left_;
};

}  // namespace test::fuzz
