// The other end of the control socket, for shells: blocking, with a time limit and errors that a
// person understands.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "libha/runtime/control_protocol.hpp"
#include "libha/runtime/file_descriptor.hpp"

namespace ha::runtime {

class ControlClient {
public:
    /// Connects to `run_directory`/control.sock. The error is one sentence: the instance is not
    /// running, or permission is denied.
    static tl::expected<ControlClient, std::string> connect(const std::string& run_directory,
                                                            std::chrono::milliseconds limit);

    /// One command, one answer. After an error the connection is of no more use.
    tl::expected<ControlAnswer, std::string> ask(const ControlRequest& request,
                                                 std::chrono::milliseconds limit);

    /// Asks to follow: after that next_line() gives what comes (control_protocol.hpp).
    void follow(std::optional<std::uint64_t> since, std::chrono::milliseconds limit);
    /// The next line without its end; an empty one when none comes within the limit. The error is
    /// that the daemon closed the connection.
    tl::expected<std::string, std::string> next_line(std::chrono::milliseconds limit);

private:
    void transmit(const std::string& line, std::chrono::steady_clock::time_point deadline);
    explicit ControlClient(FileDescriptor socket) : socket_(std::move(socket)) {}

    FileDescriptor socket_;
    std::string received_;
};

}  // namespace ha::runtime
