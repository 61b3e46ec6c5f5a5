// The other end of the control socket, for shells: blocking, with a time limit and errors that a
// person understands.
#pragma once

#include <chrono>
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

private:
    explicit ControlClient(FileDescriptor socket) : socket_(std::move(socket)) {}

    FileDescriptor socket_;
    std::string received_;
};

}  // namespace ha::runtime
