// The operator's commands of a supervisor: a line and a snapshot in, text and perhaps an action
// out. The daemon answers its control socket with this; docs/json.md documents the data of every
// command.
//
// Pure: it never changes the snapshot, asks for no time and carries out no action. Safe to call
// from any thread with a Context of its own.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libha/cli/engine.hpp"
#include "libha/config/accounting.hpp"
#include "libha/config/commands.hpp"
#include "libha/config/configuration.hpp"
#include "libha/supervisor/kept_logs.hpp"
#include "libha/supervisor/supervisor.hpp"

namespace ha::cli {

/// A process or a thread of this supervisor.
struct Process {
    std::uint32_t id = 0;
    char state = 'S';             ///< R, S, Z as the kernel says
    std::string program_counter;  ///< hexadecimal, "0" when the kernel does not tell
    std::string name;
};

/// What becomes of the lines of the log beyond those that are kept here.
struct LoggingView {
    struct Server {
        std::string address;
        unsigned severity = 5;  ///< it gets lines of this one and more urgent ones
        std::uint64_t sent = 0;
        std::uint64_t failed = 0;   ///< the network did not take them
        std::uint64_t dropped = 0;  ///< too many waited
        std::string fault;          ///< why the latest was not sent, empty: it was
    };
    unsigned threshold = 6;  ///< of facilities for which no level is configured
    std::string file_fault;  ///< why the file is not written, empty: it is
    std::uint64_t file_dropped = 0;
    std::vector<Server> servers;
};

/// A file that operators keep on a supervisor.
struct StoredFile {
    std::string name;
    std::uint64_t size = 0;  ///< bytes
    WallTime modified;
};

/// Who is notified, and what became of it.
struct SnmpHostView {
    std::string address;
    std::uint16_t port = 162;
    std::string community;
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;
    std::string fault;  ///< why the latest was not sent, empty: it was
};

/// What is configured, and who did it.
struct ConfigurationView {
    /// What the supervisor obeys: of the commands of the configuration only these are listed.
    std::vector<config::Feature> features;
    config::Configuration running;
    config::Configuration startup;
    std::optional<WallTime> startup_saved;
    std::vector<config::AccountingEntry> accounting;  ///< oldest first
    LoggingView logging;
    std::vector<StoredFile> files;  ///< by name
    std::vector<SnmpHostView> snmp_hosts;
};

struct Context {
    supervisor::Snapshot snapshot;
    Instant now;        ///< ages are shown against this
    WallTime wall_now;  ///< dates are shown against this
    std::string hostname = "switch";
    std::string version;
    Duration kernel_uptime{};
    std::vector<std::string> log;    ///< oldest first, without line ends
    std::uint16_t control_vlan = 0;  ///< 0: untagged
    std::string management_address;  ///< "10.0.0.10", empty: none; shown while it is held
    /// "10.0.0.10/24", those that the active supervisor has on control0 and mgmt0.
    std::array<std::vector<std::string>, kPortCount> addresses;
    std::string kernel;  ///< "Linux 6.1.0-18-amd64", empty: not known
    /// Called by the one command that shows them, on the thread of execute(): reading them from the
    /// kernel takes longer than most commands. Without it there are none.
    std::function<std::vector<Process>()> processes;
    /// The logs of the last split brain (supervisor::kept_logs_of).
    records::Database kept_logs;
    /// Where the session is (modes.hpp): "" is EXEC.
    std::string mode;
    /// Of the role network-admin; others only look.
    bool may_change = true;
    /// Without one there are no commands for it.
    std::optional<ConfigurationView> configuration;
};

/// What changes something is refused without Context::may_change.
Result execute(std::string_view line, const Context& context);

/// Whether execute() needs no more of the context for this line than `mode`, `may_change`, the
/// features and the running configuration as it is kept, and the state of the pair: true of most
/// lines of the configuration, and of saving it. `mode`: where the session is, obeyed features.
bool is_plain_change(std::string_view line, std::string_view mode);

}  // namespace ha::cli
