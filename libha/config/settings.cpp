// See settings.hpp. Lines were checked when they were taken; one that cannot be read says nothing.
#include "libha/config/settings.hpp"

#include <charconv>

#include "libha/config/commands.hpp"

namespace ha::config {
namespace {

std::uint16_t number_of(std::string_view text) {
    std::uint16_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// "3/1" as two numbers.
ModulePort port_of(std::string_view text) {
    const auto slash = text.find('/');
    return {Slot{static_cast<std::uint8_t>(number_of(text.substr(0, slash)))},
            number_of(text.substr(slash + 1))};
}

class Reader {
public:
    void read(std::string_view section, const std::string& line) {
        const Mode mode = mode_of(section);
        const auto match = find(mode, line);
        if (!match)
            return;
        const Command& command = commands()[match->index];
        switch (command.feature) {
            case Feature::host_name:
                settings.hostname = match->arguments[0];
                break;
            case Feature::ha_pair:
                settings.ha_pair = number_of(match->arguments[0]);
                break;
            case Feature::module_table:
                module(mode, section, *match);
                break;
            case Feature::snmp:
                snmp(*match);
                break;
            case Feature::heartbeat:
                settings.loss_interval = std::chrono::seconds(number_of(match->arguments[0]));
                break;
            case Feature::interface:
                interface(mode, *match);
                break;
            case Feature::module_port:
                if (mode == Mode::module_interface)
                    settings.ports_shut_down[port_of(section.substr(kPort.size()))] =
                        !match->negated;
                break;
            case Feature::logging:
                logging(*match);
                break;
            case Feature::domain:
                domain(*match);
                break;
        }
    }

    Settings settings;

private:
    static constexpr std::string_view kPort = "interface Ethernet";

    void module(Mode mode, std::string_view section, const Match& match) {
        const auto uuid = mode == Mode::module ? Uuid::parse(match.arguments[0])
                                               : tl::unexpected(std::string("a header"));
        if (uuid) {
            const auto module = number_of(section.substr(section.find(' ') + 1));
            settings.modules[Slot{static_cast<std::uint8_t>(module)}] = *uuid;
        }
    }

    void snmp(const Match& match) {
        const auto& words = commands()[match.index].words;
        const auto& arguments = match.arguments;
        SnmpSettings& snmp = settings.snmp;
        if (words[1].text == "contact") {
            snmp.contact = arguments[0];
        } else if (words[1].text == "location") {
            snmp.location = arguments[0];
        } else if (words[1].text == "community") {
            const auto access = words.back().text;
            snmp.communities.push_back({arguments[0], access == "rw" || access == "network-admin"});
        } else if (words[1].text == "host") {
            SnmpSettings::Host host{arguments[0], 162, arguments[1]};
            if (arguments.size() > 2)
                host.port = number_of(arguments[2]);
            snmp.hosts.push_back(std::move(host));
        } else {
            snmp.sends_service_traps = true;
            snmp.sends_all_traps = snmp.sends_all_traps || words.size() == 3;
        }
    }

    void interface(Mode mode, const Match& match) {
        if (mode == Mode::global)
            return;
        auto& interface = mode == Mode::mgmt_interface ? settings.mgmt : settings.control;
        if (match.arguments.empty()) {
            interface.is_shut_down = !match.negated;
            return;
        }
        const std::string& prefix = match.arguments[0];
        const auto slash = prefix.find('/');
        interface.address = prefix.substr(0, slash);
        interface.prefix_length = number_of(std::string_view(prefix).substr(slash + 1));
    }

    void logging(const Match& match) {
        const auto what = commands()[match.index].words[1].text;
        const auto& arguments = match.arguments;
        const bool has_severity = arguments.size() > 1;
        const unsigned severity = has_severity ? number_of(arguments[1]) : 0U;
        if (what == "server") {
            settings.logging.servers.push_back(
                {arguments[0], has_severity ? std::optional(severity) : std::nullopt});
        } else if (what == "level") {
            settings.logging.levels[arguments[0]] = severity;
        } else {
            settings.logging.file = arguments[0];
            settings.logging.file_severity = severity;
        }
    }

    void domain(const Match& match) {
        if (match.arguments.empty())
            return;
        const auto what = commands()[match.index].words[0].text;
        const auto number = number_of(match.arguments[0]);
        if (what == "domain")
            settings.domain = DomainId{number};
        else if (what == "control")
            settings.control_vlan = number;
        else
            settings.packet_vlan = number;
    }
};

}  // namespace

Settings settings_of(const Configuration& configuration) {
    Reader reader;
    for (const auto& [name, line] : configuration.lines()) {
        const auto end = name.find('\n');
        const std::string_view section =
            end == std::string::npos ? std::string_view() : std::string_view(name).substr(0, end);
        reader.read(section, line);
    }
    return std::move(reader.settings);
}

}  // namespace ha::config
