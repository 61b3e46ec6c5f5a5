// Dates as NX-OS prints them, one function for each layout that it uses. All in UTC.
#pragma once

#include <string>

#include "libha/base/time.hpp"

namespace ha {

/// "2012-Sep-11 18:59:17".
std::string format_collision_date(WallTime time);
/// "Wed Aug  8 18:01:24 2012".
std::string format_ctime(WallTime time);
/// "2012-08-08 18:01:24.093".
std::string format_trace_date(WallTime time);
/// "18:01:24.093 UTC Wed Aug 08 2012".
std::string format_clock(WallTime time);

}  // namespace ha
