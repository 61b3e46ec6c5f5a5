// The control socket on Boost.Asio. See control_socket.hpp.
#include "libha/runtime/control_socket.hpp"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "libha/runtime/event_log.hpp"
#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using boost::system::error_code;

constexpr int kExitUsage = 2;
/// Events that are sent at once: some tens of kilobytes.
constexpr std::size_t kFollowBatch = 100;
constexpr std::size_t kShortAnswer = 4096;

ControlAnswer refusal(std::string text) {
    return {kExitUsage, {}, "% " + std::move(text), {}};
}

ControlPeer peer_of(int client) {
    ControlPeer peer;
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(client, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
        return peer;
    }
    peer.user = credentials.uid;
    peer.group = credentials.gid;
    peer.process = credentials.pid;
    peer.groups.resize(256);
    size = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
    if (::getsockopt(client, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &size) != 0) {
        size = 0;
    }
    peer.groups.resize(size / sizeof(gid_t));
    return peer;
}

bool is_short(const ControlAnswer& answer) {
    return answer.output.size() + answer.error.size() < kShortAnswer;
}

/// Root, our own user, and members of the socket's group.
bool may_ask(const ControlPeer& peer, gid_t group) {
    return peer.user == 0 || peer.user == ::geteuid() || is_member(peer, group);
}

}  // namespace

/// Where an answer that was waited for goes: to the client straight from the thread that has it,
/// for waking the socket's thread first takes as long as the rest of it. What the client's socket
/// does not take at once is left to that thread.
class ControlSocket::Outlet {
public:
    explicit Outlet(int socket) : socket_(socket) {}

    /// From now on this answer is waited for.
    void expect(std::uint64_t ticket) {
        const std::scoped_lock lock(mutex_);
        expected_ = ticket;
    }
    /// True once for each answer that is waited for: whoever asks is to give it.
    bool claim(std::uint64_t ticket) {
        const std::scoped_lock lock(mutex_);
        if (expected_ != ticket) {
            return false;
        }
        expected_ = 0;
        return true;
    }
    /// So much of it was taken; 0 after close().
    std::size_t send(std::string_view line) {
        const std::scoped_lock lock(mutex_);
        const ssize_t sent =
            socket_ < 0 ? -1
                        : ::send(socket_, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        return sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }
    /// Before the socket is closed: nothing is sent any more.
    void close() {
        const std::scoped_lock lock(mutex_);
        socket_ = -1;
    }

private:
    std::mutex mutex_;  // of what follows
    int socket_;
    std::uint64_t expected_ = 0;
};

class ControlSocket::Implementation {
public:
    Implementation(ControlSocketOptions options, Handler handler, EventLog* events)
        : options_(std::move(options)),
          handler_(std::move(handler)),
          events_(events),
          acceptor_(*loop_) {}

    ~Implementation() {
        if (watch_ != 0) {
            events_->unwatch(watch_);
        }
        if (thread_.joinable()) {
            loop_->stop();
            thread_.join();
            ::unlink(options_.path.c_str());
        }
    }

    std::string listen();
    void post(std::function<void()> work) { asio::post(*loop_, std::move(work)); }

private:
    struct Client : std::enable_shared_from_this<Client> {
        Client(Implementation& server, Protocol::socket accepted, ControlPeer at_other_end)
            : owner(server),
              socket(std::move(accepted)),
              timer(*owner.loop_),
              outlet(std::make_shared<Outlet>(socket.native_handle())),
              peer(std::move(at_other_end)),
              number(++owner.connections_) {}
        /// Before the socket goes: another thread may be about to answer.
        ~Client() { outlet->close(); }
        Client(const Client&) = delete;
        Client& operator=(const Client&) = delete;
        void read();
        void handle(const std::string& line);
        void wait(const ControlSocket::Reply& reply);
        void answer(ControlSocket::Reply reply, bool last);
        void send_answer(std::size_t sent, std::function<void()> afterwards, bool last);
        void close();
        void follow(const ControlRequest& request);
        void send_events();
        void send_on(bool last);
        void watch_for_end();

        Implementation& owner;
        Protocol::socket socket;
        asio::steady_timer timer;
        asio::streambuf incoming{kMaximumRequest + 1};
        std::string outgoing;
        std::shared_ptr<Outlet> outlet;
        ControlPeer peer;
        std::uint64_t number;
        std::uint64_t waiting = 0;              ///< counts answers that were waited for
        std::optional<std::uint64_t> followed;  ///< the last event it was sent; nothing: it asks
        bool sending = false;                   ///< events are on their way to it
        bool too_slow = false;
    };

    void accept();
    void admit(Protocol::socket socket);

