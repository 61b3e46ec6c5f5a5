// See operator_commands.hpp.
#include "daemons/vemd/operator_commands.hpp"

#include <chrono>
#include <future>
#include <utility>

#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libvem/runtime/module_executor.hpp"

namespace vemd {

using ha::runtime::ControlRequest;
using ha::runtime::ControlSocket;
using vem::runtime::CommandContext;

namespace {

constexpr auto kLook = std::chrono::milliseconds{50};
constexpr int kLooks = 100;

}  // namespace

OperatorCommands::OperatorCommands(ha::runtime::Log& log, ha::runtime::MainLoop& loop,
                                   vem::runtime::ModuleExecutor& executor)
    : log_(log), loop_(loop), executor_(executor) {}

std::optional<CommandContext> OperatorCommands::context() {
    // Shared: the loop may get to it after this thread has given up.
    auto promise = std::make_shared<std::promise<CommandContext>>();
    auto future = promise->get_future();
    loop_.post([this, promise] { promise->set_value(executor_.context()); });
    for (int look = 0; look < kLooks && !closed_; ++look) {
        if (future.wait_for(kLook) == std::future_status::ready) {
            CommandContext context = future.get();
            context.log = log_.last();
            return context;
        }
    }
    return std::nullopt;
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
