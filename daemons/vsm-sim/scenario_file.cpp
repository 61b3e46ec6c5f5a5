// See scenario_file.hpp.
#include "daemons/vsm-sim/scenario_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "libsim/scenario/reader.hpp"

namespace vsm_sim {
namespace {

/// Why it cannot be read; empty when it can.
std::string fault_of(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0)
        return std::strerror(errno);
    return S_ISDIR(status.st_mode) ? std::strerror(EISDIR) : "";
}

}  // namespace

tl::expected<sim::scenario::Scenario, std::vector<std::string>> read_scenario_file(
    const std::string& path) {
    using Mistakes = std::vector<std::string>;
    if (const std::string fault = fault_of(path); !fault.empty())
        return tl::unexpected(Mistakes{path + ": " + fault});
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file.is_open() || file.bad())
        return tl::unexpected(Mistakes{path + ": cannot be read"});
    return sim::scenario::read(text.str(), path);
}

}  // namespace vsm_sim
