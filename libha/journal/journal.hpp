// A journal: all that went into a supervisor and all that came out, as bytes. Since the machine
// decides by nothing else (supervisor.hpp), its runs can be had again from them (replay.hpp).
//
// Records follow each other; each says its own length and carries a checksum, so a file that ends
// in the middle of one is good up to there. docs/journal.md describes the bytes. Pure: whoever
// calls reads and writes the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <tl/expected.hpp>

#include "libha/base/time.hpp"
#include "libha/journal/cbor.hpp"
#include "libha/supervisor/supervisor.hpp"

namespace ha::journal {

/// Of the format. A journal of another version is refused, not guessed at.
inline constexpr std::uint64_t kFormatVersion = 3;
/// The longest record, far above what a step can give.
inline constexpr std::size_t kMaximumBody = std::size_t{64} << 20U;

/// A life begins: everything the machine was made of. The keys are in it.
struct LifeBegun {
    std::string product_version;
    std::string instance;
    WallTime wall_time;  ///< to be shown; no input
    supervisor::Options options;
    Instant now;  ///< what the machine's constructor was given
};

/// One step of it. Moves, but is never copied: the payload of a FrameReceived is a view of
/// `payload`.
struct Step {
    Step() = default;
    Step(Step&&) = default;
    Step& operator=(Step&&) = default;
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() = default;

    supervisor::Input input;
    supervisor::Effects effects;
    wire::Bytes payload;
};

/// A step with a payload of its own.
Step step_of(const supervisor::Input& input, const supervisor::Effects& effects);

/// From here on this life was not recorded.
struct Gap {
    std::string reason;
};

using Record = std::variant<LifeBegun, Step, Gap>;

/// A whole record, to be appended to a journal.
wire::Bytes encode(const LifeBegun& life);
wire::Bytes encode(const Step& step);
wire::Bytes encode(const Gap& gap);
/// One effect on its own: two are the same when their bytes are.
wire::Bytes encode(const supervisor::Effect& effect);

struct Framed {
    wire::ByteView body;
    std::size_t body_offset = 0;
    std::size_t size = 0;  ///< of the whole record
};
/// The record at the beginning of `bytes`; nothing when they end before it does. The fault's offset
/// counts from the first of `bytes`.
tl::expected<std::optional<Framed>, Fault> unframe(wire::ByteView bytes);
/// What is in a record's body. The fault's offset counts from the first byte of the body.
tl::expected<Record, Fault> decode(wire::ByteView body);

}  // namespace ha::journal
