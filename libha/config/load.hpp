// A whole configuration out of a text, as `show running-config` prints it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libha/config/configuration.hpp"

namespace ha::config {

/// A longer text is refused before anything looks at it.
inline constexpr std::size_t kMaximumConfiguration = std::size_t{4} << 20U;
/// No more errors than this are told of one text.
inline constexpr std::size_t kMaximumErrors = 50;

/// Comments (`!`) and blank lines are skipped; indentation is for readers. `version` is this
/// program's: a text of a newer one is refused. Everything is taken or, with "line 12: …" for each
/// line that is wrong, nothing. The lines are given to `base` one after the other, `no` lines as
/// well.
tl::expected<Configuration, std::vector<std::string>> load(std::string_view text,
                                                           std::string_view version,
                                                           Configuration base = {});

}  // namespace ha::config
