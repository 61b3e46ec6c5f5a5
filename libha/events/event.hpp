// What happened at a node, as a value with a number: each operator message of the catalog is an
// event with a name and named fields. Relates to catalog::Report, which it is made of, and to
// ring.hpp, which keeps the newest; decides nothing about who is told.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libha/base/time.hpp"
#include "libha/catalog/catalog.hpp"

namespace ha::events {

/// The longest text of a field, in bytes; more is cut off.
inline constexpr std::size_t kMaximumText = 1000;

struct Field {
    std::string name;
    std::string value;
    friend bool operator==(const Field&, const Field&) = default;
};

struct Event {
    std::uint64_t sequence = 0;  ///< from 1, without gaps, of this node
    WallTime happened_at{};
    std::string node;  ///< the name of the node in its log
    std::string name;  ///< "role.active"
    unsigned severity = 6;
    std::string message;  ///< the line of the log, without date and host
    std::vector<Field> fields;
    friend bool operator==(const Event&, const Event&) = default;
};

/// Arguments that the message does not give are left out.
Event make_event(const catalog::Report& report, std::uint64_t sequence, WallTime happened_at,
                 std::string node);

/// One JSON object on one line, without the line's end (docs/json.md).
std::string to_json(const Event& event);
/// The error is one sentence.
tl::expected<Event, std::string> from_json(std::string_view text);

/// "role.active" itself, "peer.*" for all of one kind, "*" for all.
bool matches(std::string_view pattern, std::string_view name);
/// Whether the pattern matches the name of any event of the catalog.
bool matches_any(std::string_view pattern);

}  // namespace ha::events