    ControlSocketOptions options_;
    Handler handler_;
    EventLog* events_;
    std::uint64_t watch_ = 0;
    /// Shared with the completions, which may come when the socket is gone.
    std::shared_ptr<asio::io_context> loop_ = std::make_shared<asio::io_context>(1);
    Protocol::acceptor acceptor_;
    gid_t group_ = 0;
    std::list<std::shared_ptr<Client>> clients_;
    std::uint64_t connections_ = 0;
    std::thread thread_;
};

std::string ControlSocket::Implementation::listen() {
    const std::string& path = options_.path;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return "control socket " + path + ": the path is longer than " +
               std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
               " characters; choose a shorter directories.run";
    }
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) {
        if (!S_ISSOCK(status.st_mode)) {
            return "control socket " + path + ": something else is in its place";
        }
        ::unlink(path.c_str());
    }
    error_code error;
    acceptor_.open(Protocol(), error);
    const mode_t before = ::umask(0117);  // 0660 from the first moment on
    if (!error) {
        acceptor_.bind(Protocol::endpoint(path), error);
    }
    ::umask(before);
    if (!error) {
        acceptor_.listen(16, error);
    }
    if (error) {
        return "control socket " + path + ": " + describe_error(error.value());
    }
    if (::stat(path.c_str(), &status) == 0) {
        group_ = status.st_gid;
    }
    accept();
    if (events_ != nullptr) {
        watch_ = events_->watch([this] {
            asio::post(*loop_, [this] {
                const auto clients = clients_;  // sending may let one go
                for (const auto& client : clients) {
                    client->send_events();
                }
            });
        });
    }
    thread_ = std::thread([this] {
        ::pthread_setname_np(::pthread_self(), "control-socket");
        loop_->run();
    });
    return {};
}

void ControlSocket::Implementation::accept() {
    acceptor_.async_accept([this](const error_code& error, Protocol::socket socket) {
        if (!error) {
            admit(std::move(socket));
            accept();
            return;
        }
        // Out of descriptors, most likely: later there may be some again.
        auto pause = std::make_shared<asio::steady_timer>(*loop_, std::chrono::milliseconds(200));
        pause->async_wait([this, pause](const error_code&) { accept(); });
    });
}

void ControlSocket::Implementation::admit(Protocol::socket socket) {
    ControlPeer peer = peer_of(socket.native_handle());
    const bool allowed = may_ask(peer, group_);
    const bool room = clients_.size() < options_.maximum_clients;
    // A client that is turned away is told why as far as its socket takes it at once.
    if (!allowed || !room) {
        const std::string line = to_line(refusal(
            allowed ? std::to_string(clients_.size()) + " clients are connected, no more are served"
                    : "Permission denied: only root, the daemon's user and members of the socket's "
                      "group may ask"));
        error_code ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(line), ignored);
        return;
    }
    auto client = std::make_shared<Client>(*this, std::move(socket), std::move(peer));
    clients_.push_back(client);
    client->read();
}

void ControlSocket::Implementation::Client::read() {
    asio::async_read_until(
        socket, incoming, '\n',
        [self = shared_from_this()](const error_code& error, std::size_t length) {
            if (error == asio::error::not_found) {
                self->answer({refusal("the request is longer than " +
                                      std::to_string(kMaximumRequest) + " bytes"),
                              {}},
                             true);
                return;
            }
            if (error) {
                self->close();
                return;
            }
            const auto data = self->incoming.data();
            std::string line(asio::buffers_begin(data),
                             asio::buffers_begin(data) + static_cast<std::ptrdiff_t>(length - 1));
            self->incoming.consume(length);
            self->handle(line);
        });
}

void ControlSocket::Implementation::Client::handle(const std::string& line) {
    auto request = parse_request(line);
    if (!request) {
        answer({refusal(request.error()), {}}, false);
        return;
    }
    request->peer = peer;
    request->connection = number;
    if (request->follow) {
        follow(*request);
        return;
    }
    auto reply = owner.handler_(*request);
    if (reply.begin) {
        wait(reply);
    } else {
        answer(std::move(reply), false);
    }
}

void ControlSocket::Implementation::Client::wait(const ControlSocket::Reply& reply) {
    const std::uint64_t ticket = ++waiting;
    outlet->expect(ticket);
    reply.begin([loop = std::weak_ptr(owner.loop_), client = weak_from_this(), to = outlet,
                 ticket](const ControlAnswer& given) {
        const auto alive = loop.lock();
        if (!alive || !to->claim(ticket)) {
            return;
        }
        // To render a long one takes longer than to wake the thread that is there for it.
        std::string line = is_short(given) ? to_line(given) : std::string();
        const std::size_t sent = line.empty() ? 0 : to->send(line);
        asio::post(*alive, [client, given, sent, line = std::move(line)]() mutable {
            if (const auto self = client.lock()) {
                self->outgoing = line.empty() ? to_line(given) : std::move(line);
                self->send_answer(sent, {}, false);
            }
        });
    });
    // Afterwards: the kernel takes a moment over a timer, and what was begun need not wait for it.
    timer.expires_after(std::chrono::seconds(owner.options_.completion_seconds));
    timer.async_wait([self = shared_from_this(), late = reply.answer, ticket](const error_code&) {
        // Cancelled as well by the one answer that came in time.
        if (self->outlet->claim(ticket)) {
            self->answer({late, {}}, false);
        }
    });
}

