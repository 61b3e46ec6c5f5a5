// A timeline as text: one line for each thing that happened, columns that are easy to grep.
#pragma once

#include <string>

#include "libsim/timeline/recorder.hpp"

namespace sim::timeline {

/// From the first step on, or from where the world began.
enum class Range : std::uint8_t { steps, all };
std::string write_text(const Recorder& recorder, Range range);

}  // namespace sim::timeline
