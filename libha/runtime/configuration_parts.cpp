// Readers of the shared parts. See configuration_parts.hpp.
#include "libha/runtime/configuration_parts.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "libha/runtime/files.hpp"
#include "libha/runtime/key_file.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kMaximumName = 63;
constexpr std::size_t kMaximumInterfaceName = 15;  // IFNAMSIZ less the final zero
constexpr std::size_t kMaximumPath = 4095;
constexpr std::size_t kMaximumKeys = 16;
constexpr std::uint64_t kNxOsHeartbeatMs = 1000;
constexpr std::uint64_t kFastHeartbeatMs = 50;
constexpr std::uint64_t kMinimumMultiplier = 3;
constexpr std::uint64_t kMaximumLossMs = 30000;

bool is_name(std::string_view text) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return !text.empty() && text.size() <= kMaximumName && text.front() != '.' &&
           text.front() != '-' && std::ranges::all_of(text, good);
}

std::string folder_of(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

Duration milliseconds(std::uint64_t count) {
    return std::chrono::milliseconds{static_cast<std::int64_t>(count)};
}

std::uint64_t read_heartbeat(yaml::Section& timers, TimerProfile profile) {
    const auto given = timers.integer("heartbeat_interval_ms", {5, 1000});
    if (profile == TimerProfile::fast) {
        return given.value_or(kFastHeartbeatMs);
    }
    if (given && *given != kNxOsHeartbeatMs) {
        timers.complain("heartbeat_interval_ms",
                        fmt::format("{} needs profile: fast (with profile nx-os it is always {})",
                                    *given, kNxOsHeartbeatMs));
    }
    return kNxOsHeartbeatMs;
}

std::uint64_t read_loss(yaml::Section& timers, TimerProfile profile, std::uint64_t heartbeat) {
    if (profile == TimerProfile::nx_os) {
        const auto loss = timers.integer("loss_interval_ms", {6000, kMaximumLossMs});
        if (loss && *loss % 1000 != 0) {
            timers.complain("loss_interval_ms",
                            fmt::format("{} is not a whole number of seconds (6000..30000 in steps "
                                        "of 1000 with profile nx-os)",
                                        *loss));
        }
        return loss.value_or(15000);
    }
    const std::uint64_t minimum = kMinimumMultiplier * heartbeat;
    const std::uint64_t maximum = kMaximumLossMs / heartbeat * heartbeat;
    const auto loss = timers.integer("loss_interval_ms", {minimum, maximum});
    if (loss && *loss % heartbeat != 0) {
        timers.complain(
            "loss_interval_ms",
            fmt::format("{} is not a multiple of heartbeat_interval_ms ({}..{} in steps "
                        "of {})",
                        *loss, minimum, maximum, heartbeat));
    }
    return loss.value_or(minimum);
}

}  // namespace

yaml::Node load_yaml(const std::string& file, yaml::Problems& problems) {
    const auto content = read_file(file, kMaximumConfiguration, Links::follow);
    if (!content) {
        problems.add(0, "", content.error().text);
        return {};
    }
    yaml::Node root = yaml::parse(content->bytes, problems);
    return root;
}

