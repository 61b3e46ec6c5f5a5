// spdlog's way to stderr that a stuck reader cannot hold up. Part of log.cpp.
#pragma once

#include <memory>

namespace spdlog::sinks {
class sink;
}

namespace ha::runtime {

/// Writes whole lines to descriptor 2. When stderr is the journal's, each line starts with its
/// syslog priority ("<5>"), which the journal takes off. When nobody reads for a while, lines are
/// dropped until somebody does, and their number is told then.
std::shared_ptr<spdlog::sinks::sink> make_stderr_sink();

}  // namespace ha::runtime
