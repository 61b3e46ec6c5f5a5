// See status_line.hpp.
#include "libvem/runtime/status_line.hpp"

namespace vem::runtime {
namespace {

/// Slot 1 is the primary's or the standalone's, slot 2 the secondary's (ROLE-1).
std::string supervisor_words(ha::Slot slot) {
    return "supervisor " + std::to_string(ha::number(slot)) +
           (slot == ha::kSecondarySlot ? " (secondary)" : " (primary)");
}

}  // namespace

std::string status_line(const module::Snapshot& snapshot) {
    std::string line = snapshot.module == ha::kNoSlot
                           ? std::string{"no module number yet"}
                           : "module " + std::to_string(ha::number(snapshot.module));
    line += ", " + std::string{to_string(snapshot.state)};
    if (snapshot.state == module::State::attached)
        return line + ", active " + supervisor_words(snapshot.supervisor);
    if (!snapshot.reason.empty())
        line += ": " + snapshot.reason;
    if (snapshot.supervisor != ha::kNoSlot)
        line += ", last active " + supervisor_words(snapshot.supervisor);
    return line;
}

}  // namespace vem::runtime
