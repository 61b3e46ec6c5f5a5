// One line given to a configuration: what changes, or why nothing does.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "libha/config/configuration.hpp"

namespace ha::config {

struct Edit {
    /// Of Space::running_configuration; empty when it is so already.
    records::Changes changes;
    /// Where the next line belongs: the header of a section, or "" for top level; nothing when that
    /// stays as it is.
    std::optional<std::string> section;
};

/// Empty when a line is short enough and printable ASCII, or why it can be no command.
std::string text_fault(std::string_view line);

/// `line` is what find() reads: keywords in full. It is looked up in `section` ("" at top level)
/// and then at top level, as NX-OS does. The error is NX-OS's, without "% ".
tl::expected<Edit, std::string> edit(const Configuration& configuration, std::string_view section,
                                     std::string_view line);

}  // namespace ha::config
