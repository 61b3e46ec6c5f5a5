// See stored_state.hpp.
#include "libha/supervisor/stored_state.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace ha::supervisor {

using records::Change;
using records::Changes;
using records::Key;
using records::Space;

namespace {

Key boots_key() {
    return {Space::identity, "boots"};
}
Key peer_mac_key(PortKind port) {
    return {Space::identity, "peer-mac " + std::string(to_string(port))};
}
Key peer_incarnation_key() {
    return {Space::identity, "peer-incarnation"};
}
Key role_key() {
    return {Space::identity, "role"};
}
Key configuration_key() {
    return {Space::facts, "configuration"};
}
Key module_key(const Uuid& host) {
    return {Space::modules, host.to_string()};
}

template <typename T>
std::optional<T> number_of(std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// Both sides of the first blank.
std::pair<std::string_view, std::string_view> halves(std::string_view text) {
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos)
        return {text, {}};
    return {text.substr(0, blank), text.substr(blank + 1)};
}

template <typename T>
T read_number(const records::Database& database, const Key& key) {
    const std::string* const value = database.find(key);
    return value == nullptr ? T{0} : number_of<T>(*value).value_or(T{0});
}

MacAddress read_mac(const records::Database& database, PortKind port) {
    const std::string* const value = database.find(peer_mac_key(port));
    if (value == nullptr)
        return {};
    const auto mac = MacAddress::parse(*value);
    return mac && !mac->is_group() ? *mac : MacAddress{};
}

std::optional<wire::ModuleRecord> module_of(const std::string& name, const std::string& value) {
    const auto host = Uuid::parse(name);
    const auto [digits, host_name] = halves(value);
    const auto slot = number_of<std::uint8_t>(digits);
    if (!host || !slot || *slot < kFirstModuleNumber || *slot > kLastModuleNumber ||
        host_name.size() > wire::kMaximumHostName)
        return std::nullopt;
    return wire::ModuleRecord{*host, Slot{*slot}, std::string(host_name)};
}

std::vector<wire::ModuleRecord> read_modules(const records::Database& database) {
    std::vector<wire::ModuleRecord> modules;
    for (const auto& [key, value] : database.of(Space::modules))
        if (auto record = module_of(key.name, value))
            modules.push_back(std::move(*record));
    const auto by_number = [](const auto& record) { return record.module; };
    std::ranges::stable_sort(modules, {}, by_number);
    // Not std::ranges::unique: clang 14 cannot read it in this standard library.
    modules.erase(
        std::unique(modules.begin(), modules.end(),
                    [](const auto& one, const auto& other) { return one.module == other.module; }),
        modules.end());
    return modules;
}

std::string value_of(const wire::ModuleRecord& record) {
    return std::to_string(number(record.module)) + " " + record.host_name;
}

void compare_modules(const PersistentState& before, const PersistentState& after,
                     Changes& changes) {
    const auto same_host = [](const wire::ModuleRecord& record) {
        return [&record](const wire::ModuleRecord& other) { return other.host == record.host; };
    };
    for (const wire::ModuleRecord& record : before.modules)
        if (std::ranges::none_of(after.modules, same_host(record)))
            changes.push_back({module_key(record.host), std::nullopt});
    for (const wire::ModuleRecord& record : after.modules)
        if (std::ranges::find(before.modules, record) == before.modules.end())
            changes.push_back({module_key(record.host), value_of(record)});
}

}  // namespace

PersistentState state_of(const records::Database& database) {
    PersistentState state;
    state.boots = read_number<std::uint32_t>(database, boots_key());
    for (const PortKind port : kPortKinds)
        state.peer_macs[index_of(port)] = read_mac(database, port);
    state.peer_incarnation =
        Incarnation{read_number<std::uint64_t>(database, peer_incarnation_key())};
    if (const std::string* const value = database.find(configuration_key())) {
        const auto [maker, revision] = halves(*value);
        state.configuration_maker = number_of<std::uint64_t>(maker).value_or(0);
        state.configuration_revision = number_of<std::uint64_t>(revision).value_or(0);
    }
    if (const std::string* const value = database.find(role_key()))
        if (const auto role = parse_role(*value))
            state.administrative_role = *role;
    state.modules = read_modules(database);
    return state;
}

Changes changes_between(const PersistentState& before, const PersistentState& after) {
    Changes changes;
    if (before.boots != after.boots)
        changes.push_back({boots_key(), std::to_string(after.boots)});
    for (const PortKind port : kPortKinds)
        if (before.peer_macs[index_of(port)] != after.peer_macs[index_of(port)])
            changes.push_back({peer_mac_key(port), after.peer_macs[index_of(port)].to_string()});
    if (before.peer_incarnation != after.peer_incarnation)
        changes.push_back({peer_incarnation_key(),
                           std::to_string(static_cast<std::uint64_t>(after.peer_incarnation))});
    if (before.configuration_maker != after.configuration_maker ||
        before.configuration_revision != after.configuration_revision)
        changes.push_back({configuration_key(), std::to_string(after.configuration_maker) + " " +
                                                    std::to_string(after.configuration_revision)});
    if (before.administrative_role != after.administrative_role) {
        Change role{role_key(), std::nullopt};
        if (after.administrative_role)
            role.value = std::string(to_string(*after.administrative_role));
        changes.push_back(std::move(role));
    }
    compare_modules(before, after, changes);
    return changes;
}

StoredState::StoredState(records::Database database)
    : database_(std::move(database)), state_(state_of(database_)) {}

StoredState::StoredState(const PersistentState& state) {
    apply(changes_between({}, state));
}

void StoredState::apply(const Changes& changes) {
    database_.apply(changes);
    state_ = state_of(database_);
}

Changes StoredState::count_boot(std::uint32_t boots) {
    PersistentState counted = state_;
    counted.boots = boots;
    Changes changes = changes_between(state_, counted);
    apply(changes);
    return changes;
}

}  // namespace ha::supervisor
