// See reread.hpp.
#include "daemons/vsmd/reread.hpp"

#include <algorithm>
#include <string>

#include "libha/runtime/log.hpp"

namespace vsmd {

using namespace ha;
using namespace ha::runtime;

bool same_keys(const wire::Keyring& one, const wire::Keyring& other) {
    return std::ranges::equal(one.keys, other.keys, [](const wire::Key& a, const wire::Key& b) {
        return a.id == b.id && a.secret == b.secret;
    });
}

std::string waiting_changes(const SupervisorConfiguration& current,
                            const SupervisorConfiguration& reread) {
    const redundancy::Options& was = current.options.pair;
    const redundancy::Options& is = reread.options.pair;
    std::string names;
    const auto add = [&](bool differs, const char* name) {
        if (differs) {
            names += (names.empty() ? "" : ", ") + std::string(name);
        }
    };
    add(current.instance != reread.instance, "instance");
    // The other one may be what operators configured since.
    add(current.options.hostname != reread.hostname, "hostname");
    add(was.role != is.role || was.domain != is.domain, "setup");
    add(current.control != reread.control || current.mgmt != reread.mgmt ||
            current.addresses != reread.addresses,
        "interfaces");
    add(current.ether_type != reread.ether_type, "ethertype");
    add(current.timers != reread.timers, "timers");
    add(was.peer_mac_policy != is.peer_mac_policy || was.peer_macs != is.peer_macs, "peer_mac");
    add(was.personality != is.personality, "personality");
    add(current.dying_gasp != reread.dying_gasp, "redundancy");
    add(current.directories != reread.directories, "directories");
    add(current.storage != reread.storage, "storage");
    add(current.scheduling.realtime_priority != reread.scheduling.realtime_priority ||
            current.scheduling.lock_memory != reread.scheduling.lock_memory,
        "scheduling");
    add(current.access != reread.access, "access");
    return names;
}

std::optional<SupervisorConfiguration> reread_configuration(const std::string& file, Log& log) {
    auto loaded = load_supervisor_configuration(file);
    if (loaded) {
        return std::move(*loaded);
    }
    for (const std::string& error : loaded.error()) {
        log.line(3, error);
    }
    const std::string count = std::to_string(loaded.error().size());
    log.report({catalog::MessageId::configuration_refused, {file, count + " error(s)"}});
    return std::nullopt;
}

void take_log_settings(const SupervisorConfiguration& configuration, Log& log) {
    const std::string fault = log.reconfigure(log_options(configuration));
    if (!fault.empty()) {
        log.line(4, fault);
    }
}

LogOptions log_options(const SupervisorConfiguration& configuration) {
    return {"vsmd", configuration.hostname, configuration.log.threshold, configuration.log.file,
            true};
}

LogRules log_rules(const config::Settings& all, const std::string& state_directory) {
    const config::LoggingSettings& settings = all.logging;
    LogRules rules;
    rules.hostname = all.hostname;
    for (const auto& [facility, severity] : settings.levels) {
        rules.levels[facility] = static_cast<int>(severity);
    }
    if (!settings.file.empty()) {
        rules.file = state_directory + "/log/" + settings.file;
        rules.file_severity = static_cast<int>(settings.file_severity);
    }
    for (const auto& server : settings.servers) {
        SyslogServer one;
        one.address = server.address;
        one.severity = static_cast<int>(server.severity.value_or(kDefaultServerSeverity));
        rules.servers.push_back(std::move(one));
    }
    return rules;
}

TrapRules trap_rules(const config::SnmpSettings& settings) {
    TrapRules rules;
    for (const auto& host : settings.hosts) {
        rules.hosts.push_back({host.address, host.port, host.community});
    }
    rules.sends_all = settings.sends_all_traps;
    rules.sends_services = settings.sends_service_traps;
    rules.contact = settings.contact;
    rules.location = settings.location;
    return rules;
}

}  // namespace vsmd
