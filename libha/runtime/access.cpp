// See access.hpp.
#include "libha/runtime/access.hpp"

#include <arpa/inet.h>
#include <grp.h>
#include <paths.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>
#include <utmpx.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

namespace ha::runtime {
namespace {

constexpr std::size_t kBuffer = 16384;
constexpr unsigned kConsoleMajor = 4;
constexpr unsigned kFirstPtsMajor = 136;
constexpr unsigned kLastPtsMajor = 143;
constexpr unsigned kMostLogins = 10'000;

/// A field of a login: it ends with a zero only where there is room for one.
template <std::size_t kSize>
std::string text_of(const char (&field)[kSize]) {
    return {field, ::strnlen(field, kSize)};
}

/// An IPv4 address stands in the first of four words, with nothing in the others.
std::string address_of(const utmpx& login) {
    const auto& words = login.ut_addr_v6;
    if (std::ranges::all_of(words, [](auto word) { return word == 0; })) {
        return {};
    }
    const bool is_v4 = words[1] == 0 && words[2] == 0 && words[3] == 0;
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(is_v4 ? AF_INET : AF_INET6, &words[0], text.data(), text.size());
    return text.data();
}

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
    std::string terminal = terminal_name(terminal_of(peer.process).value_or(claimed_terminal));
    const std::string address = login_address(user_name(peer), terminal, _PATH_UTMP);
    return address.empty() ? terminal : address + "@" + terminal;
}

std::string login_address(const std::string& user, const std::string& terminal,
                          const std::string& list) {
    std::ifstream file(list, std::ios::binary);
    utmpx login{};
    for (unsigned read = 0; read < kMostLogins; ++read) {
        if (!file.read(reinterpret_cast<char*>(&login), sizeof login)) {
            break;
        }
        // Whoever was killed has not logged out.
        const bool is_there = ::kill(login.ut_pid, 0) == 0 || errno == EPERM;
        if (login.ut_type == USER_PROCESS && is_there && text_of(login.ut_line) == terminal &&
            text_of(login.ut_user) == user) {
            return address_of(login);
        }
    }
    return {};
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
