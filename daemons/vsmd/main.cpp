// vsmd: the supervisor's daemon. What its command line says, nothing else.
#include "daemons/vsmd/daemon.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/daemon_command_line.hpp"

namespace {

constexpr const char* kHelp =
    "Usage: vsmd [OPTION]... [FILE]\n"
    "Run a supervisor (VSM) in the foreground.\n"
    "\n"
    "  -c, --config FILE    read this configuration (default " VSM_HA_SYSCONFDIR
    "/vsmd.yaml)\n"
    "      --journal FILE   record into FILE what goes in and comes out, for 'vsm-sim replay'\n"
    "  -t, --check-config   check the configuration, print every error, and exit\n"
    "  -V, --version        print the version and exit\n"
    "  -h, --help           print this help and exit\n"
    "\n"
    "SIGTERM stops it and hands over to the standby, SIGHUP re-reads keys and log settings.\n"
    "Exit status: 0 stopped as asked, 1 it cannot run, 2 wrong usage or a bad configuration.\n"
    "Every key of the configuration is explained in vsmd.yaml(5).\n";

std::vector<std::string> check(const std::string& file) {
    const auto loaded = ha::runtime::load_supervisor_configuration(file);
    return loaded ? std::vector<std::string>{} : loaded.error();
}

}  // namespace

int main(int argc, char** argv) {
    const ha::runtime::DaemonCommandLine daemon{
        "vsmd",
        kHelp,
        VSM_HA_SYSCONFDIR "/vsmd.yaml",
        check,
        [argv](const ha::runtime::Invocation& invocation) { return vsmd::run(invocation, argv); },
        true};
    return ha::runtime::run_command_line(daemon, argc, argv);
}
