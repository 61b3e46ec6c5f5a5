#include "daemons/vsmsh/options.hpp"

#include <getopt.h>

#include <array>
#include <charconv>
#include <string_view>

namespace vsmsh {
namespace {

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

/// The words behind the options are one command.
void take_words(Options& options, int argc, char** argv) {
    std::string words;
    for (int at = optind; at < argc; ++at)
        words += (words.empty() ? "" : " ") + std::string(argv[at]);
    if (optind < argc)
        options.commands.push_back(words);
}

bool is_instance(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos;
}

}  // namespace

const char* const kUsage =
    "usage: vsmsh [-i INSTANCE] [-c COMMAND]... [WORD...]\n"
    "       vsmsh [-i INSTANCE] --follow [--since NUMBER] [--json]\n"
    "\n"
    "The operator's shell of vsmd and vemd. With -c or words: runs these commands and ends.\n"
    "Without: reads commands from the terminal (? lists, Tab completes) or, line by line, from a "
    "pipe.\n"
    "\n"
    "  -i, --instance INSTANCE    the daemon to talk to; may be left out when only one runs\n"
    "  -c, --command COMMAND      run this command; may be given several times\n"
    "      --follow               print events as they happen, until it is interrupted\n"
    "      --since NUMBER         with --follow: first those after event NUMBER; 0: all that are "
    "kept\n"
    "      --json                 with --follow: each event as a JSON object on a line\n"
    "      --run-directory DIR    where the instances are (" VSM_HA_RUNDIR
    ")\n"
    "      --socket PATH          the control socket itself\n"
    "      --version              print the version\n"
    "      --help                 print this\n"
    "\n"
    "Exit status: 0 all commands succeeded, 1 one was refused, 2 wrong usage, 3 no daemon "
    "answers.\n";

tl::expected<Options, std::string> parse_options(int argc, char** argv) {
    enum Long : int { kRunDirectory = 256, kSocket, kFollow, kSince, kJson, kVersion, kHelp };
    static const std::array<option, 10> kLong{{
        {"instance", required_argument, nullptr, 'i'},
        {"command", required_argument, nullptr, 'c'},
        {"run-directory", required_argument, nullptr, kRunDirectory},
        {"socket", required_argument, nullptr, kSocket},
        {"follow", no_argument, nullptr, kFollow},
        {"since", required_argument, nullptr, kSince},
        {"json", no_argument, nullptr, kJson},
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
                if (!is_instance(options.instance)) {
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
            case kFollow:
                options.follow = true;
                break;
            case kSince:
                options.since = number_in(optarg);
                if (!options.since)
                    return tl::unexpected("--since '" + std::string(optarg) +
                                          "' is not the number of an event (0..)");
                break;
            case kJson:
                options.json = true;
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
    take_words(options, argc, argv);
    if (options.follow && !options.commands.empty())
        return tl::unexpected(std::string("--follow goes with no command"));
    if (!options.follow && (options.since || options.json))
        return tl::unexpected(std::string("--since and --json need --follow"));
    return options;
}

}  // namespace vsmsh
