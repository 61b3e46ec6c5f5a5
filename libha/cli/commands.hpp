// The commands of a supervisor, one function each: snapshot in, document out. Private to libha/cli.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libha/cli/cli.hpp"
#include "libha/cli/state_words.hpp"
#include "libha/config/settings.hpp"

namespace ha::cli {

// show_redundancy.cpp: the layouts of the product's documents.
Document show_system_redundancy_status(const Context& context);
Document show_redundancy_status(const Context& context);

// show_internal.cpp: layouts of our own, with the reason and the age of everything.
Document show_internal_trace(const Context& context);
Document show_internal_info(const Context& context);
Document show_internal_status(const Context& context);
// show_kept_logs.cpp: of the last split brain; `space` is one of supervisor::kKeptLogSpaces.
Document show_kept_accounting(const Context& context, records::Space space);
Document show_kept_trace(const Context& context, records::Space space);
// show_statistics.cpp
Document show_internal_statistics(const Context& context);

// show_module.cpp
enum class ModuleChoice : std::uint8_t { all, vems, one };
Document show_module(const Context& context, ModuleChoice choice, unsigned number);
Document show_module_counters(const Context& context);
Document show_module_mapping(const Context& context);
Document show_module_uptime(const Context& context);

// show_module_ports.cpp
/// Of all modules, as a part of `show interface brief`; no text where there is no port.
void add_module_ports(Document& document, const Context& context);
/// An error for a port that neither exists nor is configured.
Answer show_interface_ethernet(const Context& context, const config::ModulePort& name);

// show_system.cpp
Document show_svs_domain(const Context& context);
Document show_svs_neighbors(const Context& context);
Document show_clock(const Context& context);
Document show_version(const Context& context);
Document show_logging(const Context& context, std::uint64_t last);

// show_interface.cpp: the context has a configuration.
Document show_interface(const Context& context, const std::string& name);
Document show_interface_brief(const Context& context);

// show_snmp.cpp: the context has a configuration.
Document show_snmp(const Context& context);

// show_logging.cpp: the context has a configuration.
Document show_logging_settings(const Context& context);
Document show_logging_levels(const Context& context);
Document show_logging_servers(const Context& context);

// show_host.cpp
Document show_inventory(const Context& context);
Document show_processes(const Context& context);

// show_configuration.cpp: the context has a configuration.
Document show_running_configuration(const Context& context);
/// The section of a port; an error when there is none.
Answer show_running_interface(const Context& context, const config::ModulePort& name);
Document show_startup_configuration(const Context& context);
Document show_configuration_difference(const Context& context);
Document show_accounting_log(const Context& context);
Document show_files(const Context& context);
/// "bootflash:x", "bootflash:///x" and "x" are the file x; empty for what names none.
std::string file_name(std::string_view text);

/// "3/1", checked by the grammar.
config::ModulePort port_of(std::string_view argument);

/// Only for a peer that is present.
StateWords words_of_other(const redundancy::Snapshot& pair);
Slot this_slot(const redundancy::Snapshot& pair);
/// "3 modules, configuration revision 17, active for 2m 01s".
std::string tuple_text(const wire::ArbitrationTuple& tuple);
/// "sup-1".
std::string sup_name(Slot slot);

}  // namespace ha::cli
