// Supervisor: changes that operators ask for, and what the configuration then says (SYNC-2, SW-4).
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "libha/config/accounting.hpp"
#include "libha/config/edit.hpp"
#include "libha/config/settings.hpp"
#include "libha/config/text.hpp"
#include "libha/records/encoding.hpp"
#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

using records::Space;

namespace {

using Changed = tl::expected<records::Changes, std::string>;

/// What a request makes of the records, or the operator's error without "% ".
class Change {
public:
    Change(const records::Database& database, WallTime wall_now)
        : database_(database), wall_now_(wall_now) {}

    Changed operator()(const ConfigurationLine& line) const {
        const auto running = config::Configuration::of(database_, Space::running_configuration);
        auto edit = config::edit(running, line.section, line.line);
        if (!edit)
            return tl::unexpected(edit.error());
        return std::move(edit->changes);
    }
    Changed operator()(const SaveConfiguration& /*save*/) const {
        return config::save_startup(database_, wall_now_);
    }
    Changed operator()(const EraseConfiguration& /*erase*/) const {
        return config::erase_startup(database_);
    }
    Changed operator()(const LoadedLines& loaded) const {
        const bool is_running = std::ranges::all_of(loaded.changes, [](const auto& change) {
            return change.key.space == Space::running_configuration;
        });
        if (!is_running)
            return tl::unexpected(std::string("The change is not one of the configuration"));
        return loaded.changes;
    }
    Changed operator()(const CommandGiven& /*given*/) const { return records::Changes{}; }
    Changed operator()(const ReloadModule& /*reload*/) const { return {}; }
    Changed operator()(const ServiceRecords& service) const {
        const bool is_own = std::ranges::all_of(service.changes, [](const auto& change) {
            return change.key.space == Space::checkpoints;
        });
        if (!is_own)
            return tl::unexpected(std::string("The records are not those of a service"));
        if (std::string fault = records::fault_of(service.changes); !fault.empty())
            return tl::unexpected(std::move(fault));
        return service.changes;
    }

private:
    const records::Database& database_;
    WallTime wall_now_;
};

/// What a change asks of the table of modules.
std::vector<config::ModuleLine> module_lines(const ChangeRequested& input) {
    if (const auto* const loaded = std::get_if<LoadedLines>(&input.change))
        return loaded->modules;
    const auto* const given = std::get_if<ConfigurationLine>(&input.change);
    const auto line =
        given == nullptr ? std::nullopt : config::module_line(given->section, given->line);
    return line ? std::vector{*line} : std::vector<config::ModuleLine>{};
}

/// Asked for by a service, again and again: nothing that an operator did.
bool is_of_service(const ChangeRequested& input) {
    return std::holds_alternative<ServiceRecords>(input.change);
}

/// A command that was refused where it was given.
bool has_failed(const ChangeRequested& input) {
    const auto* const given = std::get_if<CommandGiven>(&input.change);
    return given != nullptr && !given->succeeded;
}

std::size_t size_of(const records::Changes& changes) {
    std::size_t size = 0;
    for (const records::Change& change : changes)
        size += records::encoded_size(change);
    return size;
}

}  // namespace

Options with_startup(Options options) {
    const auto startup =
        config::Configuration::of(options.stored.records(), Space::startup_configuration);
    const config::Settings settings = config::settings_of(startup);
    if (settings.domain)
        options.pair.domain = *settings.domain;
    if (settings.loss_interval)
        options.pair.loss_interval = *settings.loss_interval;
    return options;
}

/// A supervisor begins with what was saved; what was not is gone, unless its peer has it (SW-4).
void Supervisor::Implementation::load_startup() {
    records::Changes changes =
        database_.copy(Space::startup_configuration, Space::running_configuration);
    if (database_.of(Space::startup_configuration).empty())
        changes = config::initial(options_.hostname, options_.pair.domain, options_.control_vlan)
                      .changes_to(database_, Space::running_configuration);
    database_.apply(changes);
    // They go with the next write: nothing depends on them before there is something to tell.
    std::ranges::move(changes, std::back_inserter(unwritten_));
    obey_ports(running_settings());
    // Before anything is done that goes by it: which address to hold, where to log.
    effects_->emplace_back(ConfigurationChanged{});
}

