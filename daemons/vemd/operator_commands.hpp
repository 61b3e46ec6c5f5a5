// Answers the control socket: a copy of the module's state to the commands.
//
// Thread: answer() belongs to the control socket's; it waits a limited time for the main loop.
#pragma once

#include <optional>

#include "libha/runtime/control_socket.hpp"
#include "libvem/runtime/commands.hpp"

namespace ha::runtime {
class Log;
class MainLoop;
}  // namespace ha::runtime
namespace vem::runtime {
class ModuleExecutor;
}

namespace vemd {

class OperatorCommands {
public:
    OperatorCommands(ha::runtime::Log& log, ha::runtime::MainLoop& loop,
                     vem::runtime::ModuleExecutor& executor);

    ha::runtime::ControlSocket::Reply answer(const ha::runtime::ControlRequest& request);

private:
    std::optional<vem::runtime::CommandContext> context();

    ha::runtime::Log& log_;
    ha::runtime::MainLoop& loop_;
    vem::runtime::ModuleExecutor& executor_;
};

}  // namespace vemd
