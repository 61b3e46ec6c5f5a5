// Fuzz target: texts of the switch's configuration. A text is taken whole or refused with numbered
// lines that can be printed; what was taken is printed so that it loads as the same, its records
// are within bounds, and the difference of two of them is theirs.
#include <string>

#include "libha/config/context_diff.hpp"
#include "libha/config/edit.hpp"
#include "libha/config/load.hpp"
#include "libha/config/settings.hpp"
#include "test/fuzz/support/printable.hpp"

using namespace ha;
using namespace ha::config;
using test::fuzz::require;
using test::fuzz::require_printable;

namespace {

constexpr std::string_view kVersion = "0.1.0";

void check_errors(const std::vector<std::string>& errors) {
    require(!errors.empty() && errors.size() <= kMaximumErrors, "errors are told, and bounded");
    for (const std::string& error : errors) {
        require_printable(error);
        require(error.size() < 2 * kMaximumLine, "an error is bounded");
    }
}

void check_settings(const Settings& settings) {
    if (settings.loss_interval)
        require(settings.loss_interval->count() >= 6 && settings.loss_interval->count() <= 30,
                "T is in its range");
    if (settings.domain)
        require(number(*settings.domain) >= kDomainIdMinimum &&
                    number(*settings.domain) <= kDomainIdMaximum,
                "the domain is in its range");
    for (const auto& [port, is_shut_down] : settings.ports_shut_down)
        require(number(port.module) >= kFirstModuleNumber &&
                    number(port.module) <= kLastModuleNumber && port.port >= 1,
                "a port is a module's");
    require(settings.snmp.hosts.size() <= 8 && settings.snmp.communities.size() <= 8 &&
                settings.logging.servers.size() <= 8,
            "servers are bounded");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto loaded = load(text, kVersion);
    if (!loaded) {
        check_errors(loaded.error());
        return 0;
    }
    const records::Database nothing;
    const auto space = records::Space::running_configuration;
    require(records::fault_of(loaded->changes_to(nothing, space)).empty(), "records are in bounds");
    check_settings(settings_of(*loaded));
    std::string printed;
    for (const std::string& line : loaded->print())
        printed += line + "\n";
    const auto again = load(printed, kVersion);
    require(again && *again == *loaded, "what is printed loads as the same");
    const NumberedLines lines{loaded->print()};
    require(context_diff(lines, lines).empty(), "a text does not differ from itself");
    require(context_diff({}, lines).empty() == lines.lines.empty(), "all of it is new to nothing");
    return 0;
}
