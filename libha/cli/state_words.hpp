// The words of the product for the state of a supervisor: what `show system redundancy status` and
// `show module` say, for those who look more often than they want to render a screen.
#pragma once

#include <string>
#include <string_view>

#include "libha/redundancy/types.hpp"

namespace ha::cli {

struct StateWords {
    std::string redundancy;  ///< "Active"
    std::string supervisor;  ///< "HA standby"
    std::string internal;    ///< "Active with HA standby"
    std::string module;      ///< "ha-standby", in show module
};
StateWords words_of_this(redundancy::PairState state);
/// Operational redundancy mode: "HA", "None".
std::string_view mode_words(redundancy::PairState state);

}  // namespace ha::cli
