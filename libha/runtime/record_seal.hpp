// What proves that the records read from a disk are those that were written: all of them, and none
// from another time. One seal is kept in the store beside the records and rewritten with every
// transaction. Relates to record_file.hpp, which checks it, and record_store.hpp, which writes it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "libha/records/record.hpp"

namespace ha::runtime {

/// Of what is in the store; a store of another version is not read.
inline constexpr std::uint32_t kRecordFormat = 1;
/// The key of the seal: its first byte is the number of no space, so that it sorts before all.
inline constexpr std::string_view kSealKey{"\0seal", 5};

/// The key of a record in the store: the number of its space, then its name.
std::string stored_key(const records::Key& key);

/// The sum of the digests of a set of records. It does not depend on their order, so a transaction
/// changes it by what it changes, however many records there are.
class RecordSum {
public:
    void add(const records::Key& key, std::string_view value);
    /// Takes back an add() of the same key and value.
    void remove(const records::Key& key, std::string_view value);
    /// 256 bits in four numbers, each modulo 2^64.
    [[nodiscard]] const std::array<std::uint64_t, 4>& lanes() const { return lanes_; }
    static RecordSum of_lanes(const std::array<std::uint64_t, 4>& lanes);
    friend bool operator==(const RecordSum&, const RecordSum&) = default;

private:
    std::array<std::uint64_t, 4> lanes_{};
};

struct Seal {
    std::uint64_t transaction =
        0;                    ///< the number that the store gave the transaction that wrote it
    std::uint64_t count = 0;  ///< records, without the seal
    RecordSum sum;
    friend bool operator==(const Seal&, const Seal&) = default;
};

std::string to_bytes(const Seal& seal);
/// The error is one sentence: no seal of this program's, or of another format version.
tl::expected<Seal, std::string> parse_seal(std::string_view bytes);

}  // namespace ha::runtime
