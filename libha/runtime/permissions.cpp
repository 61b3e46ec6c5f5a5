// See permissions.hpp.
#include "libha/runtime/permissions.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "libha/runtime/file_descriptor.hpp"

namespace ha::runtime {

std::string missing_permission() {
    // Asked by doing it: containers take rights away in more ways than capability bits tell.
    const FileDescriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (socket.valid() || (errno != EPERM && errno != EACCES)) {
        return {};
    }
    return "the capability CAP_NET_RAW is missing, without which no frame can be sent or received: "
           "run as root, or grant it (setcap cap_net_raw,cap_net_admin+ep, or AmbientCapabilities= "
           "in the unit)";
}

}  // namespace ha::runtime
