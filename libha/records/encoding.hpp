// Changes as bytes: what travels to the standby, and what a journal keeps.
#pragma once

#include <span>

#include <tl/expected.hpp>

#include "libha/records/record.hpp"

namespace ha::records {

/// Bytes that encode() makes of one change.
std::size_t encoded_size(const Change& change);
/// Appends the changes to `out`.
void encode(const Changes& changes, std::vector<std::uint8_t>& out);
/// Everything or nothing: the error is one sentence that says what is wrong and at which byte.
tl::expected<Changes, std::string> decode(std::span<const std::uint8_t> bytes);

}  // namespace ha::records
