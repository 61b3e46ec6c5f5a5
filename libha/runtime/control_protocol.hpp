// The protocol of the control socket: one JSON object a line, in both directions. Shared by server
// and client; docs/operations.md describes it for other programs.
//
//   request  {"command": "show module | json", "width": 80}
//   answer   {"exit": 0, "output": "…", "error": "", "prompt": "switch# "}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ha::runtime {

/// The longest request line, in bytes without its line end.
inline constexpr std::size_t kMaximumRequest = std::size_t{64} << 10U;
/// The longest answer that a client reads.
inline constexpr std::size_t kMaximumAnswer = std::size_t{64} << 20U;

struct ControlRequest {
    std::string command;
    unsigned width = 80;     ///< of the terminal, in columns
    std::uint32_t user = 0;  ///< of the process at the other end; not part of the line
};

struct ControlAnswer {
    int exit_status = 0;
    std::string output;
    std::string error;
    std::string prompt;
};

std::string to_line(const ControlRequest& request);
std::string to_line(const ControlAnswer& answer);
/// The errors are one sentence for whoever wrote the line.
tl::expected<ControlRequest, std::string> parse_request(std::string_view line);
tl::expected<ControlAnswer, std::string> parse_answer(std::string_view line);

}  // namespace ha::runtime
