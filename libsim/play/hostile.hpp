// Malformed and misplaced frames, made from frames that were really sent. Relates to
// scripts/lab_tool/capture.py, which makes the same kinds for real wires.
#pragma once

#include <cstdint>

#include "libha/base/mac_address.hpp"
#include "libha/wire/codec.hpp"
#include "libsim/scenario/step.hpp"
#include "libsim/world/chance.hpp"

namespace sim::play {

class HostileFrames {
public:
    /// Equal seeds make equal frames.
    explicit HostileFrames(std::uint64_t seed) : chance_(seed) {}

    struct Made {
        ha::MacAddress source;
        ha::wire::Bytes payload;
    };
    /// The `number`th of a row of that kind, from `payload` of `source`. Where it goes is the
    /// caller's; wrong-port and reflected differ from replayed in nothing else.
    Made make(scenario::InjectKind kind, const ha::MacAddress& source, ha::wire::Bytes payload,
              unsigned number);

private:
    void spoil(scenario::InjectKind kind, ha::wire::Bytes& payload);
    void append_random(ha::wire::Bytes& payload, std::size_t count);

    Chance chance_;
};

/// Somebody who is no node: the source of given bytes, and of frames from unlearnt addresses.
ha::MacAddress stranger(unsigned number);

}  // namespace sim::play
