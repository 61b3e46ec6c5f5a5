// The protocol of the control socket: one JSON object a line, in both directions. Shared by server
// and client; docs/operations/control-socket.md describes it for other programs.
//
//   request  {"command": "show module | json", "width": 80, "mode": "", "terminal": 34816}
//   answer   {"exit": 0, "output": "…", "error": "", "prompt": "switch# ", "mode": ""}
//
// The terminal is the number that /proc/PID/stat has for the client's, 0 without one. The mode is
// where the session stands (cli/modes.hpp): the answer's is that of the next request.
//
// Or the events of the node, from the one after `since` (default: only those to come), for as long
// as the client reads:
//
//   request  {"follow": true, "since": 17}
//   lines    {"event": {…}}                      one each, in order
//            {"missed": [18, 90]}                these are not kept any more
//            {"exit": 1, "error": "…"}           the last one, when the daemon ends it
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace ha::runtime {

/// The longest request line, in bytes without its line end.
inline constexpr std::size_t kMaximumRequest = std::size_t{64} << 10U;
/// The longest mode of a request, in bytes.
inline constexpr std::size_t kMaximumMode = 256;
/// The longest answer that a client reads.
inline constexpr std::size_t kMaximumAnswer = std::size_t{64} << 20U;

struct ControlPeer {
    std::uint32_t user = UINT32_MAX;
    std::uint32_t group = UINT32_MAX;
    std::vector<std::uint32_t> groups;  ///< beside `group`
    std::int32_t process = 0;
    friend bool operator==(const ControlPeer&, const ControlPeer&) = default;
};

bool is_member(const ControlPeer& peer, std::uint32_t group);

struct ControlRequest {
    std::string command;
    unsigned width = 80;    ///< of the terminal, in columns
    std::string mode = {};  ///< "" is EXEC
    /// The client's controlling terminal, as it says: the kernel's number, 0 without one.
    std::int32_t terminal = 0;
    bool follow = false;  ///< events instead of a command
    /// With follow, the last event that is known; nothing: those to come.
    std::optional<std::uint64_t> since = {};
    /// Of the process at the other end, as the kernel says; not part of the line.
    ControlPeer peer = {};
    /// Which connection it came on: numbers that rise and come once; not part of the line.
    std::uint64_t connection = 0;
};

struct ControlAnswer {
    int exit_status = 0;
    std::string output;
    std::string error;
    std::string prompt;
    std::string mode = {};
};

std::string to_line(const ControlRequest& request);
std::string to_line(const ControlAnswer& answer);
/// The lines of a client that follows; `json` is the event's own.
std::string event_line(std::string_view json);
std::string missed_line(std::uint64_t first, std::uint64_t last);

/// One line for a client that follows, read.
struct FollowLine {
    std::string event;  ///< JSON of an event, or empty
    std::uint64_t first_missed = 0;
    std::uint64_t last_missed = 0;  ///< 0: none
    std::string error;              ///< why it ends, or empty
};
tl::expected<FollowLine, std::string> parse_follow_line(std::string_view line);
/// The errors are one sentence for whoever wrote the line.
tl::expected<ControlRequest, std::string> parse_request(std::string_view line);
tl::expected<ControlAnswer, std::string> parse_answer(std::string_view line);

}  // namespace ha::runtime