void Supervisor::Implementation::on(const ChangeRequested& input) {
    const PairState state = pair_.state();
    const auto* const reload = std::get_if<ReloadModule>(&input.change);
    if (!redundancy::is_active(state))
        return complete(input.ticket,
                        reload != nullptr
                            ? "Modules are reloaded by the active supervisor only"
                            : "Configuration is possible on the active supervisor only");
    if (state == PairState::active_arbitrating)
        return complete(input.ticket,
                        "Two supervisors are active and one of them will restart; try again");
    Changed changes = std::visit(Change(database_, input.wall_now), input.change);
    if (changes && size_of(*changes) > replication::kMaximumTransaction / 2)
        changes = tl::unexpected("The change has " + std::to_string(size_of(*changes)) +
                                 " bytes, at most " +
                                 std::to_string(replication::kMaximumTransaction / 2));
    if (std::string fault = cut_off_fault(changes.value_or(records::Changes{})); !fault.empty())
        changes = tl::unexpected(std::move(fault));
    if (std::string fault = reload == nullptr ? "" : reload_fault(reload->module); !fault.empty())
        changes = tl::unexpected(std::move(fault));
    const std::uint64_t before = registry_.records_revision();
    // The table of modules is kept by itself; no line of the configuration repeats it.
    records::Changes of_modules;
    if (changes) {
        if (auto obeyed = obey_module_lines(module_lines(input)); obeyed)
            of_modules = std::move(*obeyed);
        else
            changes = tl::unexpected(obeyed.error());
    }
    const bool is_new = changes && (!changes->empty() || registry_.records_revision() != before);
    records::Changes all = changes.value_or(records::Changes{});
    std::ranges::move(of_modules, std::back_inserter(all));
    const bool is_of_operator = !is_of_service(input);
    if (!is_of_operator && !changes)
        return complete(input.ticket, changes.error());
    if (is_of_operator) {
        if (is_new)
            note_configured(all);
        const config::AccountingEntry entry{input.wall_now, input.by.user, input.by.origin,
                                            input.command, changes && !has_failed(input)};
        std::ranges::move(config::append(database_, entry), std::back_inserter(all));
    }
    commit(std::move(all));
    if (!changes)
        return complete(input.ticket, changes.error());
    if (registry_.records_revision() != before)
        awaited_.push_back({revision_, registry_.records_revision(), std::nullopt});
    awaited_.push_back({revision_, 0, input.ticket});
    if (is_new && is_of_operator)
        obey_configuration();
    if (reload != nullptr && number(reload->module) >= kFirstModuleNumber)
        feed(vem::registry::ModuleReloadRequested{reload->module, now_});
    else if (reload != nullptr)
        feed(redundancy::StandbyReloadRequested{now_});
    confirm();
}

/// The other side could not wait for its own log to get here (SW-2).
void Supervisor::Implementation::carry_out(const redundancy::OrderObeyed& effect) {
    const auto colon = std::min(effect.by.find(':'), effect.by.size());
    commit(config::append(database_, {wall_now(), effect.by.substr(0, colon),
                                      effect.by.substr(std::min(colon + 1, effect.by.size())),
                                      "system switchover", true}));
}

/// Why a module cannot be reloaded, for an operator (SW-6); empty when it can.
std::string Supervisor::Implementation::reload_fault(Slot module) const {
    const std::string name = "Module " + std::to_string(number(module));
    if (module == slot_of(pair_.role()))
        return name + " is this supervisor: use 'reload', or 'system switchover'";
    const bool is_supervisor = module == kPrimarySlot || module == kSecondarySlot;
    const bool is_present =
        is_supervisor
            ? pair_.state() == PairState::active_syncing || pair_.state() == PairState::active_ha
            : registry_.attachment(module) != vem::registry::Attachment::absent;
    return is_present ? std::string() : name + " is not present";
}

