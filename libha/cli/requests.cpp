// See requests.hpp.
#include "libha/cli/requests.hpp"

#include <utility>

#include "libha/config/text.hpp"

namespace ha::cli {

namespace {

std::vector<config::KnownModule> modules_of(const supervisor::Snapshot& snapshot) {
    std::vector<config::KnownModule> modules;
    for (const auto& module : snapshot.modules.modules)
        modules.push_back({module.record.module, module.record.host});
    return modules;
}

}  // namespace

const std::vector<config::Feature>& obeyed_features() {
    static const std::vector<config::Feature> kObeyed = {
        config::Feature::host_name, config::Feature::heartbeat,   config::Feature::ha_pair,
        config::Feature::domain,    config::Feature::logging,     config::Feature::interface,
        config::Feature::snmp,      config::Feature::module_port, config::Feature::module_table};
    return kObeyed;
}

supervisor::Input input_of(Action action, const supervisor::Operator& by) {
    switch (action) {
        case Action::reload:
            return supervisor::ReloadRequested{};
        case Action::clear_peer_mac:
            return supervisor::ClearPeerMac{};
        case Action::switchover:
            return supervisor::SwitchoverRequested{{}, by};
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

std::string command_of(const Request& request) {
    struct Words {
        std::string operator()(Action action) const {
            switch (action) {
                case Action::reload:
                    return "reload";
                case Action::clear_peer_mac:
                    return "clear system redundancy peer-mac";
                case Action::switchover:
                    return "system switchover";
                case Action::role_standalone:
                    return "system redundancy role standalone";
                case Action::role_primary:
                    return "system redundancy role primary";
                case Action::role_secondary:
                    return "system redundancy role secondary";
                case Action::clear_accounting_backup:
                    return "clear active-active accounting logs";
                case Action::clear_remote_accounting:
                    return "clear active-active remote accounting logs";
                case Action::clear_trace_backup:
                    return "clear active-active redundancy traces";
                case Action::clear_remote_trace:
                    return "clear active-active remote redundancy traces";
            }
            return {};
        }
        std::string operator()(const Configure& configure) const {
            return "configure terminal ; " +
                   (configure.section.empty() ? std::string() : configure.section + " ; ") +
                   configure.line;
        }
        std::string operator()(const CopyRunningToStartup& /*copy*/) const {
            return "copy running-config startup-config";
        }
        std::string operator()(const EraseStartup& /*erase*/) const { return "write erase"; }
        std::string operator()(const CopyFileToRunning& copy) const {
            return "copy bootflash:" + copy.name + " running-config";
        }
        std::string operator()(const CopyRunningToFile& copy) const {
            return "copy running-config bootflash:" + copy.name;
        }
        std::string operator()(const ReloadModule& reload) const {
            return "reload module " + std::to_string(number(reload.module));
        }
    };
    return std::visit(Words{}, request);
}

std::optional<supervisor::ChangeRequested> change_of(const Request& request) {
    supervisor::ChangeRequested change;
    change.command = command_of(request);
    if (const auto* const configure = std::get_if<Configure>(&request))
        change.change = supervisor::ConfigurationLine{configure->section, configure->line};
    else if (std::holds_alternative<CopyRunningToStartup>(request))
        change.change = supervisor::SaveConfiguration{};
    else if (std::holds_alternative<EraseStartup>(request))
        change.change = supervisor::EraseConfiguration{};
    else if (const auto* const reload = std::get_if<ReloadModule>(&request))
        change.change = supervisor::ReloadModule{reload->module};
    else
        return std::nullopt;
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
    view.features = obeyed_features();
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
