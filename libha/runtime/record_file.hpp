// Reads the records out of the bytes of a store, without the library that wrote them. LMDB trusts
// what it maps: a wrong page number or offset in a file makes it read elsewhere or end the process.
// So a file that comes from a disk is read here, where every number in it is checked before it is
// used; the library itself only ever opens files that this process has just written
// (record_store.hpp).
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "libha/records/database.hpp"
#include "libha/runtime/record_seal.hpp"

namespace ha::runtime {

struct RecordFile {
    records::Database database;
    Seal seal;
    /// Empty: the database is what the newest transaction left. Otherwise what is wrong with that,
    /// and the database is what the transaction before it left.
    std::string torn;
};

/// What the newest transaction left, or else the one before it, whose seal fits in every bit; or
/// one sentence that says what is wrong with the newest. Any bytes will do; takes memory and time
/// in proportion to them.
tl::expected<RecordFile, std::string> read_record_file(std::string_view bytes);

}  // namespace ha::runtime
