// A YAML text as a plain tree with line numbers, so that every complaint about a value can name its
// line. Relates to section, which reads typed values out of it. Must never accept what a
// reader of the file would not see: aliases, duplicate keys and several documents are problems.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ha::yaml {

/// All that is wrong with one file, so that a user corrects it in one go.
class Problems {
public:
    explicit Problems(std::string file) : file_(std::move(file)) {}

    /// `line` 0: the whole file. `path`: "timers.profile", empty for none.
    void add(int line, std::string_view path, std::string_view text);
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] std::size_t count() const { return entries_.size(); }
    /// "vsm-a.yaml:7: timers.heartbeat_interval_ms: 3 is out of range (5..1000)", by line.
    [[nodiscard]] std::vector<std::string> lines() const;

private:
    struct Entry {
        int line = 0;
        std::string text;
    };
    std::string file_;
    std::vector<Entry> entries_;
};

struct Member;

struct Node {
    enum class Kind : std::uint8_t { null, scalar, list, map };
    Kind kind = Kind::null;
    int line = 0;        ///< from 1
    std::string scalar;  ///< of a scalar
    std::vector<Node> items;
    std::vector<Member> members;  ///< keys occur once
};

struct Member {
    std::string key;
    int line = 0;  ///< of the key
    Node value;
};

/// Reads `text`. On problems the tree holds what could be read, and `problems` is not empty.
Node parse(const std::string& text, Problems& problems);

/// A value in a message: cut, without control characters.
inline constexpr std::size_t kMaximumShown = 60;
std::string printable(std::string_view value, std::size_t limit = kMaximumShown);
/// The same in quotes.
std::string quoted(std::string_view value);

}  // namespace ha::yaml
