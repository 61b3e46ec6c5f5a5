// A piece of a daemon's configuration as a scenario carries it: merged over what the lab gives the
// node, and not looked into here. Its scalars are texts, as the daemons read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim::scenario {

/// A line of the file, from 1; 0 when it comes from nowhere. Two things that differ only in where
/// they are written are equal.
struct Line {
    int number = 0;
    friend constexpr bool operator==(Line, Line) { return true; }
};

struct Setting {
    enum class Kind : std::uint8_t { null, scalar, list, map };
    Kind kind = Kind::null;
    Line line{};
    std::string scalar{};
    std::vector<Setting> items{};
    std::vector<std::pair<std::string, Setting>> members{};  ///< in the order of the file

    static Setting text(std::string_view value);
    static Setting map();
    /// "setup.role": the setting there; nullptr when there is none.
    [[nodiscard]] const Setting* find(std::string_view path) const;
    /// Puts `value` at "setup.role", with the maps on the way there.
    void put(std::string_view path, Setting value);

    friend bool operator==(const Setting&, const Setting&);
};

/// `over` laid over `base`: maps key by key, null removes a key, everything else replaces.
Setting merged(const Setting& base, const Setting& over);

}  // namespace sim::scenario
