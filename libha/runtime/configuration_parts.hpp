// The parts that the configurations of vsmd and vemd share, and how they are read. Relates to
// configuration.hpp (vsmd) and the module's own loader; decides nothing about meaning beyond ranges
// and relations of values.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "libha/base/identity.hpp"
#include "libha/base/time.hpp"
#include "libha/runtime/scheduling.hpp"
#include "libha/wire/frame.hpp"
#include "libha/wire/seal.hpp"
#include "libha/yaml/section.hpp"

namespace ha::runtime {

inline constexpr std::size_t kMaximumConfiguration = std::size_t{1} << 20U;

struct PortSettings {
    std::string name;                   ///< of the interface
    std::optional<std::uint16_t> vlan;  ///< 802.1Q tag handled in user space
    friend bool operator==(const PortSettings&, const PortSettings&) = default;
};

enum class TimerProfile : std::uint8_t { nx_os, fast };

/// h and T (BEHAVIOUR HB-1, HB-2, HB-6).
struct TimerSettings {
    TimerProfile profile = TimerProfile::nx_os;
    Duration heartbeat_interval{std::chrono::seconds{1}};
    Duration loss_interval{std::chrono::seconds{15}};
    friend bool operator==(const TimerSettings&, const TimerSettings&) = default;
};

struct DirectorySettings {
    std::string state;
    std::string run;
    friend bool operator==(const DirectorySettings&, const DirectorySettings&) = default;
};

/// What the supervisor's records may take on the disk.
struct StorageSettings {
    std::size_t maximum_size = std::size_t{64} << 20U;  ///< of the file, in bytes
    friend bool operator==(const StorageSettings&, const StorageSettings&) = default;
};

/// Lines of this syslog severity and more urgent ones are written.
struct LogSettings {
    int threshold = 6;
    std::string file;  ///< empty: none
    friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

using ConfigurationErrors = std::vector<std::string>;

/// The tree of a configuration file, or why there is none. Bounded, text only.
yaml::Node load_yaml(const std::string& file, yaml::Problems& problems);

/// "/etc/vsm-ha/vsm-a.yaml" → "vsm-a".
std::string file_stem(const std::string& file);

/// Key `instance`; by default the file's stem. Names folders, so no slashes or leading dots.
std::string read_instance(yaml::Section& root, const std::string& file);
/// A word of letters, digits, '-', '.' and '_', at most 63.
std::optional<std::string> read_name(yaml::Section& section, std::string_view key,
                                     std::string_view what, yaml::Need need);
/// Key `key` of `interfaces`: {name, vlan}; other keys of the mapping are the caller's (finish()).
std::optional<PortSettings> read_port(yaml::Section& port);
/// Key `ethertype`.
std::uint16_t read_ether_type(yaml::Section& root);
/// Keys profile, heartbeat_interval_ms and, for a supervisor, loss_interval_ms of `timers`.
enum class LossInterval : std::uint8_t { read, none };
TimerSettings read_timers(yaml::Section& timers, LossInterval loss_interval);
/// Gives the secret that a key file holds. The error says what is wrong with the file.
using KeyReader = std::function<tl::expected<std::array<std::uint8_t, wire::kKeySize>, std::string>(
    const std::string& path)>;
/// Section `authentication`. Relative key files are looked for beside `file`.
wire::Keyring read_authentication(yaml::Section& root, const std::string& file,
                                  const KeyReader& read_key);
/// Section `directories`; defaults are below the system's folders.
DirectorySettings read_directories(yaml::Section& root, const std::string& instance);
StorageSettings read_storage(yaml::Section& root);
/// Section `log`.
LogSettings read_log(yaml::Section& root);
/// Section `scheduling`; the heartbeat interval makes the default.
SchedulingSettings read_scheduling(yaml::Section& root, Duration heartbeat_interval);
/// Section `redundancy`: whether a crash is told by a dying gasp (HB-8).
bool read_dying_gasp(yaml::Section& root);
/// Key `domain`, 1…4095.
DomainId read_domain(yaml::Section& section);

}  // namespace ha::runtime
