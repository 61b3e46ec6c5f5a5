// Supervisor: `shutdown` of control0 or mgmt0 must not cut it off from its peer.
#include <algorithm>

#include "libha/config/settings.hpp"
#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

/// Empty, or why these changes would leave no path to the peer. A path that is dead anyhow may be
/// shut down, and without a peer there is nobody to be cut off from.
std::string Supervisor::Implementation::cut_off_fault(const records::Changes& changes) const {
    constexpr auto kSpace = records::Space::running_configuration;
    const bool concerned = std::ranges::any_of(changes, [](const records::Change& change) {
        return change.key.space == kSpace && (change.key.name.starts_with("interface control0") ||
                                              change.key.name.starts_with("interface mgmt0"));
    });
    if (!concerned || !pair_.peer_present())
        return {};
    auto configuration = config::Configuration::of(database_, kSpace);
    const config::Settings before = config::settings_of(configuration);
    configuration.apply(changes);
    const config::Settings after = config::settings_of(configuration);
    constexpr const char* kWhy = ": the supervisors would not hear each other";
    if (after.control.is_shut_down && after.mgmt.is_shut_down)
        return std::string("control0 and mgmt0 cannot both be shut down") + kWhy;
    if (after.control.is_shut_down && !before.control.is_shut_down && !usable(PortKind::mgmt))
        return std::string("control0 cannot be shut down while mgmt0 is down") + kWhy;
    const bool control_is_dead = pair_.degraded() || !usable(PortKind::control);
    if (after.mgmt.is_shut_down && !before.mgmt.is_shut_down && control_is_dead)
        return std::string("mgmt0 cannot be shut down while control0 is dead") + kWhy;
    return {};
}

}  // namespace ha::supervisor
