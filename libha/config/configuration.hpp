// A configuration as a value: lines, each in its place. The place is the name of its record, so
// that a line about the same thing replaces it: "svs-domain\ndomain id" holds "domain id 34", and
// the header of a section is a line of its own place.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/uuid.hpp"
#include "libha/records/database.hpp"

namespace ha::config {

/// Longer lines are no command.
inline constexpr std::size_t kMaximumLine = 4096;

/// The name of a record: `place` below the header `section`, or at top level when that is empty.
std::string record_name(std::string_view section, std::string_view place);

class Configuration {
public:
    Configuration() = default;
    /// What a space of a supervisor holds; `space` is running_configuration or
    /// startup_configuration.
    static Configuration of(const records::Database& database, records::Space space);

    /// Null when nothing is set there.
    [[nodiscard]] const std::string* find(std::string_view record_name) const;
    /// By record name.
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& lines() const {
        return lines_;
    }
    [[nodiscard]] bool empty() const { return lines_.empty(); }

    /// Whatever space the changes are of.
    void apply(const records::Changes& changes);
    /// What makes `space` of `database` hold this, and nothing else.
    [[nodiscard]] records::Changes changes_to(const records::Database& database,
                                              records::Space space) const;

    /// The text without its header, in canonical order, sections indented by two spaces and a blank
    /// line before each interface. A line that the table does not know (a newer program wrote it)
    /// stands at the end of its section.
    [[nodiscard]] std::vector<std::string> print() const;

    friend bool operator==(const Configuration&, const Configuration&) = default;

private:
    std::map<std::string, std::string, std::less<>> lines_;
};

/// What makes a running configuration `after` that is `before`. Sections of modules are left out:
/// they are the module table's.
records::Changes changes_between(const Configuration& before, const Configuration& after);

/// A module and its host, for the `vem` sections.
struct KnownModule {
    Slot module{};
    Uuid host;
};
/// `configuration` with a `vem` section for each of `modules`, in place of those that it has.
Configuration with_modules(Configuration configuration, const std::vector<KnownModule>& modules);

/// What a supervisor begins with that nobody has configured: its name, its domain and both
/// interfaces. A VLAN of 0 is untagged and has no line.
Configuration initial(std::string_view hostname, DomainId domain, unsigned control_vlan);

}  // namespace ha::config
