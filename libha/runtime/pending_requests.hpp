// Requests of operators that the supervisor completes later: who waits for which ticket.
//
// Thread: the main loop's alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "libha/runtime/control_socket.hpp"

namespace ha::runtime {

class PendingRequests {
public:
    /// So many wait at most; of more, the oldest is given up. Its client has long been told.
    static constexpr std::size_t kMaximum = 256;

    /// The ticket to hand to the supervisor. `completion` gets `success`, or `failure` with the
    /// error put into it.
    std::uint64_t begin(ControlSocket::Completion completion, ControlAnswer success,
                        ControlAnswer failure);
    /// `error` (without the "% ") is empty when it succeeded. Nothing happens when nobody waits for
    /// the ticket.
    void complete(std::uint64_t ticket, const std::string& error);

private:
    struct Waiting {
        ControlSocket::Completion completion;
        ControlAnswer success;
        ControlAnswer failure;
    };
    std::uint64_t latest_ = 0;
    std::map<std::uint64_t, Waiting> waiting_;
};

}  // namespace ha::runtime
