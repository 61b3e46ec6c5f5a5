// The frames that nodes sent, whatever became of them: counted for expectations, and the latest of
// each kind kept for those who make hostile frames of it. The announcements of mgmt addresses are
// frames of the kernel, which the world does not have: they are made here, at the times at which
// libha/runtime/address_keeper.hpp makes them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "libsim/scenario/expectation.hpp"
#include "libsim/world/world.hpp"

namespace sim::play {

/// What a scenario needs of the capture; what it does not need costs nothing.
struct CaptureNeeds {
    bool counts = false;
    bool payloads = false;
};

class Capture {
public:
    explicit Capture(CaptureNeeds needs) : needs_(needs) {}

    void take(const Frame& frame);
    /// The node holds so many addresses now and announces them, or has been asked to say it again.
    void announce(NodeIndex node, const ha::MacAddress& source, std::size_t ipv4, std::size_t ipv6,
                  Instant now);
    /// It does not hold them any more, or cannot say so.
    void fall_silent(NodeIndex node) { announcing_.erase(node); }
    /// Announcements due by now are frames.
    void advance(Instant now);
    /// When the next one is due.
    [[nodiscard]] Instant next_announcement() const;

    /// How many frames there are so far: a mark for count().
    [[nodiscard]] std::size_t mark() const { return records_.size(); }
    /// Which frames; MACs of nodes are those of the lab, as in real captures.
    struct Wanted {
        explicit Wanted(const scenario::FramesSeen& frames);
        std::optional<ha::PortKind> port;
        std::vector<ha::MacAddress> sources;  ///< none: any
        std::optional<ha::MacAddress> destination;
        std::optional<bool> broadcast;
        std::uint8_t type = 0;  ///< 0: any
    };
    [[nodiscard]] std::size_t count(const Wanted& wanted, std::size_t from) const;

    /// The latest payload that was sent from there.
    [[nodiscard]] const ha::wire::Bytes* latest(ha::PortKind port, const ha::MacAddress& source,
                                                std::optional<ha::wire::FrameType> type) const;

private:
    struct Record {
        ha::MacAddress source;
        ha::MacAddress destination;
        ha::PortKind port;
        std::uint8_t type;
    };
    struct Announcing {
        ha::MacAddress source;
        std::size_t ipv4;
        std::size_t ipv6;
        Instant first;
        std::size_t done;
    };
    void add(const Announcing& announcing);

    CaptureNeeds needs_;
    std::vector<Record> records_;
    std::map<NodeIndex, Announcing> announcing_;
    /// By port, source and type; type 0 is the latest of all.
    std::map<std::tuple<ha::PortKind, ha::MacAddress, std::uint8_t>, ha::wire::Bytes> latest_;
};

}  // namespace sim::play
