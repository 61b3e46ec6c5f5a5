// Answers the control socket: a copy of the supervisor's snapshot to the command engine, an action
// to the main loop, a change to the supervisor, which answers when it is kept. Files of operators
// are read and written here.
//
// Thread: answer() belongs to the control socket's; it waits a limited time for the main loop, or
// leaves a plain change to it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "libha/cli/cli.hpp"
#include "libha/runtime/bootflash.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/control_socket.hpp"
#include "libha/runtime/event_loop.hpp"

namespace ha::runtime {
class Log;
class MainLoop;
class SupervisorExecutor;
class TrapSender;
}  // namespace ha::runtime

namespace vsmd {

class OperatorCommands {
public:
    OperatorCommands(const ha::runtime::SupervisorConfiguration& configuration,
                     ha::runtime::Log& log, const ha::runtime::TrapSender& traps,
                     ha::runtime::MainLoop& loop, ha::runtime::SupervisorExecutor& executor);

    ha::runtime::ControlSocket::Reply answer(const ha::runtime::ControlRequest& request);

    /// Runs a line of the active's operator here, on the standby (SW-6), as a network-admin's. The
    /// action, if any, is to be requested once the answer has been. Takes time: not on the loop.
    struct ConsoleReply {
        ha::supervisor::ConsoleAnswer answer;
        std::optional<ha::cli::Action> action;
    };
    ConsoleReply run_on_console(const ha::supervisor::RunConsole& run);

private:
    /// Of a session that is attached to the standby: there, but for `exit`.
    ha::runtime::ControlSocket::Reply answer_attached(const ha::runtime::ControlRequest& request,
                                                      const ha::cli::Context& context);
    bool fill(ha::cli::Context& context);
    /// Of a plain change (cli::is_plain_change): answered on the loop, where the supervisor is, in
    /// one go. The way there and back for a copy of what the others need would cost as much as the
    /// change itself.
    ha::runtime::ControlSocket::Reply answer_on_loop(const ha::runtime::ControlRequest& request);
    /// As the accounting log has it. Reads files, once a connection: not on the loop.
    ha::supervisor::Operator operator_of(const ha::runtime::ControlRequest& request);
    /// What `request` gives in `context`; `by` says who asks, and is called on this thread.
    ha::runtime::ControlSocket::Reply reply_to(const ha::runtime::ControlRequest& request,
                                               const ha::cli::Context& context,
                                               const std::function<ha::supervisor::Operator()>& by);
    /// The change that a request is, or why it cannot be one, without "% ". A command that others
    /// carry out is one for the accounting log.
    [[nodiscard]] tl::expected<ha::supervisor::ChangeRequested, std::string> change_of(
        const ha::cli::Request& request, const ha::cli::ConfigurationView& view,
        ha::WallTime now) const;
    /// On the loop: first what the accounting log has to know, then the action itself. It waits a
    /// moment for the former to be kept, and not at all when it cannot be.
    void carry_out(const ha::supervisor::ChangeRequested& entry,
                   const std::optional<ha::supervisor::Input>& action);
    void let_go(std::uint64_t number);
    /// Hands the change to the supervisor and makes `reply` one that comes when that has answered:
    /// its answer, or `failure` with the error.
    void have_changed(ha::supervisor::ChangeRequested change, ha::runtime::ControlAnswer failure,
                      ha::runtime::ControlSocket::Reply& reply);

    const ha::runtime::SupervisorConfiguration& configuration_;
    ha::runtime::Log& log_;
    const ha::runtime::TrapSender& traps_;
    ha::runtime::MainLoop& loop_;
    ha::runtime::SupervisorExecutor& executor_;
    ha::runtime::Bootflash files_;
    /// By connection, the latest of them; the control socket's.
    std::map<std::uint64_t, ha::supervisor::Operator> operators_;
    std::map<std::uint64_t, ha::supervisor::Input>
        actions_;                    ///< the loop's: they wait for their entries
    std::uint64_t carried_out_ = 0;  ///< the loop's
    ha::runtime::Timer patience_;    ///< the loop's
};

}  // namespace vsmd
