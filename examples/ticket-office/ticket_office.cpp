// ticket-office: a service that fails over with its state, in one file. It hands out numbers, each
// once and each greater than the one before, whichever of two hosts has to do it:
//
//     ticket-office FILE PORT          FILE: a configuration as vsmd's; PORT: of TCP
//     nc 10.0.0.10 PORT                the address of `mgmt.addresses`, which moves with the active
//
// A number is told when it is on the disks of both hosts. The supervisor's machine runs in this
// process, on the main thread; the counter waits for clients on a thread of its own and asks that
// one.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/configuration.hpp"
#include "libha/runtime/files.hpp"
#include "libha/runtime/instance_lock.hpp"
#include "libha/runtime/log.hpp"
#include "libha/runtime/main_loop.hpp"
#include "libha/runtime/state_store.hpp"
#include "libha/runtime/supervisor_executor.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;

const records::Key kNext{records::Space::checkpoints, "ticket-office next"};

/// The next number, or why there is none.
using Answer = tl::expected<std::uint64_t, std::string>;

/// Takes numbers out of the replicated records; all of it on the loop's thread but take().
class Office {
public:
    Office(MainLoop& loop, SupervisorExecutor& executor) : loop_(loop), executor_(executor) {}

    /// From the thread of the counter, one at a time: waits until both disks have it.
    Answer take() {
        auto answer = std::make_shared<std::promise<Answer>>();
        auto result = answer->get_future();
        loop_.post([this, answer] { take_on_loop(answer); });
        if (result.wait_for(std::chrono::seconds{5}) != std::future_status::ready) {
            return tl::unexpected(std::string("nobody could say in time that it is kept"));
        }
        return result.get();
    }

private:
    void take_on_loop(const std::shared_ptr<std::promise<Answer>>& answer) {
        const std::string* const stored = executor_.records().find(kNext);
        const std::uint64_t number = stored == nullptr ? 1 : std::stoull(*stored);
        executor_.change(
            {0, {}, "", supervisor::ServiceRecords{{{kNext, std::to_string(number + 1)}}}, {}, {}},
            [answer, number](const std::string& error) {
                answer->set_value(error.empty() ? Answer(number) : tl::unexpected(error));
            });
    }

    MainLoop& loop_;
    SupervisorExecutor& executor_;
};

/// Listens on every address, as the one that matters comes and goes. -1 and errno on failure.
int listen_on(std::uint16_t port) {
    const int listener = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 16) != 0) {
        return -1;
    }
    return listener;
}

/// Until the listener is shut down: one client, one number.
void serve(int listener, Office& office) {
    while (true) {
        const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) {
            return;
        }
        const Answer number = office.take();
        const std::string text =
            (number ? std::to_string(*number) : "error: " + number.error()) + "\n";
        static_cast<void>(::send(client, text.data(), text.size(), MSG_NOSIGNAL));
        ::close(client);
    }
}

/// One life of the supervisor in this process: from its start to its end or restart.
Outcome live(SupervisorConfiguration configuration, Log& log, int listener) {
    const RecordPlace place{configuration.directories.state, "state",
                            configuration.storage.maximum_size};
    LoadedState loaded = begin_life(place, wall_now());
    configuration.options.hostname = configuration.hostname;
    configuration.options.pair.incarnation = new_incarnation(loaded.state.state().boots);
    configuration.options.stored = std::move(loaded.state);
    MainLoop loop;
    Outcome outcome;
    SupervisorExecutor executor(loop, configuration, std::move(loaded.store), log, nullptr,
                                {[&](const Outcome& how) {
                                     outcome = how;
                                     loop.stop();
                                 },
                                 [] {}, [](const supervisor::RunConsole&) {}});
    Office office(loop, executor);
    loop.on_signals([&] { executor.request(supervisor::StopRequested{}); }, [] {});
    executor.start();
    std::thread counter(serve, listener, std::ref(office));
    loop.run();
    ::shutdown(listener, SHUT_RDWR);
    counter.join();
    return outcome;
}

}  // namespace

int main(int argc, char** argv) {
    const int port = argc == 3 ? std::atoi(argv[2]) : 0;
    if (port < 1 || port > 65535) {
        std::fprintf(stderr, "usage: ticket-office FILE PORT\n");
        return 2;
    }
    hold_signals();
    auto configuration = load_supervisor_configuration(argv[1]);
    if (!configuration) {
        for (const std::string& line : configuration.error()) {
            std::fprintf(stderr, "ticket-office: %s\n", line.c_str());
        }
        return 2;
    }
    static_cast<void>(make_directory(configuration->directories.state, 0700));
    static_cast<void>(make_directory(configuration->directories.run, 0755));
    const auto lock = InstanceLock::take(configuration->directories.run, configuration->instance);
    const int listener = listen_on(static_cast<std::uint16_t>(port));
    if (!lock || listener < 0) {
        std::fprintf(stderr, "ticket-office: %s\n",
                     lock ? "the port cannot be listened on" : lock.error().c_str());
        return 1;
    }
    Outcome outcome;
    {
        Log log({"ticket-office", configuration->hostname, 6, "", true});
        outcome = live(std::move(*configuration), log, listener);
    }
    if (outcome.kind == Outcome::Kind::exit) {
        return 0;
    }
    // A fresh life begins in a fresh process, as vsmd's does.
    std::fprintf(stderr, "%s\n", start_anew(argv, outcome.reason).c_str());
    return 1;
}
