// The table. See commands.hpp.
#include "libha/config/commands.hpp"

#include <algorithm>

#include "libha/base/uuid.hpp"

namespace ha::config {
namespace {

using Arguments = std::vector<std::string>;

constexpr std::size_t kMaximumHostName = 63;
constexpr std::size_t kMaximumServers = 8;
constexpr std::size_t kMaximumFacilities = 64;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [others](char c) {
        return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
    });
}

std::string host_name_fault(const Arguments& arguments) {
    const std::string& name = arguments.front();
    if (name.size() > kMaximumHostName)
        return "String exceeded max length of (" + std::to_string(kMaximumHostName) + ")";
    if (!is_alphanumeric(name.front()) || !consists_of(name, "-_."))
        return "Invalid host name: letters, digits, '-', '_' and '.', the first a letter or digit";
    return {};
}

std::string name_fault(const Arguments& arguments) {
    const std::string& name = arguments.front();
    return is_alphanumeric(name.front()) && consists_of(name, "-_.")
               ? std::string()
               : "Invalid name: letters, digits, '-', '_' and '.', the first a letter or digit";
}

std::string uuid_fault(const Arguments& arguments) {
    const auto uuid = Uuid::parse(arguments.front());
    return uuid ? std::string() : "Invalid UUID: " + uuid.error();
}

const Word kInterface{"interface", "Configure an interface"};
const Word kLogging{"logging", "Modify message logging"};
const Word kSnmp{"snmp-server", "Configure the SNMP agent"};
const Word kSeverity{"<0-7>", "0-emerg;1-alert;2-crit;3-err;4-warn;5-notif;6-inform;7-debug"};
const Word kVlan{"<1-3967,4048-4093>", "VLAN ID"};

void add_snmp(std::vector<Command>& table) {
    const auto add = [&table](std::vector<Word> words, std::size_t place, std::size_t limit) {
        words.insert(words.begin(), kSnmp);
        table.push_back({.modes = {Mode::global},
                         .feature = Feature::snmp,
                         .words = std::move(words),
                         .place_words = place,
                         .limit = limit});
    };
    const Word contact{"contact", "Who looks after this system"};
    const Word location{"location", "Where this system is"};
    const Word community{"community", "Set a community string and its access"};
    const Word name{"WORD", "Community string"};
    const Word group{"group", "Group whose rights the community has"};
    const Word host{"host", "Whom to send notifications"};
    const Word address{"A.B.C.D", "IP address of the host"};
    const Word traps{"traps", "Send traps"};
    const Word version{"version", "SNMP version"};
    const Word two{"2c", "SNMPv2c"};
    const Word enable{"enable", "Enable notifications"};
    add({contact, {"LINE", "Name or address of a person"}}, 2, 0);
    add({location, {"LINE", "Name of a place"}}, 2, 0);
    add({community, name, {"ro", "Read only"}}, 3, kMaximumServers);
    add({community, name, {"rw", "Read and write"}}, 3, kMaximumServers);
    add({community, name, group, {"network-admin", "May read and write"}}, 3, kMaximumServers);
    add({community, name, group, {"network-operator", "May read"}}, 3, kMaximumServers);
    add({host, address, traps, version, two, name}, 3, kMaximumServers);
    add({host,
         address,
         traps,
         version,
         two,
         name,
         {"udp-port", "Port of the host"},
         {"<1-65535>", "UDP port number"}},
        3, kMaximumServers);
    add({enable, traps}, 3, 0);
    add({enable, traps, {"sysmgr", "Restarts of services"}}, 4, 0);
}

void add_interfaces(std::vector<Command>& table) {
    table.push_back({.modes = {Mode::global},
                     .feature = Feature::interface,
                     .words = {kInterface, {"mgmt0", "Management interface"}},
                     .place_words = 2,
                     .opens = Mode::mgmt_interface});
    table.push_back({.modes = {Mode::global},
                     .feature = Feature::module_port,
                     .words = {kInterface,
                               {"ethernet", "Port of a module"},
                               {"<3-66>/<1-248>", "Module and port"}},
                     .place_words = 3,
                     .opens = Mode::module_interface});
    table.push_back({.modes = {Mode::global},
                     .feature = Feature::interface,
                     .words = {kInterface, {"control0", "Control interface"}},
                     .place_words = 2,
                     .opens = Mode::control_interface});
    table.push_back({.modes = {Mode::mgmt_interface, Mode::control_interface},
                     .feature = Feature::interface,
                     .words = {{"ip", "Configure IP"},
                               {"address", "Configure the IP address"},
                               {"A.B.C.D/LEN", "IP address and length of its network"}},
                     .place_words = 2});
    table.push_back({.modes = {Mode::mgmt_interface, Mode::control_interface},
                     .feature = Feature::interface,
                     .words = {{"shutdown", "Disable the interface"}},
                     .place_words = 1,
                     .no = No::negate});
    table.push_back({.modes = {Mode::module_interface},
                     .feature = Feature::module_port,
                     .words = {{"shutdown", "Disable the port"}},
                     .place_words = 1,
                     .no = No::negate});
}

