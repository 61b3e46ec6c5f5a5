// See reread.hpp.
#include "daemons/vemd/reread.hpp"

#include <algorithm>
#include <string>

#include "libha/runtime/log.hpp"

namespace vemd {

using ha::catalog::MessageId;
using vem::runtime::ModuleConfiguration;

namespace {

bool same_keys(const ha::wire::Keyring& one, const ha::wire::Keyring& other) {
    return std::ranges::equal(one.keys, other.keys, [](const auto& a, const auto& b) {
        return a.id == b.id && a.secret == b.secret;
    });
}

bool same_ports(const ModuleConfiguration& one, const ModuleConfiguration& other) {
    if (one.ports.has_value() != other.ports.has_value())
        return false;
    return !one.ports ||
           (one.ports->bridge == other.ports->bridge && one.ports->members == other.ports->members);
}

/// "host, timers": the keys whose change waits for a restart.
std::string waiting_changes(const ModuleConfiguration& old, const ModuleConfiguration& now) {
    const auto& was = old.options;
    const auto& is = now.options;
    std::string names;
    const auto add = [&](bool differs, const char* name) {
        if (differs)
            names += (names.empty() ? "" : ", ") + std::string{name};
    };
    // What the file leaves to the machine stays what it is.
    const bool other_uuid = !is.host.is_nil() && was.host != is.host;
    const bool other_name = !is.host_name.empty() && was.host_name != is.host_name;
    add(old.instance != now.instance, "instance");
    add(other_uuid || other_name, "host");
    add(was.domain != is.domain, "domain");
    add(old.control != now.control, "interfaces");
    add(!same_ports(old, now), "ports");
    add(old.ether_type != now.ether_type, "ethertype");
    add(was.heartbeat_interval != is.heartbeat_interval || was.headless_after != is.headless_after,
        "timers");
    add(old.directories != now.directories, "directories");
    add(old.scheduling != now.scheduling, "scheduling");
    return names;
}

}  // namespace

Reread reread_configuration(ModuleConfiguration& configuration, ha::runtime::Log& log) {
    const auto loaded = vem::runtime::load_module_configuration(configuration.file);
    if (!loaded) {
        for (const std::string& error : loaded.error())
            log.line(3, error);
        log.report({MessageId::configuration_refused,
                    {configuration.file,
                     std::to_string(loaded.error().size()) + " error(s), nothing was changed"}});
        return {std::nullopt, "; the changed configuration is refused, see the log"};
    }
    configuration.log = loaded->log;
    configuration.hooks = loaded->hooks;
    const std::string fault = log.reconfigure(
        {"vemd", configuration.options.host_name, loaded->log.threshold, loaded->log.file, true});
    if (!fault.empty())
        log.line(4, fault);
    log.report({MessageId::configuration_reloaded, {configuration.file}});
    const std::string waiting = waiting_changes(configuration, *loaded);
    Reread result;
    if (!waiting.empty()) {
        log.line(4, "changes of " + waiting + " take effect with the next restart");
        result.note = "; changes of " + waiting + " wait for a restart";
    }
    if (!same_keys(configuration.options.keyring, loaded->options.keyring))
        result.keyring = configuration.options.keyring = loaded->options.keyring;
    return result;
}

}  // namespace vemd
