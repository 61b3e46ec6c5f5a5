// The control socket of a daemon: a thread and a loop of its own, so that neither a slow client nor
// the rendering of an answer ever holds up the thread that answers heartbeats.
//
// Bounded in everything a client decides: request size, number of clients, time to take an answer.
// Who may ask is the socket's mode (0660), checked again with the credentials the kernel gives.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "libha/runtime/control_protocol.hpp"

namespace ha::runtime {

class EventLog;

struct ControlSocketOptions {
    std::string path;
    std::size_t maximum_clients = 32;
    unsigned answer_seconds = 10;      ///< a client that does not take its answer is let go
    unsigned completion_seconds = 30;  ///< a request that is not complete by then has failed
    std::size_t maximum_followers = 8;
    /// How long one that was too slow to follow may take to read why it is let go.
    unsigned farewell_seconds = 60;
};

class ControlSocket {
public:
    /// Gives an answer that was not there at once, and a short one to the client's socket itself.
    /// From any thread, at any time, also when the client or the socket is gone; only the first
    /// call counts.
    using Completion = std::function<void(const ControlAnswer&)>;
    struct Reply {
        ControlAnswer answer;
        /// Done after the answer was given to the kernel, or the client went away; may be empty.
        std::function<void()> afterwards;
        /// Not empty: called at once with what will give the answer. `answer` is given instead when
        /// that takes longer than completion_seconds; meanwhile other clients are served.
        std::function<void(Completion)> begin = {};
    };
    /// Called on the socket's thread, one request at a time.
    using Handler = std::function<Reply(const ControlRequest&)>;

    /// The caller holds the instance's lock: a socket file found here is a dead process's and
    /// replaced. `events`, unless it is null, is what clients may follow; it outlives the socket.
    static tl::expected<std::unique_ptr<ControlSocket>, std::string> listen(
        ControlSocketOptions options, Handler handler, EventLog* events = nullptr);
    /// Lets all clients go, ends the thread and removes the file.
    ~ControlSocket();
    /// Has `work` done on the socket's thread, after the requests that are being answered; not at
    /// all once the socket goes. From any thread.
    void post(std::function<void()> work);
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

private:
    class Implementation;
    class Outlet;
    explicit ControlSocket(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