void add_logging(std::vector<Command>& table) {
    const auto add = [&table](std::vector<Word> words, std::size_t place, std::size_t limit,
                              std::string (*fault)(const Arguments&)) {
        words.insert(words.begin(), kLogging);
        table.push_back({.modes = {Mode::global},
                         .feature = Feature::logging,
                         .words = std::move(words),
                         .place_words = place,
                         .limit = limit,
                         .fault = fault});
    };
    const Word server{"server", "Send messages to a syslog server"};
    const Word address{"A.B.C.D", "IP address of the server"};
    add({{"logfile", "Keep messages in a file"}, {"WORD", "Name of the file"}, kSeverity}, 2, 0,
        name_fault);
    add({{"level", "Set the severity of a facility"}, {"WORD", "Facility"}, kSeverity}, 3,
        kMaximumFacilities, name_fault);
    table.back().ignores_case = true;
    add({server, address}, 3, kMaximumServers, nullptr);
    add({server, address, kSeverity}, 3, kMaximumServers, nullptr);
}

void add_domain(std::vector<Command>& table) {
    const Word help{"svs-domain", "Configure the domain of the supervisors and their modules"};
    const Word svs{"svs", "Transport of control and packets"};
    const Word mode{"mode", "Layer of the transport"};
    const Word vlan{"vlan", "VLAN"};
    const Word control{"control", "Control traffic"};
    const Word packet{"packet", "Packet traffic"};
    const auto add = [&table](const std::vector<Word>& words, std::size_t place, No no,
                              std::string_view refusal) {
        table.push_back({.modes = {Mode::svs_domain},
                         .feature = Feature::domain,
                         .words = words,
                         .place_words = place,
                         .no = no,
                         .refusal = refusal});
    };
    table.push_back({.modes = {Mode::global},
                     .feature = Feature::domain,
                     .words = {help},
                     .place_words = 1,
                     .no = No::refuse,
                     .opens = Mode::svs_domain});
    // The product's own procedure of changing the domain has this spelling.
    table.push_back({.modes = {Mode::global},
                     .feature = Feature::domain,
                     .words = {{"svcs-domain", "The same as svs-domain"}},
                     .place_words = 1,
                     .no = No::refuse,
                     .written = "svs-domain",
                     .opens = Mode::svs_domain});
    add({{"domain", "Domain"}, {"id", "Domain ID"}, {"<1-4095>", "Domain ID"}}, 2, No::refuse, {});
    add({control, vlan, kVlan}, 2, No::erase, {});
    add({packet, vlan, kVlan}, 2, No::erase, {});
    add({svs, mode, {"L2", "Layer 2"}}, 2, No::refuse, {});
    add({svs, mode, {"L3", "Layer 3"}}, 2, No::refuse,
        "svs mode L3 is not supported: supervisors and modules talk over layer 2");
}

std::vector<Command> make_table() {
    std::vector<Command> table;
    const auto global = [&table](Feature feature, const std::vector<Word>& words,
                                 std::size_t place) -> Command& {
        table.push_back(
            {.modes = {Mode::global}, .feature = feature, .words = words, .place_words = place});
        return table.back();
    };
    const Word name{"WORD", "Name of this system"};
    global(Feature::host_name, {{"hostname", "Set the name of this system"}, name}, 1).fault =
        host_name_fault;
    Command& alias = global(Feature::host_name, {{"switchname", "The same as hostname"}, name}, 1);
    alias.fault = host_name_fault;
    alias.written = "hostname";
    Command& pair = global(Feature::ha_pair,
                           {{"ha-pair", "Pair of supervisors"},
                            {"id", "Set the ID of the pair"},
                            {"<1-4095>", "HA pair ID"}},
                           2);
    pair.modes.push_back(Mode::svs_domain);  // where the product's documents also show it
    Command& module = global(Feature::module_table,
                             {{"vem", "Configure a module"}, {"<3-66>", "Module number"}}, 2);
    module.opens = Mode::module;
    table.push_back({.modes = {Mode::module},
                     .feature = Feature::module_table,
                     .words = {{"host", "Host of the module"},
                               {"id", "Its UUID"},
                               {"WORD", "UUID of the host"}},
                     .place_words = 2,
                     .fault = uuid_fault});
    add_snmp(table);
    global(Feature::heartbeat,
           {{"system", "System configuration"},
            {"inter-sup-heartbeat", "Heartbeat between the supervisors"},
            {"time", "Loss interval"},
            {"<6-30>", "Seconds without a heartbeat after which the other is lost"}},
           3);
    add_interfaces(table);
    add_logging(table);
    add_domain(table);
    return table;
}

}  // namespace

const std::vector<Command>& commands() {
    static const std::vector<Command> kTable = make_table();
    return kTable;
}

std::string_view prompt_word(Mode mode) {
    switch (mode) {
        case Mode::global:
            return "config";
        case Mode::svs_domain:
            return "config-svs-domain";
        case Mode::control_interface:
        case Mode::mgmt_interface:
        case Mode::module_interface:
            return "config-if";
        case Mode::module:
            return "config-vem-slot";
    }
    return "config";
}

}  // namespace ha::config