/// What arbitration compares (SB-1): who configured last, and how often.
void Supervisor::Implementation::note_configured(records::Changes& changes) {
    const auto maker = static_cast<std::uint64_t>(options_.pair.incarnation);
    PersistentState after = known_;
    after.configuration_revision =
        after.configuration_maker == maker ? after.configuration_revision + 1 : 1;
    after.configuration_maker = maker;
    std::ranges::move(changes_between(known_, after), std::back_inserter(changes));
    known_ = std::move(after);
    configured_at_ = now_;
    told_module_count_ = kNothingTold;
}

config::Settings Supervisor::Implementation::running_settings() const {
    return config::settings_of(config::Configuration::of(database_, Space::running_configuration));
}

/// The running configuration is another one: here, or on the active that this standby follows.
void Supervisor::Implementation::obey_configuration() {
    const config::Settings settings = running_settings();
    obey_loss_interval(settings, installed_loss_interval_);
    obey_ports(settings);
    obey_domain(settings);
    configuration_changed_ = true;
}

/// The active says how long the loss interval is, and its standby goes by it (HB-2). `otherwise`:
/// what it is when none is configured; nothing: as it is.
void Supervisor::Implementation::obey_loss_interval(const config::Settings& settings,
                                                    std::optional<Duration> otherwise) {
    const auto configured = settings.loss_interval;
    if (redundancy::is_active(pair_.state()) && (configured || otherwise))
        feed(
            redundancy::LossIntervalChanged{configured ? Duration{*configured} : *otherwise, now_});
}

/// What is configured for ports of modules, told to the modules while this supervisor is active
/// (VEM-8).
void Supervisor::Implementation::obey_ports(const config::Settings& settings) {
    vem::registry::PortsConfigured configured{{}, now_};
    for (const auto& [port, is_shut_down] : settings.ports_shut_down) {
        auto& orders = configured.orders[port.module];
        orders.resize(std::max<std::size_t>(orders.size(), port.port));
        orders[port.port - 1U] =
            is_shut_down ? wire::PortOrder::shutdown : wire::PortOrder::no_shutdown;
    }
    feed(configured);
}

/// All of them, or none.
tl::expected<records::Changes, std::string> Supervisor::Implementation::obey_module_lines(
    const std::vector<config::ModuleLine>& lines) {
    using What = config::ModuleLine::What;
    for (const config::ModuleLine& line : lines) {
        std::string fault;
        if (line.what == What::reserve)
            fault = registry_.reservation_fault(line.module, line.host);
        else if (line.what == What::release)
            fault = registry_.release_fault(line.module);
        if (!fault.empty())
            return tl::unexpected(std::move(fault));
    }
    gathers_records_ = true;
    for (const config::ModuleLine& line : lines) {
        if (line.what == What::reserve)
            feed(vem::registry::NumberReserved{line.module, line.host, now_});
        else if (line.what == What::release)
            feed(vem::registry::NumberReleased{line.module, now_});
    }
    gathers_records_ = false;
    return take_module_records();
}

records::Changes Supervisor::Implementation::take_module_records() {
    PersistentState after = known_;
    after.modules = registry_.records();
    records::Changes changes = changes_between(known_, after);
    known_ = std::move(after);
    return changes;
}

void Supervisor::Implementation::complete(std::uint64_t ticket, std::string error) {
    effects_->emplace_back(ChangeCompleted{ticket, std::move(error)});
}

/// Whoever waits for a change learns that this supervisor cannot tell any more what becomes of it.
void Supervisor::Implementation::abandon_requests() {
    for (Awaited& awaited : awaited_)
        if (const auto ticket = std::exchange(awaited.ticket, std::nullopt))
            complete(*ticket,
                     "The supervisor is not active any more; the change may be made or not");
}

}  // namespace ha::supervisor
