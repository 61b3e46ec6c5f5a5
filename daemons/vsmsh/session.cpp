#include "daemons/vsmsh/session.hpp"

#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace vsmsh {
namespace {

constexpr int kReload = ha::cli::kFirstFreeCommand;
constexpr int kWriteErase = kReload + 1;
constexpr int kReloadModule = kReload + 2;
constexpr const char* kReloadQuestion = "This command will reboot the system. (y/n)?  [n] ";
constexpr const char* kReloadModuleQuestion = "This command will reload the module. (y/n)?  [n] ";
constexpr const char* kEraseQuestion =
    "Warning: This command will erase the startup-configuration.\n"
    "Do you wish to proceed anyway? (y/n)  [n] ";

unsigned number_of(const ha::cli::Invocation& invocation) {
    return static_cast<unsigned>(std::strtoul(invocation.arguments.front().c_str(), nullptr, 10));
}

}  // namespace

Session::Session(Connection connection, Terminal terminal)
    : connection_(std::move(connection)), terminal_(terminal) {
    ha::cli::add_session_commands(local_);
    local_.add(kReload, {{"reload", ""}});
    local_.add(kReloadModule, {{"reload", ""}, {"module", ""}, {"<1-66>", ""}});
    local_.add(kWriteErase, {{"write", ""}, {"erase", ""}});
}

bool Session::run_locally(const std::string& line) {
    const auto invocation = local_.parse(line);
    if (!invocation)
        return false;
    switch (invocation->command) {
        case ha::cli::kTerminalLength:
            terminal_.set_length(number_of(*invocation));
            return true;
        case ha::cli::kTerminalWidth:
            terminal_.set_width(number_of(*invocation));
            return true;
        case ha::cli::kExit:
            ended_ = !in_mode();
            return ended_;
        case kReload:
            return terminal_.interactive() && !terminal_.confirm(kReloadQuestion);
        case kReloadModule:
            return terminal_.interactive() && !terminal_.confirm(kReloadModuleQuestion);
        case kWriteErase:
            return terminal_.interactive() && !terminal_.confirm(kEraseQuestion);
        default:
            return false;
    }
}

int Session::run(const std::string& line) {
    if (run_locally(line))
        return kSucceeded;
    const auto reply = connection_.ask(line, mode_, terminal_.width());
    if (!reply) {
        write_all(STDERR_FILENO, "vsmsh: " + reply.error() + "\n");
        return kNoAnswer;
    }
    take_place(*reply);
    if (ha::cli::asks_for_no_more(line)) {
        write_all(STDOUT_FILENO, reply->output);
    } else {
        terminal_.page(reply->output);
    }
    show_error(line, reply->error);
    return reply->exit_status == 0 ? kSucceeded : kRefused;
}

void Session::take_place(const Reply& reply) {
    if (!reply.prompt.empty())
        prompt_ = reply.prompt;
    mode_ = reply.mode;
}

void Session::show_error(std::string_view line, std::string_view error) const {
    if (error.empty())
        return;
    std::string text(error);
    // The operator has just typed the line: the caret goes below it instead of below a copy.
    const auto echo = ha::cli::printable(line) + "\n";
    if (terminal_.interactive() && text.starts_with(echo)) {
        text = std::string(prompt_.size(), ' ') + text.substr(echo.size());
    }
    if (text.back() != '\n')
        text += '\n';
    write_all(STDERR_FILENO, text);
}

bool Session::refresh_prompt() {
    const auto reply = connection_.ask("", mode_, terminal_.width());
    if (!reply) {
        write_all(STDERR_FILENO, "vsmsh: " + reply.error() + "\n");
        return false;
    }
    take_place(*reply);
    return true;
}

std::string Session::help(const std::string& text) {
    const auto reply = connection_.ask(text + "?", mode_, terminal_.width());
    if (!reply)
        return "vsmsh: " + reply.error() + "\n";
    if (reply->error.empty())
        return reply->output;
    const auto echo = ha::cli::printable(text) + "\n";
    if (!reply->error.starts_with(echo))
        return reply->error;
    return std::string(prompt_.size(), ' ') + reply->error.substr(echo.size());
}

std::vector<std::string> Session::completions(const std::string& text) {
    std::vector<std::string> words;
    const auto reply = connection_.ask(text + "\t", mode_, terminal_.width());
    if (!reply || reply->exit_status != 0)
        return words;
    std::string word;
    for (const char c : reply->output) {
        if (c != '\n') {
            word += c;
        } else {
            words.push_back(std::exchange(word, {}));
        }
    }
    return words;
}

}  // namespace vsmsh
