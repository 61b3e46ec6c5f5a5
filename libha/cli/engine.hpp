// One command line from text to answer: grammar, handler, pipes, writers. Reusable: vsmd's commands
// (cli.hpp) and vemd's are each a Grammar and a Handler over this.
//
// How another program uses it:
//     Grammar grammar;
//     add_session_commands(grammar);                            // terminal length, exit …
//     grammar.add(kShowCard, {{"show", "Show running system information"}, {"card", "This card"}});
//     Result result = run(grammar, line, [&](const Invocation& invocation) { …; return Answer{…};
//     });
// The handler builds one Document; `| json`, `| xml` and the text pipes need nothing from it.
//
// A line that ends in `?` answers with the help listing of that position, and one that ends in a
// tab with the words that may stand there, one a line: the shell asks its daemon and knows no
// commands.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "libha/base/identity.hpp"
#include "libha/cli/document.hpp"
#include "libha/cli/grammar.hpp"

namespace ha::cli {

/// What the owner of the machine must do after answering.
enum class Action : std::uint8_t {
    reload,
    clear_peer_mac,
    switchover,
    role_standalone,
    role_primary,
    role_secondary,
    clear_accounting_backup,
    clear_remote_accounting,
    clear_trace_backup,
    clear_remote_trace,
};
/// Give a line to the running configuration: what config::edit() takes.
struct Configure {
    std::string section;
    std::string line;
    friend bool operator==(const Configure&, const Configure&) = default;
};
struct CopyRunningToStartup {
    friend bool operator==(const CopyRunningToStartup&, const CopyRunningToStartup&) = default;
};
struct EraseStartup {
    friend bool operator==(const EraseStartup&, const EraseStartup&) = default;
};
/// Give the lines of a file to the running configuration; `name` is that of a stored file.
struct CopyFileToRunning {
    std::string name;
    friend bool operator==(const CopyFileToRunning&, const CopyFileToRunning&) = default;
};
struct CopyRunningToFile {
    std::string name;
    friend bool operator==(const CopyRunningToFile&, const CopyRunningToFile&) = default;
};
/// `reload module N`
struct ReloadModule {
    Slot module = kNoSlot;
    friend bool operator==(const ReloadModule&, const ReloadModule&) = default;
};
/// The same with its data. Whoever asked waits for all but an Action to be complete.
using Request = std::variant<Action, Configure, CopyRunningToStartup, EraseStartup,
                             CopyFileToRunning, CopyRunningToFile, ReloadModule>;

struct Result {
    int exit_status = 0;
    std::string output;
    /// Complete text for the operator, with the echoed line and the caret where there is one.
    std::string error;
    std::optional<Request> action;
    /// Where the session is afterwards (modes.hpp); nothing when it stays where it is.
    std::optional<std::string> mode = {};
    /// What was asked for and refused: worth an entry of the accounting log.
    std::optional<Request> refused = {};
};

/// What a command's handler answers. `error` (without the "% ") refuses the command; so does
/// `refusal`, which is printed as it is; `action` is then what was refused.
struct Answer {
    Document document;
    std::optional<Request> action;
    std::string error;
    std::optional<std::string> mode = {};
    std::string refusal = {};
};
using Handler = std::function<Answer(const Invocation&)>;

/// Commands below this number are the session's; every program has them and its shell obeys them.
inline constexpr int kFirstFreeCommand = 10;
inline constexpr int kTerminalLength = 1;
inline constexpr int kTerminalWidth = 2;
inline constexpr int kExit = 3;
inline constexpr int kShowCliList = 4;
void add_session_commands(Grammar& grammar);

/// True when a `?` at the end of `line` asks for help; false inside a pattern, where it is a part
/// of the expression.
bool asks_for_help(std::string_view line);
/// True when the line turns paging off (`| no-more`).
bool asks_for_no_more(std::string_view line);

/// An empty line, and a comment (`!`), answer nothing and succeed. What `grammar` does not know is
/// looked up in `above`, if there is one.
Result run(const Grammar& grammar, std::string_view line, const Handler& handler,
           const Grammar* above = nullptr);

/// The command of a line that run() would hand to its handler, unless the line asks for more than
/// the command does, or for less: help, words to complete it, a pipe.
std::optional<Invocation> plain_command(const Grammar& grammar, std::string_view line,
                                        const Grammar* above = nullptr);

/// "switch# ", "switch(standby)# ", "switch(config-if)# ". Every answer on the control socket
/// carries the prompt of that moment as "prompt", so that the shell always shows the state it is
/// in.
std::string prompt(std::string_view hostname, bool is_standby, std::string_view mode_word = {});

}  // namespace ha::cli
