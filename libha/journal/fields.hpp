// What is in the structs that a journal holds, said once for writing and for reading. Each function
// takes a struct apart by a structured binding, so a field that is added somewhere and not recorded
// here does not compile: whatever makes a supervisor what it is must be in the journal.
//
// An archive is called with the name and the value of one field after the other.
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>

#include "libha/supervisor/supervisor.hpp"

namespace ha::journal {

/// T or const T: an archive that reads gets the former, one that writes the latter.
template <typename Given, typename T>
concept Is = std::same_as<std::remove_const_t<Given>, T>;

template <typename Archive>
void fields(Archive& archive, Is<wire::Key> auto& value) {
    auto& [id, secret] = value;
    archive("id", id);
    archive("secret", secret);
}
template <typename Archive>
void fields(Archive& archive, Is<wire::Keyring> auto& value) {
    auto& [keys] = value;
    archive("keys", keys);
}
template <typename Archive>
void fields(Archive& archive, Is<wire::ModuleRecord> auto& value) {
    auto& [host, module, host_name] = value;
    archive("host", host);
    archive("module", module);
    archive("host_name", host_name);
}
template <typename Archive>
void fields(Archive& archive, Is<redundancy::Options> auto& value) {
    auto& [role, domain, incarnation, personality, peer_mac_policy, authenticated,
           heartbeat_interval, loss_interval, peer_macs, peer_incarnation, waits_for_logs] = value;
    archive("role", role);
    archive("domain", domain);
    archive("incarnation", incarnation);
    archive("personality", personality);
    archive("peer_mac_policy", peer_mac_policy);
    archive("authenticated", authenticated);
    archive("heartbeat_interval", heartbeat_interval);
    archive("loss_interval", loss_interval);
    archive("peer_macs", peer_macs);
    archive("peer_incarnation", peer_incarnation);
    archive("waits_for_logs", waits_for_logs);
}
template <typename Archive>
void fields(Archive& archive, Is<vem::registry::Options> auto& value) {
    auto& [incarnation, heartbeat_interval, missed_limit, switch_request_copies] = value;
    archive("incarnation", incarnation);
    archive("heartbeat_interval", heartbeat_interval);
    archive("missed_limit", missed_limit);
    archive("switch_request_copies", switch_request_copies);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::Options> auto& value) {
    auto& [hostname, control_vlan, pair, modules, keyring, stored, backlog_limit,
           replication_buffer, keeps_logs] = value;
    archive("hostname", hostname);
    archive("control_vlan", control_vlan);
    archive("pair", pair);
    archive("modules", modules);
    archive("keyring", keyring);
    archive("stored", stored);
    archive("backlog_limit", backlog_limit);
    archive("replication_buffer", replication_buffer);
    archive("keeps_logs", keeps_logs);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::LinkState> auto& value) {
    auto& [present, admin_up, carrier, mac, interface_name, reason] = value;
    archive("present", present);
    archive("admin_up", admin_up);
    archive("carrier", carrier);
    archive("mac", mac);
    archive("interface_name", interface_name);
    archive("reason", reason);
}

// The inputs.
template <typename Archive>
void fields(Archive& archive, Is<supervisor::FrameReceived> auto& value) {
    auto& [port, source, payload, received_at, now] = value;
    archive("port", port);
    archive("source", source);
    archive("payload", payload);
    archive("received_at", received_at);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::FramesDropped> auto& value) {
    auto& [port, reason, count, now] = value;
    archive("port", port);
    archive("reason", reason);
    archive("count", count);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::LinkChanged> auto& value) {
    auto& [port, link, now] = value;
    archive("port", port);
    archive("link", link);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::StoreCompleted> auto& value) {
    auto& [token, ok, now] = value;
    archive("token", token);
    archive("ok", ok);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::KeyringChanged> auto& value) {
    auto& [keyring, now] = value;
    archive("keyring", keyring);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::Stalled> auto& value) {
    auto& [duration, now] = value;
    archive("duration", duration);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::LossIntervalChanged> auto& value) {
    auto& [loss_interval, now] = value;
    archive("loss_interval", loss_interval);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::RoleRequested> auto& value) {
    auto& [role, now] = value;
    archive("role", role);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::Tick> auto& value) {
    auto& [now, wall_now] = value;
    archive("now", now);
    archive("wall_now", wall_now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ClearKeptLog> auto& value) {
    auto& [space, now] = value;
    archive("space", space);
    archive("now", now);
}
/// The inputs that say no more than when.
template <typename T>
concept OnlyNow = Is<T, supervisor::StopRequested> || Is<T, supervisor::ReloadRequested> ||
    Is<T, supervisor::ClearPeerMac>;
template <typename Archive>
void fields(Archive& archive, OnlyNow auto& value) {
    auto& [now] = value;
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::SwitchoverRequested> auto& value) {
    auto& [now, by] = value;
    archive("now", now);
    archive("by", by);
}

template <typename Archive>
void fields(Archive& archive, Is<supervisor::Operator> auto& value) {
    auto& [user, origin] = value;
    archive("user", user);
    archive("origin", origin);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ConfigurationLine> auto& value) {
    auto& [section, line] = value;
    archive("section", section);
    archive("line", line);
}
template <typename Archive>
void fields(Archive& archive, Is<config::ModuleLine> auto& value) {
    auto& [what, module, host] = value;
    archive("what", what);
    archive("module", module);
    archive("host", host);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::LoadedLines> auto& value) {
    auto& [changes, modules] = value;
    archive("changes", changes);
    archive("modules", modules);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::CommandGiven> auto& value) {
    auto& [succeeded] = value;
    archive("succeeded", succeeded);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ReloadModule> auto& value) {
    auto& [module] = value;
    archive("module", module);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ServiceRecords> auto& value) {
    auto& [changes] = value;
    archive("changes", changes);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ChangeRequested> auto& value) {
    auto& [ticket, by, command, change, wall_now, now] = value;
    archive("ticket", ticket);
    archive("by", by);
    archive("command", command);
    archive("change", change);
    archive("wall_now", wall_now);
    archive("now", now);
}

template <typename Archive>
void fields(Archive& archive, Is<supervisor::ConsoleRequested> auto& value) {
    auto& [ticket, user, line, now] = value;
    archive("ticket", ticket);
    archive("user", user);
    archive("line", line);
    archive("now", now);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ConsoleAnswer> auto& value) {
    auto& [exit_status, output, error] = value;
    archive("exit_status", exit_status);
    archive("output", output);
    archive("error", error);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ConsoleAnswered> auto& value) {
    auto& [id, answer, now] = value;
    archive("id", id);
    archive("answer", answer);
    archive("now", now);
}

// The effects.
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ConsoleCompleted> auto& value) {
    auto& [ticket, answer, failure] = value;
    archive("ticket", ticket);
    archive("answer", answer);
    archive("failure", failure);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::RunConsole> auto& value) {
    auto& [id, user, line] = value;
    archive("id", id);
    archive("user", user);
    archive("line", line);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::ChangeCompleted> auto& value) {
    auto& [ticket, error] = value;
    archive("ticket", ticket);
    archive("error", error);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::SendFrame> auto& value) {
    auto& [port, destination, payload] = value;
    archive("port", port);
    archive("destination", destination);
    archive("payload", payload);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::Persist> auto& value) {
    auto& [token, changes] = value;
    archive("token", token);
    archive("changes", changes);
}
template <typename Archive>
void fields(Archive& archive, Is<supervisor::Restart> auto& value) {
    auto& [reason] = value;
    archive("reason", reason);
}
template <typename Archive>
void fields(Archive& archive, Is<catalog::Report> auto& value) {
    auto& [id, arguments] = value;
    archive("message", id);
    archive("arguments", arguments);
}
template <typename T>
concept Plain = Is<T, supervisor::HoldAddress> || Is<T, supervisor::AnnounceAddress> ||
    Is<T, supervisor::ReleaseAddress> || Is<T, supervisor::Exit> ||
    Is<T, supervisor::ConfigurationChanged> || Is<T, supervisor::SaveConfiguration> ||
    Is<T, supervisor::EraseConfiguration>;
template <typename Archive>
void fields(Archive& /*archive*/, Plain auto& value) {
    static_assert(std::is_empty_v<std::remove_cvref_t<decltype(value)>>);
}

// The names of the alternatives, in their order.
template <typename Variant>
inline constexpr std::array<std::string_view, 0> kNames{};
using RequestedChange = decltype(supervisor::ChangeRequested::change);
template <>
inline constexpr std::array<std::string_view, std::variant_size_v<RequestedChange>>
    kNames<RequestedChange>{"configuration_line", "save_configuration", "erase_configuration",
                            "loaded_lines",       "command_given",      "reload_module"};
template <>
inline constexpr std::array<std::string_view, std::variant_size_v<supervisor::Input>>
    kNames<supervisor::Input>{"frame_received",        "frames_dropped",  "tick",
                              "link_changed",          "store_completed", "stop_requested",
                              "reload_requested",      "clear_peer_mac",  "keyring_changed",
                              "change_requested",      "stalled",         "switchover_requested",
                              "loss_interval_changed", "role_requested",  "clear_kept_log",
                              "console_requested",     "console_answered"};
template <>
inline constexpr std::array<std::string_view, std::variant_size_v<supervisor::Effect>>
    kNames<supervisor::Effect>{"send_frame",
                               "persist",
                               "hold_address",
                               "announce_address",
                               "release_address",
                               "change_completed",
                               "configuration_changed",
                               "restart",
                               "exit",
                               "report",
                               "console_completed",
                               "run_console"};

}  // namespace ha::journal
