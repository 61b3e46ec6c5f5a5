#include "daemons/vsmsh/options.hpp"

#include <getopt.h>

#include <array>

namespace vsmsh {

const char* const kUsage =
    "usage: vsmsh [-i INSTANCE] [-c COMMAND]... [WORD...]\n"
    "\n"
    "The operator's shell of vsmd and vemd. With -c or words: runs these commands and ends.\n"
    "Without: reads commands from the terminal (? lists, Tab completes) or, line by line, from a "
    "pipe.\n"
    "\n"
    "  -i, --instance INSTANCE    the daemon to talk to; may be left out when only one runs\n"
    "  -c, --command COMMAND      run this command; may be given several times\n"
    "      --run-directory DIR    where the instances are (" VSM_HA_RUNDIR
    ")\n"
    "      --socket PATH          the control socket itself\n"
    "      --version              print the version\n"
    "      --help                 print this\n"
    "\n"
    "Exit status: 0 all commands succeeded, 1 one was refused, 2 wrong usage, 3 no daemon "
    "answers.\n";

tl::expected<Options, std::string> parse_options(int argc, char** argv) {
    enum Long : int { kRunDirectory = 256, kSocket, kVersion, kHelp };
    static const std::array<option, 7> kLong{{
        {"instance", required_argument, nullptr, 'i'},
        {"command", required_argument, nullptr, 'c'},
        {"run-directory", required_argument, nullptr, kRunDirectory},
        {"socket", required_argument, nullptr, kSocket},
        {"version", no_argument, nullptr, kVersion},
        {"help", no_argument, nullptr, kHelp},
        {nullptr, 0, nullptr, 0},
    }};
    Options options;
    options.run_directory = VSM_HA_RUNDIR;
    opterr = 0;
    // "+": the first word ends the options, so that a command's own words are never taken for them.
    for (int option = 0;
         (option = getopt_long(argc, argv, "+:i:c:h", kLong.data(), nullptr)) != -1;) {
        switch (option) {
            case 'i':
                options.instance = optarg;
                if (options.instance.empty() || options.instance.front() == '.' ||
                    options.instance.find('/') != std::string::npos) {
                    return tl::unexpected("'" + options.instance +
                                          "' is not the name of an instance");
                }
                break;
            case 'c':
                options.commands.emplace_back(optarg);
                break;
            case kRunDirectory:
                options.run_directory = optarg;
                break;
            case kSocket:
                options.socket = optarg;
                break;
            case kVersion:
                options.version = true;
                break;
            case 'h':
            case kHelp:
                options.help = true;
                break;
            case ':':
                return tl::unexpected(std::string("option '") + argv[optind - 1] +
                                      "' needs a value");
            default:
                return tl::unexpected(std::string("unknown option '") + argv[optind - 1] + "'");
        }
    }
    std::string words;
    for (int at = optind; at < argc; ++at)
        words += (words.empty() ? "" : " ") + std::string(argv[at]);
    if (optind < argc)
        options.commands.push_back(words);
    return options;
}

}  // namespace vsmsh
