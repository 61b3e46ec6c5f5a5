// The supervisors of a virtual world, each recorded into a journal of its own in a folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "libsim/recording/world_journals.hpp"

namespace vsm_sim {

class JournalFolder {
public:
    /// Records from now on, into `folder`/NODE.journal; journals of an earlier run go. The world
    /// must outlive this, and this the world's last step.
    JournalFolder(sim::World& world, std::filesystem::path folder);

    /// What could not be written, in one sentence that names the file; empty when all of it was.
    std::string close();

private:
    std::ofstream& journal_of(sim::NodeIndex node);

    const sim::World& world_;
    std::filesystem::path folder_;
    std::map<std::string, std::ofstream> files_;  ///< by path
    sim::recording::WorldJournals journals_;
};

}  // namespace vsm_sim
