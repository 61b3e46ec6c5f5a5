// Frames of 1500 bytes from port to port of libha/runtime, as fast as they go: what is left of the
// cable for whoever uses these ports, with nothing added. Nobody repeats what is lost.
#include <array>
#include <boost/asio/io_context.hpp>

#include "libha/runtime/event_loop.hpp"
#include "libha/runtime/l2_port.hpp"
#include "test/bench/replication/transport.hpp"

namespace bench {
namespace {

using namespace ha;
using namespace std::chrono_literals;

using Payload = std::array<std::uint8_t, wire::kMaximumPayload>;

/// As bulk, or in the ring with everything else.
template <bool bulk>
runtime::L2PortOptions options(const Place& place) {
    return {.interface_name = place.interface_name,
            .vlan = {},
            .bulk = bulk ? std::optional{runtime::BulkMark{}} : std::nullopt,
            .clocks = {}};
}

void open(runtime::L2Port& port) {
    if (const auto opened = port.open(); !opened)
        fail(opened.error());
}

template <bool bulk>
Outcome send_by_port(const Place& place, std::uint64_t bytes) {
    boost::asio::io_context loop;
    runtime::L2Port port(loop, options<bulk>(place), {});
    open(port);
    const Payload payload{};
    Outcome outcome;
    const double begun = now_seconds();
    for (; outcome.bytes < bytes; outcome.bytes += payload.size())
        (void)port.send(place.peer_mac, payload);
    outcome.seconds = now_seconds() - begun;
    outcome.frames = port.counters().sent;
    return outcome;
}

template <bool bulk>
Outcome receive_by_port(const Place& place, std::uint64_t, const std::function<void()>& ready) {
    boost::asio::io_context loop;
    Outcome outcome;
    double first = 0;
    double last = 0;
    runtime::L2Port port(loop, options<bulk>(place),
                         {[&](const runtime::L2Frame& frame) {
                              last = now_seconds();
                              first = first == 0 ? last : first;
                              outcome.bytes += frame.payload.size();
                              ++outcome.frames;
                          },
                          {},
                          {}});
    open(port);
    ready();
    runtime::Timer silence(loop);
    std::uint64_t seen = 0;
    const std::function<void()> look = [&] {
        if (seen == outcome.frames && seen != 0)
            return loop.stop();
        seen = outcome.frames;
        silence.arm_in(300ms, look);
    };
    look();
    loop.run();
    outcome.seconds = last - first;
    outcome.ring_drops = port.counters().kernel_drops + port.counters().bulk_drops;
    return outcome;
}

}  // namespace

const Transport kPort{"port", "frames of 1500 bytes through the ports as bulk, without a channel",
                      send_by_port<true>, receive_by_port<true>, false};
const Transport kPortRing{"port-ring", "the same in the ring, with all other frames",
                          send_by_port<false>, receive_by_port<false>, false};

}  // namespace bench
