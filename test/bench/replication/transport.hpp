// The ways to move bytes that the bench compares; each in two halves, one a process. A half is
// given a place and tells what it did. They end the program with a sentence when the kernel refuses
// something.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "libha/base/mac_address.hpp"

namespace bench {

/// One end of a cable.
struct Place {
    std::string interface_name;
    std::string address;       ///< IPv4, of this end
    std::string peer_address;  ///< IPv4, of the other end
    ha::MacAddress peer_mac;
};

/// What one half saw.
struct Outcome {
    std::uint64_t bytes = 0;  ///< payload, as the user counts it
    double seconds = 0;       ///< of the receiver: first to last byte; of the sender: to the end
    double processor_seconds = 0;
    std::uint64_t frames = 0;      ///< sent or received, where that is known
    std::uint64_t repeated = 0;    ///< of the channel: frames sent again
    std::uint64_t ring_drops = 0;  ///< frames that found a queue of the port full
};

struct Transport {
    const char* name;
    const char* what;
    Outcome (*send)(const Place& place, std::uint64_t bytes);
    /// Calls `ready` when the other half may begin.
    Outcome (*receive)(const Place& place, std::uint64_t bytes, const std::function<void()>& ready);
    bool single_segments;  ///< over the cable whose ends take one frame at a time from the kernel
};

extern const Transport kRaw;
extern const Transport kPort;
extern const Transport kPortRing;
extern const Transport kChannel;
extern const Transport kSealedChannel;
extern const Transport kTcp;
extern const Transport kTcpSingleSegments;

[[noreturn]] void fail(const std::string& what);
/// CLOCK_MONOTONIC, in seconds.
double now_seconds();

}  // namespace bench
