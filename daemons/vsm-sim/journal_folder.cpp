// See journal_folder.hpp.
#include "daemons/vsm-sim/journal_folder.hpp"

#include <system_error>
#include <utility>

namespace vsm_sim {

JournalFolder::JournalFolder(sim::World& world, std::filesystem::path folder)
    : world_(world),
      folder_(std::move(folder)),
      journals_(world, VSM_HA_VERSION, [this](sim::NodeIndex node, const ha::wire::Bytes& record) {
          journal_of(node).write(reinterpret_cast<const char*>(record.data()),
                                 static_cast<std::streamsize>(record.size()));
      }) {
    std::error_code ignored;  // the files will tell
    std::filesystem::create_directories(folder_, ignored);
    world.add_observer(journals_);
}

std::ofstream& JournalFolder::journal_of(sim::NodeIndex node) {
    const std::string path = (folder_ / (world_.name(node) + ".journal")).string();
    const auto [found, is_new] = files_.try_emplace(path);
    if (is_new) {
        found->second.open(path, std::ios::binary | std::ios::trunc);
        // Keys are in it.
        std::error_code ignored;
        std::filesystem::permissions(
            path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
            ignored);
    }
    return found->second;
}

std::string JournalFolder::close() {
    std::string fault;
    for (auto& [path, file] : files_) {
        file.close();
        if (file.fail() && fault.empty())
            fault = path + " cannot be written";
    }
    return fault;
}

}  // namespace vsm_sim