void ControlSocket::Implementation::Client::answer(ControlSocket::Reply reply, bool last) {
    outgoing = to_line(reply.answer);
    send_answer(0, std::move(reply.afterwards), last);
}

/// `sent` bytes of what goes out have gone.
void ControlSocket::Implementation::Client::send_answer(std::size_t sent,
                                                        std::function<void()> afterwards,
                                                        bool last) {
    timer.expires_after(std::chrono::seconds(owner.options_.answer_seconds));
    timer.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error) {
            self->close();
        }
    });
    asio::async_write(socket, asio::buffer(outgoing) + sent,
                      [self = shared_from_this(), afterwards = std::move(afterwards), last](
                          const error_code& error, std::size_t) {
                          self->timer.cancel();
                          if (afterwards) {
                              afterwards();
                          }
                          if (error || last) {
                              self->close();
                          } else {
                              self->outgoing.clear();
                              self->read();
                          }
                      });
}

void ControlSocket::Implementation::Client::close() {
    error_code ignored;
    timer.cancel();
    outlet->close();
    socket.close(ignored);
    owner.clients_.remove(shared_from_this());
}

void ControlSocket::Implementation::Client::follow(const ControlRequest& request) {
    const auto followers = static_cast<std::size_t>(std::ranges::count_if(
        owner.clients_, [](const auto& client) { return client->followed.has_value(); }));
    if (owner.events_ == nullptr) {
        answer({refusal("there are no events to follow here"), {}}, false);
        return;
    }
    if (followers >= owner.options_.maximum_followers) {
        answer({refusal(std::to_string(followers) + " clients follow, no more are served"), {}},
               false);
        return;
    }
    const std::uint64_t newest = owner.events_->after(UINT64_MAX, 0).newest;
    if (request.since && *request.since > newest) {
        answer({refusal("since " + std::to_string(*request.since) +
                        " is ahead of the newest event, " + std::to_string(newest)),
                {}},
               false);
        return;
    }
    followed = request.since.value_or(newest);
    watch_for_end();
    send_events();
}

/// Whoever follows has nothing more to say: the end of its connection, or a word, lets it go.
void ControlSocket::Implementation::Client::watch_for_end() {
    socket.async_wait(Protocol::socket::wait_read,
                      [self = shared_from_this()](const error_code& error) {
                          if (!error) {
                              self->close();
                          }
                      });
}

void ControlSocket::Implementation::Client::send_events() {
    if (!followed || sending || !socket.is_open()) {
        return;
    }
    outgoing.clear();
    if (too_slow) {
        outgoing = to_line(refusal("events were not read within " +
                                   std::to_string(owner.options_.answer_seconds) +
                                   " s; follow again with since " + std::to_string(*followed)));
        send_on(true);
        return;
    }
    const EventLog::Batch batch = owner.events_->after(*followed, kFollowBatch);
    if (batch.events.empty()) {
        return;
    }
    if (const std::uint64_t first = batch.events.front().sequence; first > *followed + 1) {
        outgoing += missed_line(*followed + 1, first - 1);
    }
    for (const events::KeptEvent& event : batch.events) {
        outgoing += event_line(*event.json);
    }
    followed = batch.events.back().sequence;
    send_on(false);
}

/// What a client does not take costs one batch; when it takes it too late, it is told so and let
/// go, and when it never takes it, it is let go without a word.
void ControlSocket::Implementation::Client::send_on(bool last) {
    sending = true;
    timer.expires_after(std::chrono::seconds(owner.options_.answer_seconds));
    timer.async_wait([self = shared_from_this()](const error_code& error) {
        if (error) {
            return;
        }
        self->too_slow = true;
        self->timer.expires_after(std::chrono::seconds(self->owner.options_.farewell_seconds));
        self->timer.async_wait([self](const error_code& ended) {
            if (!ended) {
                self->close();
            }
        });
    });
    asio::async_write(socket, asio::buffer(outgoing),
                      [self = shared_from_this(), last](const error_code& error, std::size_t) {
                          self->timer.cancel();
                          self->sending = false;
                          if (error || last) {
                              self->close();
                          } else {
                              self->send_events();
                          }
                      });
}

ControlSocket::ControlSocket(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
ControlSocket::~ControlSocket() = default;

void ControlSocket::post(std::function<void()> work) {
    implementation_->post(std::move(work));
}

tl::expected<std::unique_ptr<ControlSocket>, std::string> ControlSocket::listen(
    ControlSocketOptions options, Handler handler, EventLog* events) {
    auto implementation =
        std::make_unique<Implementation>(std::move(options), std::move(handler), events);
    std::string error = implementation->listen();
    if (!error.empty()) {
        return tl::unexpected(std::move(error));
    }
    return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(implementation)));
}

}  // namespace ha::runtime
