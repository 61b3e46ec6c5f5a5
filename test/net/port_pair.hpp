// Two L2 ports on the ends of a wire, and what they told.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libha/runtime/clock.hpp"
#include "libha/runtime/l2_port.hpp"
#include "libha/runtime/link_monitor.hpp"
#include "test/net/wires.hpp"

namespace net_test {

using namespace ha::runtime;
using ha::Duration;
using ha::Instant;
using ha::MacAddress;
using Payload = std::vector<std::uint8_t>;

/// A port with everything it told.
struct TestPort {
    struct Frame {
        MacAddress source;
        MacAddress destination;
        Payload payload;
        Instant received_at;
        Instant read_at;
    };

    TestPort(Wires& wires, L2PortOptions options)
        : port(wires.loop, std::move(options),
               {.on_frame =
                    [this](const L2Frame& frame) {
                        frames.push_back({frame.source, frame.destination,
                                          Payload(frame.payload.begin(), frame.payload.end()),
                                          frame.received_at, monotonic_now()});
                    },
                .on_dropped = [this](ha::wire::DropReason reason,
                                     std::uint64_t count) { drops.emplace_back(reason, count); },
                .on_state = [this] { states.push_back(port.state_text()); }}) {}

    std::vector<Frame> frames;
    std::vector<std::pair<ha::wire::DropReason, std::uint64_t>> drops;
    std::vector<std::string> states;
    L2Port port;
};

inline L2PortOptions on(const std::string& name, std::optional<std::uint16_t> vlan = std::nullopt) {
    L2PortOptions options;
    options.interface_name = name;
    options.vlan = vlan;
    return options;
}

/// Bulk is what has 0xbb behind the number.
inline constexpr BulkMark kMark{2, 0xbb};

inline L2PortOptions with_bulk(const std::string& name,
                               std::optional<std::uint16_t> vlan = std::nullopt) {
    L2PortOptions options = on(name, vlan);
    options.bulk = kMark;
    return options;
}

inline Payload numbered(unsigned number) {
    Payload payload(100, 0);
    payload[0] = static_cast<std::uint8_t>(number >> 8U);
    payload[1] = static_cast<std::uint8_t>(number);
    return payload;
}

inline Payload bulk(unsigned number) {
    Payload payload = numbered(number);
    payload.resize(1500);
    payload[kMark.offset] = kMark.octet;
    return payload;
}

/// a0's port watched by a link monitor, and a plain port on b0 to talk to it.
struct Pair {
    explicit Pair(L2PortOptions options_a = on("a0"), L2PortOptions options_b = on("b0"))
        : monitor(wires.loop), a(wires, std::move(options_a)), b(wires, std::move(options_b)) {
        monitor.watch("a0", [this](const LinkState& link) { a.port.link_changed(link); });
        monitor.watch("b0", [this](const LinkState& link) { b.port.link_changed(link); });
        REQUIRE(monitor.start());
        CHECK(a.port.open());
        CHECK(b.port.open());
    }
    /// A frame from b arrives at a; sent again until it does, as the wire may just be coming up.
    bool passes() {
        const std::size_t before = a.frames.size();
        for (int attempt = 0; attempt < 50; ++attempt) {
            static_cast<void>(b.port.send(ha::kBroadcastMac, numbered(1)));
            if (wires.wait_for([&] { return a.frames.size() > before; }, 20ms))
                return true;
        }
        return false;
    }
    Wires wires;
    LinkMonitor monitor;
    TestPort a;
    TestPort b;
};

}  // namespace net_test
