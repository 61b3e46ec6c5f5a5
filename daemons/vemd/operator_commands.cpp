// See operator_commands.hpp.
#include "daemons/vemd/operator_commands.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libvem/runtime/module_executor.hpp"

namespace vemd {

using ha::runtime::ControlRequest;
using ha::runtime::ControlSocket;
using vem::runtime::CommandContext;

namespace {

constexpr auto kLimit = std::chrono::seconds{5};

}  // namespace

OperatorCommands::OperatorCommands(ha::runtime::Log& log, ha::runtime::MainLoop& loop,
                                   vem::runtime::ModuleExecutor& executor)
    : log_(log), loop_(loop), executor_(executor) {}

std::optional<CommandContext> OperatorCommands::context() {
    // Shared: the loop may get to it after this thread has given up.
    auto found = std::make_shared<CommandContext>();
    if (!loop_.call([this, found] { *found = executor_.context(); }, kLimit)) {
        return std::nullopt;
    }
    found->log = log_.last();
    return std::move(*found);
}

ControlSocket::Reply OperatorCommands::answer(const ControlRequest& request) {
    const auto found = context();
    if (!found)
        return {{1, {}, "% The module does not answer\n", {}}, {}};
    ha::cli::Result result = vem::runtime::execute(request.command, *found);
    return {{result.exit_status, std::move(result.output), std::move(result.error),
             ha::cli::prompt(found->snapshot.host_name, false)},
            {}};
}

}  // namespace vemd
