// See access.hpp.
#include "libha/runtime/access.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <vector>

namespace ha::runtime {
namespace {

constexpr std::size_t kBuffer = 16384;
constexpr unsigned kConsoleMajor = 4;
constexpr unsigned kFirstPtsMajor = 136;
constexpr unsigned kLastPtsMajor = 143;

}  // namespace

bool is_network_admin(const ControlPeer& peer, const AccessSettings& settings) {
    if (peer.user == 0 || peer.user == ::geteuid()) {
        return true;
    }
    std::vector<char> buffer(kBuffer);
    group entry{};
    group* found = nullptr;
    const int error =
        ::getgrnam_r(settings.admin_group.c_str(), &entry, buffer.data(), buffer.size(), &found);
    return error == 0 && found != nullptr && is_member(peer, found->gr_gid);
}

std::string user_name(const ControlPeer& peer) {
    std::vector<char> buffer(kBuffer);
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwuid_r(peer.user, &entry, buffer.data(), buffer.size(), &found);
    return error == 0 && found != nullptr ? found->pw_name : std::to_string(peer.user);
}

std::optional<std::int64_t> terminal_of(std::int32_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    std::getline(file, line);
    // The name in parentheses may hold anything; state, parent, group and session follow it.
    const auto end = line.rfind(')');
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields(line.substr(end + 1));
    char state = 0;
    std::int64_t parent = 0;
    std::int64_t group = 0;
    std::int64_t session = 0;
    std::int64_t terminal = 0;
    fields >> state >> parent >> group >> session >> terminal;
    return fields ? std::optional(terminal) : std::nullopt;
}

std::string origin_of(const ControlPeer& peer, std::int64_t claimed_terminal) {
    return terminal_name(terminal_of(peer.process).value_or(claimed_terminal));
}

std::string terminal_name(std::int64_t number) {
    const auto bits = static_cast<std::uint32_t>(number);
    const unsigned major = (bits >> 8U) & 0xfffU;
    const unsigned minor = (bits & 0xffU) | ((bits >> 12U) & 0xfff00U);
    if (major >= kFirstPtsMajor && major <= kLastPtsMajor) {
        return "pts/" + std::to_string((major - kFirstPtsMajor) * 256 + minor);
    }
    return major == kConsoleMajor ? "console0" : "none";
}

}  // namespace ha::runtime
