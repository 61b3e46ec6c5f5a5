// vemd: the module's daemon. The command line, nothing else.
#include <getopt.h>

#include <cstdio>
#include <string>

#include "daemons/vemd/daemon.hpp"
#include "libvem/runtime/configuration.hpp"

namespace {

constexpr const char* kHelp =
    "Usage: vemd [OPTION]... [FILE]\n"
    "Run the agent of a module (VEM) in the foreground.\n"
    "\n"
    "  -c, --config FILE    read this configuration (default " VSM_HA_SYSCONFDIR
    "/vemd.yaml)\n"
    "  -t, --check-config   check the configuration, print every error, and exit\n"
    "  -V, --version        print the version and exit\n"
    "  -h, --help           print this help and exit\n"
    "\n"
    "SIGTERM says goodbye to the supervisor and stops, SIGHUP re-reads keys and log settings.\n"
    "The ports stay as they are and keep forwarding while the agent is stopped.\n"
    "Exit status: 0 stopped as asked, 1 it cannot run, 2 wrong usage or a bad configuration.\n"
    "A sample that explains every key is vemd.yaml among the installed examples; see vemd(8).\n";

int usage(const std::string& text) {
    std::fprintf(stderr, "vemd: %s\nTry 'vemd --help' for more information.\n", text.c_str());
    return 2;
}

int check(const std::string& file) {
    const auto loaded = vem::runtime::load_module_configuration(file);
    if (!loaded) {
        for (const std::string& line : loaded.error())
            std::fprintf(stderr, "%s\n", line.c_str());
        return 2;
    }
    std::printf("%s: ok\n", file.c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    static const option kOptions[] = {
        {"config", required_argument, nullptr, 'c'},
        {"check-config", no_argument, nullptr, 't'},
        {"version", no_argument, nullptr, 'V'},
        {"help", no_argument, nullptr, 'h'},
        {nullptr, 0, nullptr, 0},
    };
    std::string file;
    bool check_only = false;
    opterr = 0;
    for (int found = 0; (found = getopt_long(argc, argv, ":c:tVh", kOptions, nullptr)) != -1;) {
        switch (found) {
            case 'c':
                file = optarg;
                break;
            case 't':
                check_only = true;
                break;
            case 'V':
                std::puts("vemd (vsm-ha) " VSM_HA_VERSION);
                return 0;
            case 'h':
                std::fputs(kHelp, stdout);
                return 0;
            case ':':
                return usage(std::string{"option '"} + argv[optind - 1] + "' needs a value");
            default:
                return usage(std::string{"unknown option '"} + argv[optind - 1] + "'");
        }
    }
    if (argc - optind > 1 || (argc - optind == 1 && !file.empty()))
        return usage("more than one configuration file given");
    if (argc - optind == 1)
        file = argv[optind];
    if (file.empty())
        file = VSM_HA_SYSCONFDIR "/vemd.yaml";
    return check_only ? check(file) : vemd::run(file);
}
