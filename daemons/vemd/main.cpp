// vemd: the module's daemon. What its command line says, nothing else.
#include "daemons/vemd/daemon.hpp"
#include "libha/runtime/daemon_command_line.hpp"
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

std::vector<std::string> check(const std::string& file) {
    const auto loaded = vem::runtime::load_module_configuration(file);
    return loaded ? std::vector<std::string>{} : loaded.error();
}

}  // namespace

int main(int argc, char** argv) {
    const ha::runtime::DaemonCommandLine daemon{"vemd", kHelp, VSM_HA_SYSCONFDIR "/vemd.yaml",
                                                check,
                                                [argv](const ha::runtime::Invocation& invocation) {
                                                    return vemd::run(invocation.file, argv);
                                                }};
    return ha::runtime::run_command_line(daemon, argc, argv);
}
