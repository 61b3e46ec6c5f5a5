// How much of a cable the channel uses, beside raw frames and TCP: rounds of all of them in turn,
// each with a process on either end, in the network namespaces that `run` has made.
//
//     replication-bench NAMESPACE ROUNDS MEGABYTES TRANSPORT…
//
// NAMESPACE is the path of the other end's network namespace. The ends of the cables are here0 and
// there0, and here1 and there1, whose kernel makes no large segments.
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <vector>

#include "test/bench/replication/transport.hpp"

namespace bench {

void fail(const std::string& what) {
    std::fprintf(stderr, "replication-bench: %s: %s\n", what.c_str(), std::strerror(errno));
    std::_Exit(1);
}

double now_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

namespace {

struct Trial {
    Outcome sent;
    Outcome received;
};

class Bench {
public:
    Bench(std::string other, std::uint64_t bytes) : other_(std::move(other)), bytes_(bytes) {}

    /// Both halves, each in a process of its own.
    Trial play(const Transport& transport) const {
        int pipe_ends[2];
        if (pipe(pipe_ends) != 0)
            fail("a pipe");
        const auto half = [&](bool sends) {
            const pid_t child = fork();
            if (child == 0)
                run_half(transport, sends, pipe_ends[1]);
            return child;
        };
        const pid_t receiver = half(false);
        char ready = 0;
        if (read(pipe_ends[0], &ready, 1) != 1)
            fail("the receiver");
        const pid_t sender = half(true);
        Trial trial;
        for (int count = 0; count < 2; ++count) {
            Report report;
            if (read(pipe_ends[0], &report, sizeof report) != sizeof report)
                fail("a report");
            (report.sends ? trial.sent : trial.received) = report.outcome;
        }
        for (const pid_t child : {receiver, sender})
            waitpid(child, nullptr, 0);
        close(pipe_ends[0]);
        close(pipe_ends[1]);
        return trial;
    }

private:
    struct Report {
        bool sends = false;
        Outcome outcome;
    };

    [[noreturn]] void run_half(const Transport& transport, bool sends, int reports) const {
        if (!sends) {
            const int there = open(other_.c_str(), O_RDONLY | O_CLOEXEC);
            if (there < 0 || setns(there, CLONE_NEWNET) != 0)
                fail("entering " + other_);
        }
        const std::string cable = transport.single_segments ? "1" : "0";
        Place place;
        place.interface_name = (sends ? "here" : "there") + cable;
        place.address = "10.97." + cable + (sends ? ".1" : ".2");
        place.peer_address = "10.97." + cable + (sends ? ".2" : ".1");
        // As `run` has set them.
        place.peer_mac = {{2, 0, 0, 0x97, cable == "1", static_cast<std::uint8_t>(sends ? 2 : 1)}};
        const auto ready = [&] {
            if (write(reports, "r", 1) != 1)
                fail("saying that the receiver is ready");
        };
        Report report{
            sends, sends ? transport.send(place, bytes_) : transport.receive(place, bytes_, ready)};
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
        };
        report.outcome.processor_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
        if (write(reports, &report, sizeof report) != sizeof report)
            fail("a report");
        std::_Exit(0);
    }

    std::string other_;
    std::uint64_t bytes_;
};

double rate(const Trial& trial) {
    return static_cast<double>(trial.received.bytes) / trial.received.seconds / 1e6;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

struct Row {
    std::vector<double> rates;
    double sender_seconds = 0;
    double receiver_seconds = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t repeated = 0;
    std::uint64_t ring_drops = 0;
};

void print(const std::vector<const Transport*>& transports,
           const std::map<const Transport*, Row>& rows) {
    std::printf("%-12s %7s %7s %7s %6s %9s %9s %8s  %s\n", "", "MB/s", "min", "max", "of raw",
                "sender", "receiver", "lost or", "");
    std::printf("%-12s %7s %7s %7s %6s %9s %9s %8s  %s\n", "transport", "median", "", "", "",
                "CPU ns/B", "CPU ns/B", "repeated", "what");
    const auto raw = rows.find(&kRaw);
    for (const Transport* transport : transports) {
        const Row& row = rows.at(transport);
        const double bytes = static_cast<double>(row.received);
        const double lost = transport == &kRaw || transport == &kPort || transport == &kPortRing
                                ? 1 - bytes / static_cast<double>(row.sent)
                                : static_cast<double>(row.repeated) * 1400 / bytes;
        std::string share = "-";
        if (raw != rows.end())
            share =
                std::to_string(std::lround(100 * median(row.rates) / median(raw->second.rates))) +
                " %";
        std::printf("%-12s %7.1f %7.1f %7.1f %6s %9.2f %9.2f %6.2f %%  %s\n", transport->name,
                    median(row.rates), *std::ranges::min_element(row.rates),
                    *std::ranges::max_element(row.rates), share.c_str(),
                    1e9 * row.sender_seconds / bytes, 1e9 * row.receiver_seconds / bytes,
                    100 * lost, transport->what);
    }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    using namespace bench;
    const std::vector<const Transport*> all{&kRaw,           &kPort, &kPortRing,         &kChannel,
                                            &kSealedChannel, &kTcp,  &kTcpSingleSegments};
    const int rounds = argc > 4 ? std::atoi(argv[2]) : 0;
    const int megabytes = argc > 4 ? std::atoi(argv[3]) : 0;
    if (rounds < 1 || rounds > 1000 || megabytes < 1 || megabytes > 10'000) {
        std::fputs(
            "usage: replication-bench NAMESPACE ROUNDS(1..1000) MEGABYTES(1..10000) TRANSPORT...\n",
            stderr);
        return 2;
    }
    std::vector<const Transport*> chosen;
    for (int index = 4; index < argc; ++index) {
        const auto named = std::ranges::find_if(
            all, [&](const Transport* one) { return std::string(argv[index]) == one->name; });
        if (named == all.end()) {
            std::fprintf(stderr, "replication-bench: no transport '%s'\n", argv[index]);
            return 2;
        }
        chosen.push_back(*named);
    }
    const Bench bench(argv[1], static_cast<std::uint64_t>(megabytes) * 1'000'000);
    std::map<const Transport*, Row> rows;
    for (int round = 0; round < rounds; ++round) {
        // Each transport comes first in turn.
        std::rotate(chosen.begin(), chosen.begin() + (round > 0 ? 1 : 0), chosen.end());
        for (const Transport* transport : chosen) {
            const Trial trial = bench.play(*transport);
            Row& row = rows[transport];
            row.rates.push_back(rate(trial));
            row.sender_seconds += trial.sent.processor_seconds;
            row.receiver_seconds += trial.received.processor_seconds;
            row.sent += trial.sent.bytes;
            row.received += trial.received.bytes;
            row.repeated += trial.sent.repeated;
            row.ring_drops += trial.sent.ring_drops + trial.received.ring_drops;
            std::fprintf(stderr, "round %d %-12s %8.1f MB/s\n", round + 1, transport->name,
                         row.rates.back());
        }
    }
    std::ranges::sort(chosen, {},
                      [&](const Transport* one) { return std::ranges::find(all, one); });
    print(chosen, rows);
    for (const auto& [transport, row] : rows)
        if (row.ring_drops > 0)
            std::printf("%s: %llu frames found a queue full\n", transport->name,
                        static_cast<unsigned long long>(row.ring_drops));
    return 0;
}
