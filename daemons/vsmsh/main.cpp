// vsmsh, the operator's shell: commands from the command line, a pipe or a terminal to a daemon's
// control socket. It knows no command of the daemons itself; they answer `?` and Tab as well.
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <iostream>
#include <string>

#include "daemons/vsmsh/connection.hpp"
#include "daemons/vsmsh/editor.hpp"
#include "daemons/vsmsh/follow.hpp"
#include "daemons/vsmsh/options.hpp"
#include "daemons/vsmsh/session.hpp"

namespace {

using namespace vsmsh;

/// Every command runs, whatever became of those before it; the worst status is the program's.
int run_all(Session& session, const std::vector<std::string>& commands) {
    int status = kSucceeded;
    for (const auto& command : commands) {
        if (session.ended())
            break;
        status = std::max(status, session.run(command));
    }
    return status;
}

int run_lines(Session& session) {
    int status = kSucceeded;
    for (std::string line; !session.ended() && std::getline(std::cin, line);) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        status = std::max(status, session.run(line));
    }
    return status;
}

int run_interactively(Session& session) {
    if (!session.refresh_prompt())
        return kNoAnswer;
    // Outside of editing, Ctrl-C must not end the session.
    std::signal(SIGINT, SIG_IGN);
    write_all(STDOUT_FILENO, "\n");
    Editor editor(session);
    while (!session.ended()) {
        const auto line = editor.read();
        if (!line) {
            write_all(STDOUT_FILENO, "\n");
            break;
        }
        // Nothing to run, but the supervisor may have changed its state meanwhile.
        if (line->find_first_not_of(" \t") == std::string::npos) {
            session.refresh_prompt();
        } else {
            session.run(*line);
        }
    }
    return kSucceeded;
}

}  // namespace

int main(int argc, char** argv) {
    // libedit reads characters, so it must know how they are encoded.
    if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
        std::setlocale(LC_CTYPE, "C.UTF-8");
    std::signal(SIGPIPE, SIG_IGN);
    const auto options = parse_options(argc, argv);
    if (!options) {
        std::cerr << "vsmsh: " << options.error() << "\n" << kUsage;
        return kWrongUsage;
    }
    if (options->help) {
        std::cout << kUsage;
        return kSucceeded;
    }
    if (options->version) {
        std::cout << "vsmsh " VSM_HA_VERSION "\n";
        return kSucceeded;
    }
    const auto connection = Connection::find(*options);
    if (!connection) {
        std::cerr << "vsmsh: " << connection.error() << "\n";
        return kNoAnswer;
    }
    if (options->follow)
        return follow(*connection, *options);
    const Terminal terminal;
    Session session(*connection, terminal);
    if (!options->commands.empty())
        return run_all(session, options->commands);
    return terminal.interactive() ? run_interactively(session) : run_lines(session);
}
