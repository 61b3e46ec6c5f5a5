// See requests.hpp.
#include "libha/cli/requests.hpp"

#include <utility>

#include "libha/config/text.hpp"

namespace ha::cli {

namespace {

/// What a supervisor obeys of a configuration.
const std::vector<config::Feature> kObeyed = {
    config::Feature::host_name,   config::Feature::heartbeat,   config::Feature::ha_pair,
    config::Feature::domain,      config::Feature::logging,     config::Feature::interface,
    config::Feature::module_port, config::Feature::module_table};

std::vector<config::KnownModule> modules_of(const supervisor::Snapshot& snapshot) {
    std::vector<config::KnownModule> modules;
    for (const auto& module : snapshot.modules.modules)
        modules.push_back({module.record.module, module.record.host});
    return modules;
}

}  // namespace

supervisor::Input input_of(Action action) {
    switch (action) {
        case Action::reload:
            return supervisor::ReloadRequested{};
        case Action::clear_peer_mac:
            return supervisor::ClearPeerMac{};
        case Action::switchover:
            return supervisor::SwitchoverRequested{};
        case Action::role_standalone:
            return supervisor::RoleRequested{Role::standalone, {}};
        case Action::role_primary:
            return supervisor::RoleRequested{Role::primary, {}};
        case Action::role_secondary:
            return supervisor::RoleRequested{Role::secondary, {}};
        case Action::clear_accounting_backup:
            return supervisor::ClearKeptLog{records::Space::accounting_backup, {}};
        case Action::clear_remote_accounting:
            return supervisor::ClearKeptLog{records::Space::accounting_of_remote, {}};
        case Action::clear_trace_backup:
            return supervisor::ClearKeptLog{records::Space::redundancy_trace_backup, {}};
        case Action::clear_remote_trace:
            return supervisor::ClearKeptLog{records::Space::redundancy_trace_of_remote, {}};
    }
    return supervisor::ReloadRequested{};
}

std::optional<supervisor::ChangeRequested> change_of(const Request& request) {
    supervisor::ChangeRequested change;
    if (const auto* const configure = std::get_if<Configure>(&request)) {
        change.command = "configure terminal ; ";
        if (!configure->section.empty())
            change.command += configure->section + " ; ";
        change.command += configure->line;
        change.change = supervisor::ConfigurationLine{configure->section, configure->line};
    } else if (std::holds_alternative<CopyRunningToStartup>(request)) {
        change.command = "copy running-config startup-config";
        change.change = supervisor::SaveConfiguration{};
    } else if (std::holds_alternative<EraseStartup>(request)) {
        change.command = "write erase";
        change.change = supervisor::EraseConfiguration{};
    } else {
        return std::nullopt;
    }
    return change;
}

KeptConfiguration kept_configuration(const records::Database& records) {
    KeptConfiguration kept;
    kept.running = config::Configuration::of(records, records::Space::running_configuration);
    kept.startup = config::Configuration::of(records, records::Space::startup_configuration);
    kept.startup_saved = config::startup_saved(records);
    for (const auto& [key, value] : records.of(records::Space::accounting))
        kept.accounting.push_back(value);
    return kept;
}

ConfigurationView view_of(KeptConfiguration kept, const supervisor::Snapshot& snapshot) {
    ConfigurationView view;
    view.features = kObeyed;
    const auto modules = modules_of(snapshot);
    view.running = config::with_modules(std::move(kept.running), modules);
    view.startup = std::move(kept.startup);
    if (!view.startup.empty())
        view.startup = config::with_modules(std::move(view.startup), modules);
    view.startup_saved = kept.startup_saved;
    for (const std::string& value : kept.accounting)
        if (auto entry = config::decode_accounting(value))
            view.accounting.push_back(std::move(*entry));
    return view;
}

}  // namespace ha::cli