std::string file_stem(const std::string& file) {
    std::string name = file.substr(folder_of(file).size());
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

std::optional<std::string> read_name(yaml::Section& section, std::string_view key,
                                     std::string_view what, yaml::Need need) {
    auto name = section.text(key, what, kMaximumName, need);
    if (name && !is_name(*name)) {
        section.complain(key,
                         fmt::format("{} is not {}: letters, digits, '-', '_' and '.', starting "
                                     "with a letter or digit (1..{} characters)",
                                     yaml::quoted(*name), what, kMaximumName));
        return std::nullopt;
    }
    return name;
}

std::string read_instance(yaml::Section& root, const std::string& file) {
    if (root.has("instance")) {
        return read_name(root, "instance", "an instance name", yaml::Need::optional).value_or("");
    }
    std::string stem = file_stem(file);
    if (!is_name(stem)) {
        root.problems().add(0, "instance",
                            fmt::format("is missing, and the file's name {} cannot stand for it",
                                        yaml::quoted(stem)));
    }
    return stem;
}

std::optional<PortSettings> read_port(yaml::Section& port) {
    const auto name =
        port.text("name", "an interface name", kMaximumInterfaceName, yaml::Need::required);
    const auto vlan = port.integer("vlan", {1, 4094});
    if (!name) {
        return std::nullopt;
    }
    if (name->find_first_of("/ \t:") != std::string::npos || *name == "." || *name == "..") {
        port.complain("name", fmt::format("{} cannot be an interface name", yaml::quoted(*name)));
        return std::nullopt;
    }
    PortSettings settings{*name, std::nullopt};
    if (vlan) {
        settings.vlan = static_cast<std::uint16_t>(*vlan);
    }
    return settings;
}

std::uint16_t read_ether_type(yaml::Section& root) {
    struct Taken {
        std::uint64_t type;
        std::string_view name;
    };
    static constexpr Taken kTaken[] = {
        {0x0800, "IPv4"},         {0x0806, "ARP"},  {0x86dd, "IPv6"}, {0x8100, "802.1Q tags"},
        {0x88a8, "802.1ad tags"}, {0x8809, "LACP"}, {0x88cc, "LLDP"},
    };
    const auto given = root.integer("ethertype", {0x0600, 0xffff, true});
    const auto taken = std::ranges::find(kTaken, given.value_or(0), &Taken::type);
    if (taken != std::end(kTaken)) {
        root.complain("ethertype",
                      fmt::format("0x{:04x} belongs to {} (0x0600..0xffff, default 0x{:04x})",
                                  *given, taken->name, wire::kDefaultEtherType));
    }
    return static_cast<std::uint16_t>(given.value_or(wire::kDefaultEtherType));
}

TimerSettings read_timers(yaml::Section& timers, LossInterval loss_interval) {
    static constexpr std::string_view kProfiles[] = {"nx-os", "fast"};
    TimerSettings settings;
    const std::size_t before = timers.problems().count();
    if (timers.choice("profile", kProfiles) == std::size_t{1}) {
        settings.profile = TimerProfile::fast;
    }
    if (timers.problems().count() != before) {
        // With an unknown profile every further complaint would be a guess.
        timers.allow("heartbeat_interval_ms");
        timers.allow("loss_interval_ms");
        return settings;
    }
    const std::uint64_t heartbeat = read_heartbeat(timers, settings.profile);
    settings.heartbeat_interval = milliseconds(heartbeat);
    if (loss_interval == LossInterval::read) {
        settings.loss_interval = milliseconds(read_loss(timers, settings.profile, heartbeat));
    }
    return settings;
}

wire::Keyring read_authentication(yaml::Section& root, const std::string& file,
                                  const KeyReader& read_key) {
    wire::Keyring keyring;
    auto authentication = root.section("authentication");
    if (!authentication) {
        return keyring;
    }
    auto keys = authentication->sections("keys");
    if (keys.empty()) {
        authentication->complain("keys",
                                 "is missing or empty (a list of {id: 1..255, file: PATH}); "
                                 "leave authentication out to use none");
    } else if (keys.size() > kMaximumKeys) {
        authentication->complain(
            "keys", fmt::format("{} keys are too many (1..{})", keys.size(), kMaximumKeys));
        keys.resize(kMaximumKeys, keys.front());
    }
    for (yaml::Section& section : keys) {
        const auto id = section.integer("id", {1, 255}, yaml::Need::required);
        auto path =
            section.text("file", "the path of a key file", kMaximumPath, yaml::Need::required);
        section.finish();
        if (!id || !path) {
            continue;
        }
        if (std::ranges::find(keyring.keys, *id, &wire::Key::id) != keyring.keys.end()) {
            section.complain("id", fmt::format("{} is used by another key already", *id));
            continue;
        }
        const bool is_whole = path->front() == '/' || path->starts_with(kCredentialPrefix);
        const auto secret = read_key(is_whole ? *path : folder_of(file) + *path);
        if (!secret) {
            section.complain("file", secret.error());
            continue;
        }
        keyring.keys.push_back({static_cast<std::uint8_t>(*id), *secret});
    }
    authentication->finish();
    return keyring;
}

DirectorySettings read_directories(yaml::Section& root, const std::string& instance) {
    DirectorySettings settings{VSM_HA_STATEDIR "/" + instance, VSM_HA_RUNDIR "/" + instance};
    auto section = root.section("directories");
    if (!section) {
        return settings;
    }
    const auto read = [&](std::string_view key, std::string& directory, std::size_t limit) {
        const auto given = section->text(key, "an absolute path", limit);
        if (given && given->front() != '/') {
            section->complain(key, fmt::format("{} is not an absolute path", yaml::quoted(*given)));
        } else if (given) {
            directory = given->size() > 1 && given->back() == '/'
                            ? given->substr(0, given->size() - 1)
                            : *given;
        }
    };
    read("state", settings.state, kMaximumPath);
    read("run", settings.run, 90);  // the socket's path below it has at most 107 characters
    section->finish();
    return settings;
}

StorageSettings read_storage(yaml::Section& root) {
    StorageSettings settings;
    auto section = root.section("storage");
    if (!section) {
        return settings;
    }
    if (const auto mebibytes = section->integer("maximum_size_mib", {1, 65536})) {
        settings.maximum_size = static_cast<std::size_t>(*mebibytes) << 20U;
    }
    section->finish();
    return settings;
}

LogSettings read_log(yaml::Section& root) {
    static constexpr std::string_view kLevels[] = {"err", "warning", "notice", "info", "debug"};
    LogSettings settings;
    auto section = root.section("log");
    if (!section) {
        return settings;
    }
    if (const auto level = section->choice("level", kLevels)) {
        settings.threshold = static_cast<int>(*level) + 3;
    }
    if (const auto file = section->text("file", "an absolute path", kMaximumPath)) {
        if (file->front() != '/') {
            section->complain("file",
                              fmt::format("{} is not an absolute path", yaml::quoted(*file)));
        }
        settings.file = *file;
    }
    section->finish();
    return settings;
}

SchedulingSettings read_scheduling(yaml::Section& root, Duration heartbeat_interval) {
    static constexpr std::string_view kAnswers[] = {"false", "true"};
    SchedulingSettings settings;
    settings.realtime_priority = default_realtime_priority(heartbeat_interval);
    auto section = root.section("scheduling");
    if (!section) {
        return settings;
    }
    if (const auto priority = section->integer("realtime_priority", {0, 99})) {
        settings.realtime_priority = static_cast<int>(*priority);
    }
    settings.lock_memory = section->choice("lock_memory", kAnswers) == std::size_t{1};
    section->finish();
    return settings;
}

bool read_dying_gasp(yaml::Section& root) {
    static constexpr std::string_view kAnswers[] = {"false", "true"};
    auto section = root.section("redundancy");
    if (!section) {
        return true;
    }
    const auto answer = section->choice("dying_gasp", kAnswers);
    section->finish();
    return answer != std::size_t{0};
}

DomainId read_domain(yaml::Section& section) {
    return static_cast<DomainId>(
        section.integer("domain", {kDomainIdMinimum, kDomainIdMaximum}, yaml::Need::required)
            .value_or(kDomainIdMinimum));
}

}  // namespace ha::runtime
