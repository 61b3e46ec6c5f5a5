// See proof_of_death.hpp.
#include "libha/runtime/proof_of_death.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

// What the kernel marks a thread with (PF_EXITING, PF_POSTCOREDUMP, PF_DUMPCORE; the flags of
// /proc/PID/stat): it has begun to end, it waits for the core of its process, it writes that.
constexpr unsigned kExiting = 0x4;
constexpr unsigned kWaitsForCore = 0x8;
constexpr unsigned kWritesCore = 0x200;

std::string folder_of(pid_t process) {
    return "/proc/" + std::to_string(process);
}

/// Of the file stat of a process or thread; 0 without an answer.
unsigned flags_in(const std::string& file) {
    const auto stat = read_file(file, 4096, Links::refuse);
    if (!stat)
        return 0;
    const std::string_view text(stat->bytes);
    std::size_t at = text.rfind(')');
    // State, parent, group, session, terminal, its group: the flags come then.
    for (int field = 0; field < 7 && at != std::string_view::npos; ++field)
        at = text.find(' ', at + 1);
    if (at == std::string_view::npos)
        return 0;
    unsigned flags = 0;
    std::from_chars(text.data() + at + 1, text.data() + text.size(), flags);
    return flags;
}

}  // namespace

bool is_exiting(pid_t process) {
    return (flags_in(folder_of(process) + "/stat") & kExiting) != 0;
}

bool is_dumping_core(pid_t process) {
    const auto status = read_file(folder_of(process) + "/status", 8192, Links::refuse);
    if (!status || status->bytes.find("\nCoreDumping:\t1\n") == std::string::npos)
        return false;
    // From here on it makes no thread any more, so the list has all that ever ran.
    std::error_code error;
    const std::filesystem::directory_iterator threads(folder_of(process) + "/task", error);
    return !error &&
           std::all_of(begin(threads), end(threads), [](const std::filesystem::path& thread) {
               return (flags_in(thread / "stat") & (kExiting | kWaitsForCore | kWritesCore)) != 0;
           });
}

}  // namespace ha::runtime
