// See reread.hpp.
#include "daemons/vsmd/reread.hpp"

#include <algorithm>
#include <string>

#include "libha/runtime/log.hpp"

namespace vsmd {

using namespace ha;
using namespace ha::runtime;

namespace {

bool same_keys(const wire::Keyring& one, const wire::Keyring& other) {
    return std::ranges::equal(one.keys, other.keys, [](const wire::Key& a, const wire::Key& b) {
        return a.id == b.id && a.secret == b.secret;
    });
}

/// "setup, timers": the keys whose change waits for a reload.
std::string waiting_changes(const SupervisorConfiguration& old,
                            const SupervisorConfiguration& now) {
    const redundancy::Options& was = old.options.pair;
    const redundancy::Options& is = now.options.pair;
    std::string names;
    const auto add = [&](bool differs, const char* name) {
        if (differs) {
            names += (names.empty() ? "" : ", ") + std::string(name);
        }
    };
    add(old.instance != now.instance, "instance");
    add(was.role != is.role || was.domain != is.domain, "setup");
    add(old.control != now.control || old.mgmt != now.mgmt || old.addresses != now.addresses,
        "interfaces");
    add(old.ether_type != now.ether_type, "ethertype");
    add(old.timers != now.timers, "timers");
    add(was.peer_mac_policy != is.peer_mac_policy || was.peer_macs != is.peer_macs, "peer_mac");
    add(was.personality != is.personality, "personality");
    add(old.directories != now.directories, "directories");
    return names;
}

}  // namespace

std::optional<wire::Keyring> reread_configuration(SupervisorConfiguration& configuration,
                                                  Log& log) {
    auto loaded = load_supervisor_configuration(configuration.file);
    if (!loaded) {
        const ConfigurationErrors& errors = loaded.error();
        for (const std::string& error : errors) {
            log.line(3, error);
        }
        log.report({catalog::MessageId::configuration_refused,
                    {configuration.file, std::to_string(errors.size()) + " error(s), nothing "
                                                                         "was changed"}});
        return std::nullopt;
    }
    configuration.log = loaded->log;
    configuration.hostname = loaded->hostname;
    const std::string fault =
        log.reconfigure({"vsmd", loaded->hostname, loaded->log.threshold, loaded->log.file, true});
    if (!fault.empty()) {
        log.line(4, fault);
    }
    log.report({catalog::MessageId::configuration_reloaded, {configuration.file}});
    const std::string waiting = waiting_changes(configuration, *loaded);
    if (!waiting.empty()) {
        log.line(4, "changes of " + waiting + " take effect with the next reload");
    }
    if (same_keys(configuration.options.keyring, loaded->options.keyring)) {
        return std::nullopt;
    }
    configuration.options.keyring = loaded->options.keyring;
    return configuration.options.keyring;
}

}  // namespace vsmd
