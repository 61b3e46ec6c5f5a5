// Bounded JSON reading. See json_text.hpp.
#include "libha/runtime/json_text.hpp"

#include <nlohmann/json.hpp>

namespace ha::runtime {

nlohmann::json parse_json(std::string_view text) {
    bool too_deep = false;
    auto value = nlohmann::json::parse(
        text,
        [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
            too_deep = too_deep || depth > kMaximumJsonDepth;
            return !too_deep;
        },
        false);
    if (too_deep) {
        return nlohmann::json(nlohmann::json::value_t::discarded);
    }
    return value;
}

}  // namespace ha::runtime
