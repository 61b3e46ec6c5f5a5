// Writes the table of operator messages for docs/messages.md: words from the catalog, nothing of
// its own.
#include "libha/catalog/document.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "libha/catalog/catalog.hpp"

namespace ha::catalog {
namespace {

constexpr std::string_view kPreamble =
    "# Operator messages\n"
    "\n"
    "Generated from `libha/catalog/catalog.cpp`; a test compares the two. After a change there, "
    "write this\n"
    "page anew with `VSM_HA_REWRITE=1 build/dev/test/unit-tests '[messages-document]'`.\n"
    "\n"
    "A line of the log reads `<date> <host> %FACILITY-SEVERITY-MNEMONIC: text`. Severities are "
    "syslog's:\n"
    "2 critical, 3 error, 4 warning, 5 notice, 6 informational. At 3 and below somebody must act, "
    "except for\n"
    "the messages of SYSMGR, PLATFORM and VEM_MGR whose severity the product's documents fix. `{}` "
    "stands\n"
    "for what the message is about. *Event* is what hooks and `vsmsh --follow` know it by, with "
    "the names\n"
    "of its fields ([operations](operations/events.md)).\n";

std::string title(const Entry& entry) {
    return "%" + std::string(entry.facility) + "-" + std::to_string(entry.severity) + "-" +
           std::string(entry.mnemonic);
}

/// "`peer.reset` with `slot`, `reason`".
std::string event_words(const EventEntry& event) {
    std::string words = "`" + std::string(event.name) + "`";
    std::string_view rest = event.fields;
    for (const char* joint = " with "; !rest.empty(); joint = ", ") {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        words += joint + ("`" + std::string(rest.substr(0, end)) + "`");
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return words;
}

}  // namespace

std::string messages_document() {
    std::map<std::string_view, std::vector<const Entry*>> facilities;
    for (const Entry& entry : entries())
        facilities[entry.facility].push_back(&entry);
    std::string page(kPreamble);
    for (const auto& [facility, members] : facilities) {
        page += "\n## " + std::string(facility) + "\n";
        for (const Entry* member : members) {
            page += "\n### " + title(*member) + "\n\n    " + std::string(member->text) + "\n\n";
            page += std::string(member->meaning) + "\n\n";
            page += "*Action:* " + std::string(member->action) + "\n\n";
            page += "*Event:* " + event_words(event_entry(member->id)) + "\n";
        }
    }
    return page;
}

}  // namespace ha::catalog
