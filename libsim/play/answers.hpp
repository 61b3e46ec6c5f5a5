// What a node answers to a command line, as its control socket would. A process that does not run,
// or stands still, gives no answer.
#pragma once

#include <optional>
#include <string>

#include "libha/cli/engine.hpp"
#include "libsim/play/installation.hpp"
#include "libsim/play/logbook.hpp"
#include "libsim/world/world.hpp"

namespace sim::play {

/// A node and what its answers take from elsewhere than its machine.
struct Asked {
    NodeIndex node = kNoNode;
    const Installation* installation = nullptr;
    const Logbook* log = nullptr;
    Instant started;  ///< this life, in the world's time
};

/// What a session sends: a line, and where it is (libha/cli/modes.hpp).
struct TypedLine {
    std::string text;
    std::string mode;
};

/// Nothing when there is no answer. What it asks for is the caller's to carry out.
std::optional<ha::cli::Result> ask(const World& world, const Asked& asked, const TypedLine& line);

}  // namespace sim::play
