// See processes.hpp.
#include "libha/runtime/processes.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

namespace ha::runtime {
namespace {

namespace fs = std::filesystem;

/// Fields of /proc/…/stat between the state and the program counter.
constexpr int kFieldsBetween = 26;

std::optional<cli::Process> read_process(const fs::path& folder) {
    cli::Process process;
    const std::string number = folder.filename();
    std::from_chars(number.data(), number.data() + number.size(), process.id);
    std::ifstream file(folder / "stat");
    std::string line;
    std::getline(file, line);
    const auto begin = line.find('(');
    const auto end = line.rfind(')');
    if (begin == std::string::npos || end == std::string::npos) {
        return std::nullopt;
    }
    process.name = line.substr(begin + 1, end - begin - 1);
    std::istringstream fields(line.substr(end + 1));
    fields >> process.state;
    std::string skipped;
    for (int field = 0; field < kFieldsBetween; ++field) {
        fields >> skipped;
    }
    std::uint64_t program_counter = 0;
    fields >> program_counter;
    std::ostringstream hexadecimal;
    hexadecimal << std::hex << program_counter;
    process.program_counter = hexadecimal.str();
    return process;
}

}  // namespace

std::vector<cli::Process> own_processes() {
    std::vector<cli::Process> processes;
    std::error_code error;
    for (fs::directory_iterator at("/proc/self/task", error), end; !error && at != end;
         at.increment(error)) {
        if (auto process = read_process(at->path())) {
            processes.push_back(std::move(*process));
        }
    }
    std::ranges::sort(processes, {}, &cli::Process::id);
    return processes;
}

}  // namespace ha::runtime
