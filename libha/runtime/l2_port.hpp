// One L2 port of a daemon: our EtherType on one interface, on libpcap. Frames come up with the time
// the kernel received them; frames go down with Ethernet header, tag and padding.
//
// The interface may be missing at start, go down, be deleted and made again, or change its MAC: the
// port closes, says why, and opens again when link_changed() (from link_monitor.hpp) or its own
// once-a-second look tells that it can. It never decides anything about what is in a payload.
//
// What reaches the user: frames of our EtherType and VLAN, to our MAC or broadcast, that came from
// the wire. Own frames reflected by the wire are among them (the machines count those); own frames
// on their way out are not. Frames of our EtherType in another VLAN are counted and reported.
//
// Thread: the one that runs the loop. Callbacks are called from there, on_frame also from inside
// drain(). A callback may send() and call link_changed(); it must not destroy the port.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <tl/expected.hpp>

#include "libha/base/mac_address.hpp"
#include "libha/base/time.hpp"
#include "libha/runtime/port_filters.hpp"
#include "libha/runtime/receive_times.hpp"
#include "libha/wire/drop.hpp"
#include "libha/wire/frame.hpp"

namespace boost::asio {
class io_context;
}

namespace ha::runtime {

struct LinkState;

struct L2PortOptions {
    std::string interface_name;
    /// 1…4094: 802.1Q tag handled here, on a card that then takes every frame; absent: untagged.
    std::optional<std::uint16_t> vlan;
    std::uint16_t ether_type = wire::kDefaultEtherType;
    /// The kernel's ring for this port, wholly in our resident memory. What it cannot hold while
    /// this process does not run is lost; 1 MiB holds about 500 frames.
    std::size_t buffer_bytes = std::size_t{1} << 20U;
    /// Absent, or where the kernel does not give such a queue (bulk_queue.hpp): all frames are in
    /// the ring.
    std::optional<BulkMark> bulk;
    /// What the kernel keeps of them unread, in its own memory; it counts 2 to 4 KiB for each, and
    /// takes twice as much.
    std::size_t bulk_buffer_bytes = std::size_t{2} << 20U;
    /// Frames read before the loop gets its turn again, so that one port cannot starve the other.
    std::size_t frames_per_wakeup = 64;
    std::function<ClockReading()> clocks;  ///< for tests; empty: the real ones
};

struct L2Frame {
    MacAddress source;
    MacAddress destination;
    std::span<const std::uint8_t> payload;  ///< all after the EtherType; valid during the call
    Instant received_at;                    ///< by the kernel, never later than now
};

struct L2PortHandlers {
    std::function<void(const L2Frame&)> on_frame;
    /// Frames that were ours by EtherType and address, and refused: vlan_mismatch, truncated.
    std::function<void(wire::DropReason, std::uint64_t count)> on_dropped;
    /// The port opened or closed; state_text() says which and why.
    std::function<void()> on_state;
};

struct L2PortCounters {
    std::uint64_t received = 0;  ///< handed to on_frame
    std::uint64_t sent = 0;      ///< taken by the kernel
    std::uint64_t send_failures = 0;
    std::uint64_t vlan_mismatches = 0;
    std::uint64_t truncated = 0;
    std::uint64_t kernel_drops = 0;  ///< arrived while the ring was full
    std::uint64_t bulk_drops = 0;    ///< arrived while the queue of bulk was full
    std::uint64_t opened = 0;        ///< times the port was opened
};

class L2Port {
public:
    L2Port(boost::asio::io_context& loop, L2PortOptions options, L2PortHandlers handlers);
    ~L2Port();
    L2Port(const L2Port&) = delete;
    L2Port& operator=(const L2Port&) = delete;

    /// Tries to open now and keeps trying from then on. The error is the same as state_text().
    tl::expected<void, std::string> open();
    void close();

    /// What the link monitor says of this interface: opens, reopens or closes to match. Going down
    /// and up and a new MAC keep the capture: opening one takes tens of milliseconds.
    void link_changed(const LinkState& link);

    /// Hands out every frame the kernel received before this call. To be called right before a
    /// timer may declare a loss (HB-7). False: the ring had overflowed, so frames that arrived are
    /// lost and silence proves nothing; wait for a heartbeat interval and drain again. A queue of
    /// bulk that overflowed has lost no sign of life.
    [[nodiscard]] bool drain();

    /// Puts a payload on the wire. Without carrier the kernel takes it and it is gone, silently.
    tl::expected<void, std::string> send(const MacAddress& destination,
                                         std::span<const std::uint8_t> payload);

    [[nodiscard]] bool is_open() const;
    /// Of the interface when it was last opened; zero before.
    [[nodiscard]] const MacAddress& mac() const;
    /// "open on control0, 02:00:00:00:01:01, VLAN 260", or what is wrong as one sentence.
    [[nodiscard]] const std::string& state_text() const;
    [[nodiscard]] L2PortCounters counters() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
