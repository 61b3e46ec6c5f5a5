// Commands of one operator: what the shell does itself (terminal …, exit, asking before a reload),
// and everything else, which the daemon answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemons/vsmsh/connection.hpp"
#include "daemons/vsmsh/terminal.hpp"
#include "libha/cli/engine.hpp"

namespace vsmsh {

inline constexpr int kSucceeded = 0;
inline constexpr int kRefused = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kNoAnswer = 3;

class Session {
public:
    Session(Connection connection, Terminal terminal);

    /// Runs a line, writes its output and errors; an exit status of the program.
    int run(const std::string& line);
    /// Asks for the prompt; false when the daemon does not answer (the reason is on standard
    /// error).
    bool refresh_prompt();
    [[nodiscard]] const std::string& prompt() const { return prompt_; }
    /// In a mode of the configuration: `exit` leaves that, and Ctrl-Z all of them.
    [[nodiscard]] bool in_mode() const { return !mode_.empty(); }
    [[nodiscard]] bool ended() const { return ended_; }

    /// What `?` shows behind `text`.
    std::string help(const std::string& text);
    /// The words that may continue `text`.
    std::vector<std::string> completions(const std::string& text);

private:
    /// Where the daemon says that this session is now.
    void take_place(const Reply& reply);
    /// True when the shell has dealt with the line itself.
    bool run_locally(const std::string& line);
    void show_error(std::string_view line, std::string_view error) const;

    Connection connection_;
    Terminal terminal_;
    ha::cli::Grammar local_;
    std::string prompt_ = "switch# ";
    std::string mode_;
    bool ended_ = false;
};

}  // namespace vsmsh
