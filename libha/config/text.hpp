// The texts of `show running-config`, `show startup-config` and `show running-config diff`, as
// lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libha/base/time.hpp"
#include "libha/config/configuration.hpp"

namespace ha::config {

/// With the header that tools strip: !Command, !Time, a blank line, version.
std::vector<std::string> running_text(const Configuration& running, std::string_view version,
                                      WallTime now);
/// `saved`: when it was saved, where that is known. Empty when nothing was saved.
std::vector<std::string> startup_text(const Configuration& startup, std::string_view version,
                                      WallTime now, std::optional<WallTime> saved);
/// A context diff whose line numbers are those of the two texts above; empty when they are the
/// same.
std::vector<std::string> difference_text(const Configuration& startup,
                                         std::optional<WallTime> saved,
                                         const Configuration& running, std::string_view version);

/// What `copy running-config startup-config` does to the records, and when it was done.
records::Changes save_startup(const records::Database& database, WallTime now);
/// What `write erase` does.
records::Changes erase_startup(const records::Database& database);
std::optional<WallTime> startup_saved(const records::Database& database);

}  // namespace ha::config
