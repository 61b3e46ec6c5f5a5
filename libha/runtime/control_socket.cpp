// The control socket on Boost.Asio. See control_socket.hpp.
#include "libha/runtime/control_socket.hpp"

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
#include <thread>
#include <vector>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using boost::system::error_code;

constexpr int kExitUsage = 2;

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

/// Root, our own user, and members of the socket's group.
bool may_ask(const ControlPeer& peer, gid_t group) {
    return peer.user == 0 || peer.user == ::geteuid() || is_member(peer, group);
}

}  // namespace

class ControlSocket::Implementation {
public:
    Implementation(ControlSocketOptions options, Handler handler)
        : options_(std::move(options)), handler_(std::move(handler)), acceptor_(*loop_) {}

    ~Implementation() {
        if (thread_.joinable()) {
            loop_->stop();
            thread_.join();
            ::unlink(options_.path.c_str());
        }
    }

    std::string listen();

private:
    struct Client : std::enable_shared_from_this<Client> {
        Client(Implementation& server, Protocol::socket accepted)
            : owner(server), socket(std::move(accepted)), timer(*owner.loop_) {}
        void read();
        void handle(const std::string& line);
        void wait(ControlSocket::Reply reply);
        void answer(ControlSocket::Reply reply, bool last);
        void close();

        Implementation& owner;
        Protocol::socket socket;
        asio::steady_timer timer;
        asio::streambuf incoming{kMaximumRequest + 1};
        std::string outgoing;
        std::uint64_t waiting = 0;  ///< counts answers that were waited for, and those that came
    };

    void accept();
    void admit(Protocol::socket socket);

    ControlSocketOptions options_;
    Handler handler_;
    /// Shared with the completions, which may come when the socket is gone.
    std::shared_ptr<asio::io_context> loop_ = std::make_shared<asio::io_context>(1);
    Protocol::acceptor acceptor_;
    gid_t group_ = 0;
    std::list<std::shared_ptr<Client>> clients_;
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
    thread_ = std::thread([this] { loop_->run(); });
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
    const bool allowed = may_ask(peer_of(socket.native_handle()), group_);
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
    auto client = std::make_shared<Client>(*this, std::move(socket));
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
    request->peer = peer_of(socket.native_handle());
    auto reply = owner.handler_(*request);
    if (reply.begin) {
        wait(std::move(reply));
    } else {
        answer(std::move(reply), false);
    }
}

void ControlSocket::Implementation::Client::wait(ControlSocket::Reply reply) {
    const std::uint64_t ticket = ++waiting;
    timer.expires_after(std::chrono::seconds(owner.options_.completion_seconds));
    timer.async_wait([self = shared_from_this(), late = reply.answer, ticket](const error_code&) {
        // Cancelled as well by the one answer that came in time.
        if (self->waiting == ticket) {
            ++self->waiting;
            self->answer({late, {}}, false);
        }
    });
    const auto give = [client = weak_from_this(), ticket](ControlAnswer given) {
        const auto self = client.lock();
        if (self && self->waiting == ticket) {
            ++self->waiting;
            self->answer({std::move(given), {}}, false);
        }
    };
    reply.begin([loop = std::weak_ptr(owner.loop_), give](ControlAnswer given) {
        if (const auto alive = loop.lock()) {
            asio::post(*alive, [give, given = std::move(given)] { give(given); });
        }
    });
}

void ControlSocket::Implementation::Client::answer(ControlSocket::Reply reply, bool last) {
    outgoing = to_line(reply.answer);
    timer.expires_after(std::chrono::seconds(owner.options_.answer_seconds));
    timer.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error) {
            self->close();
        }
    });
    asio::async_write(socket, asio::buffer(outgoing),
                      [self = shared_from_this(), afterwards = std::move(reply.afterwards), last](
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
    socket.close(ignored);
    owner.clients_.remove(shared_from_this());
}

ControlSocket::ControlSocket(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
ControlSocket::~ControlSocket() = default;

tl::expected<std::unique_ptr<ControlSocket>, std::string> ControlSocket::listen(
    ControlSocketOptions options, Handler handler) {
    auto implementation = std::make_unique<Implementation>(std::move(options), std::move(handler));
    std::string error = implementation->listen();
    if (!error.empty()) {
        return tl::unexpected(std::move(error));
    }
    return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(implementation)));
}

}  // namespace ha::runtime
