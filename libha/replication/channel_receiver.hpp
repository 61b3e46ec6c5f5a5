// The receiving end of a channel; see channel.hpp. Which of its owner's frames get here is the
// owner's to decide: those of the peer's present life that name its own.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "libha/base/time.hpp"
#include "libha/replication/channel_options.hpp"
#include "libha/replication/number_set.hpp"
#include "libha/wire/frame.hpp"

namespace ha::replication {

struct ChannelReceiverCounters {
    std::uint64_t frames = 0;      ///< taken in
    std::uint64_t duplicates = 0;  ///< had come before
    std::uint64_t refused = 0;   ///< of lower streams, without a place, or that do not fit together
    std::size_t held_bytes = 0;  ///< kept now: frames behind a gap, the unfinished message
};

class ChannelReceiver {
public:
    explicit ChannelReceiver(ChannelOptions options);

    /// Forgets the stream: for a new life of the sender, and only then. Afterwards the first frame
    /// of any stream opens it; were the sender still the old one, that could be one from the past.
    void reset();

    /// The messages that `data` completes: whole, in order, each once.
    ///
    /// A frame of a higher stream opens that one, and drops what was unfinished of the old one. A
    /// frame of a lower stream is ignored and not acknowledged: its sender has dropped that stream
    /// and ignores what is said of it, and an acknowledgement would claim what is not known here
    /// any more. A frame that does not continue the message before it, or makes it longer than
    /// message_limit, is as good as lost: no sender of ours makes one.
    std::vector<wire::Bytes> receive(const wire::ChannelData& data, Instant now);

    /// The acknowledgement, when one is due: at once when a gap opens or closes, for a frame that
    /// has come before or has no place, and when the sender asks; otherwise after a few frames or
    /// acknowledgement_delay. The owner fills in `names`.
    std::optional<wire::ChannelAck> take_ack(Instant now);
    /// When to call take_ack(); kNever when nothing is to be acknowledged.
    [[nodiscard]] Instant next_deadline() const { return ack_at_; }

    [[nodiscard]] ChannelReceiverCounters counters() const;

private:
    /// A frame behind a gap.
    struct Held {
        bool first = false;
        bool last = false;
        wire::Bytes bytes;
    };
    using Messages = std::vector<wire::Bytes>;

    void open(std::uint32_t stream);
    void hold(const wire::ChannelData& data, Instant now);
    /// False when the frame does not fit behind what has come; nothing is changed then.
    bool append(bool first, bool last, const wire::Bytes& bytes, Messages& messages);
    void append_held(Messages& messages);
    void want_ack(Instant now, bool at_once);
    [[nodiscard]] std::size_t room() const;
    [[nodiscard]] std::vector<wire::ChannelRange> ranges() const;

    ChannelOptions options_;
    std::uint32_t stream_ = 0;  ///< 0: none yet
    std::uint64_t next_ = 1;    ///< everything below was taken
    wire::Bytes message_;       ///< the unfinished message
    bool unfinished_ = false;
    std::size_t previous_size_ = 0;  ///< of a message in several frames: the next is much like it
    std::map<std::uint64_t, Held> held_;
    std::size_t held_cost_ = 0;
    NumberSet beyond_;  ///< the numbers of held_
    /// The latest that came behind a gap since the last acknowledgement: what is new goes first.
    std::array<std::uint64_t, 8> recent_{};
    std::size_t recent_count_ = 0;
    std::size_t unanswered_ = 0;  ///< frames since the last acknowledgement
    Instant ack_at_ = kNever;
    ChannelReceiverCounters counters_;
};

}  // namespace ha::replication
