// See daemon_command_line.hpp.
#include "libha/runtime/daemon_command_line.hpp"

#include <getopt.h>

#include <cerrno>
#include <cstdio>

#include "libha/runtime/bus_errors.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/service_notifier.hpp"

namespace ha::runtime {
namespace {

int refuse(const DaemonCommandLine& daemon, const std::string& text) {
    static_cast<void>(refuse_to_run(daemon.program, text, EINVAL));
    std::fprintf(stderr, "Try '%s --help' for more information.\n", daemon.program.c_str());
    return 2;
}

int check(const DaemonCommandLine& daemon, const std::string& file) {
    const std::vector<std::string> errors = daemon.check(file);
    for (const std::string& line : errors)
        std::fprintf(stderr, "%s\n", line.c_str());
    if (!errors.empty())
        return 2;
    std::printf("%s: ok\n", file.c_str());
    return 0;
}

}  // namespace

int run_command_line(const DaemonCommandLine& daemon, int argc, char** argv) {
    static const option kOptions[] = {
        {"config", required_argument, nullptr, 'c'},  {"check-config", no_argument, nullptr, 't'},
        {"journal", required_argument, nullptr, 'j'}, {"version", no_argument, nullptr, 'V'},
        {"help", no_argument, nullptr, 'h'},          {nullptr, 0, nullptr, 0},
    };
    std::string file;
    std::string journal;
    bool check_only = false;
    opterr = 0;
    for (int found = 0; (found = getopt_long(argc, argv, ":c:tVh", kOptions, nullptr)) != -1;) {
        switch (found) {
            case 'c':
                file = optarg;
                break;
            case 'j':
                if (!daemon.takes_journal)
                    return refuse(daemon, "unknown option '--journal'");
                journal = optarg;
                break;
            case 't':
                check_only = true;
                break;
            case 'V':
                std::printf("%s (vsm-ha) %s\n", daemon.program.c_str(), VSM_HA_VERSION);
                return 0;
            case 'h':
                std::fputs(daemon.help.c_str(), stdout);
                return 0;
            case ':':
                return refuse(daemon,
                              std::string{"option '"} + argv[optind - 1] + "' needs a value");
            default:
                return refuse(daemon, std::string{"unknown option '"} + argv[optind - 1] + "'");
        }
    }
    if (argc - optind > 1 || (argc - optind == 1 && !file.empty()))
        return refuse(daemon, "more than one configuration file given");
    if (argc - optind == 1)
        file = argv[optind];
    if (file.empty())
        file = daemon.default_file;
    if (check_only)
        return check(daemon, file);
    hold_signals();
    explain_bus_errors();
    return daemon.run({file, journal});
}

}  // namespace ha::runtime
