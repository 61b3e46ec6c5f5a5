// A timeline as a picture: a sequence diagram in SVG with nodes as vertical lines, frames as
// arrows, lost ones crossed out, states as boxes. Readable on light and on dark pages; it needs no
// font and no script from anywhere. The same timeline makes the same picture, byte by byte.
#pragma once

#include <string>

#include "libsim/timeline/recorder.hpp"

namespace sim::timeline {

/// From the first step on.
std::string write_svg(const Recorder& recorder);

}  // namespace sim::timeline
