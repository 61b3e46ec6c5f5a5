#include "daemons/vsmsh/connection.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <vector>

#include "libha/runtime/access.hpp"
#include "libha/runtime/control_client.hpp"

namespace vsmsh {
namespace {

namespace fs = std::filesystem;

/// Longer than a daemon waits for what is not done at once.
constexpr std::chrono::seconds kLimit{40};
constexpr std::string_view kSocketName = "control.sock";

std::vector<std::string> instances_in(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code ignored;
        if (fs::is_socket(at->path() / kSocketName, ignored))
            names.push_back(at->path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

tl::expected<Connection, std::string> Connection::find(const Options& options) {
    if (!options.socket.empty()) {
        const fs::path path(options.socket);
        if (path.filename() != kSocketName) {
            return tl::unexpected(options.socket +
                                  ": the name of a control socket is control.sock");
        }
        return Connection(path.has_parent_path() ? path.parent_path().string() : ".");
    }
    if (!options.instance.empty())
        return Connection(options.run_directory + "/" + options.instance);
    const auto names = instances_in(options.run_directory);
    if (names.empty()) {
        return tl::unexpected("no instance runs: there is no control socket below " +
                              options.run_directory);
    }
    const bool has_default = std::find(names.begin(), names.end(), "vsmd") != names.end();
    if (names.size() == 1)
        return Connection(options.run_directory + "/" + names.front());
    if (has_default)
        return Connection(options.run_directory + "/vsmd");
    std::string list;
    for (const auto& name : names)
        list += (list.empty() ? "" : ", ") + name;
    return tl::unexpected("several instances run (" + list + "): choose one with -i");
}

tl::expected<Reply, std::string> Connection::ask(const std::string& command,
                                                 const std::string& mode, unsigned width) const {
    auto client = ha::runtime::ControlClient::connect(directory_, kLimit);
    if (!client)
        return tl::unexpected(client.error());
    ha::runtime::ControlRequest request;
    request.command = command;
    request.width = width;
    request.mode = mode;
    request.terminal = static_cast<std::int32_t>(ha::runtime::terminal_of(::getpid()).value_or(0));
    auto answer = client->ask(request, kLimit);
    if (!answer)
        return tl::unexpected(answer.error());
    return Reply{answer->exit_status, std::move(answer->output), std::move(answer->error),
                 std::move(answer->prompt), std::move(answer->mode)};
}

}  // namespace vsmsh
