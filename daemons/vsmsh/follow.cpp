// See follow.hpp.
#include "daemons/vsmsh/follow.hpp"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>

#include "daemons/vsmsh/session.hpp"
#include "daemons/vsmsh/terminal.hpp"
#include "libha/cli/engine.hpp"
#include "libha/events/event.hpp"
#include "libha/runtime/control_client.hpp"
#include "libha/runtime/log.hpp"

namespace vsmsh {
namespace {

using namespace std::chrono_literals;
using ha::runtime::ControlClient;

constexpr auto kConnectLimit = 10s;
/// A daemon that starts anew is back sooner.
constexpr auto kAbsenceLimit = 30s;
constexpr auto kRetryPause = 200ms;
constexpr auto kReadLimit = 1h;  // then it waits again

void complain(const std::string& text) {
    write_all(STDERR_FILENO, "vsmsh: " + text + "\n");
}

/// "17 2026 Nov 21 10:31:00 vsm-a peer.lost %PLATFORM-2-MOD_REMOVE: …".
std::string to_line(const ha::events::Event& event) {
    return std::to_string(event.sequence) + " " + ha::runtime::format_log_time(event.happened_at) +
           " " + ha::cli::printable(event.node + " " + event.name + " " + event.message) + "\n";
}

class Follower {
public:
    Follower(const Connection& connection, const Options& options)
        : directory_(connection.directory()), json_(options.json), known_(options.since) {}

    int run() {
        while (true) {
            auto client = connect();
            if (!client)
                return kNoAnswer;
            client->follow(known_, kConnectLimit);
            if (const auto status = read(*client))
                return *status;
        }
    }

private:
    /// Tries for a while once it has been connected.
    std::optional<ControlClient> connect() {
        const auto deadline = std::chrono::steady_clock::now() + kAbsenceLimit;
        while (true) {
            auto client = ControlClient::connect(directory_, kConnectLimit);
            if (client) {
                connected_ = true;
                return std::move(*client);
            }
            if (!connected_ || std::chrono::steady_clock::now() >= deadline) {
                complain(client.error());
                return std::nullopt;
            }
            ::poll(nullptr, 0, static_cast<int>(std::chrono::milliseconds(kRetryPause).count()));
        }
    }

    /// The exit status, or nothing when the connection was lost.
    std::optional<int> read(ControlClient& client) {
        while (true) {
            const auto line = client.next_line(kReadLimit);
            if (!line)
                return std::nullopt;
            if (line->empty())
                continue;
            if (const auto status = take(*line))
                return status;
        }
    }

    std::optional<int> take(const std::string& text) {
        const auto line = ha::runtime::parse_follow_line(text);
        if (!line) {
            complain(line.error());
            return kNoAnswer;
        }
        if (!line->error.empty()) {
            write_all(STDERR_FILENO, ha::cli::printable(line->error) + "\n");
            return kRefused;
        }
        if (line->last_missed != 0) {
            complain("events " + std::to_string(line->first_missed) + " to " +
                     std::to_string(line->last_missed) + " are not kept any more");
            known_ = line->last_missed;
            return std::nullopt;
        }
        const auto event = ha::events::from_json(line->event);
        if (!event) {
            complain(event.error());
            return kNoAnswer;
        }
        known_ = event->sequence;
        if (!write_all(STDOUT_FILENO, json_ ? line->event + "\n" : to_line(*event)))
            return kSucceeded;
        return std::nullopt;
    }

    std::string directory_;
    bool json_;
    std::optional<std::uint64_t> known_;
    bool connected_ = false;
};

}  // namespace

int follow(const Connection& connection, const Options& options) {
    return Follower(connection, options).run();
}

}  // namespace vsmsh
