// The sending end of a channel; see channel.hpp.
//
// Frames are cut when they are sent. One that was sent is under way until it is acknowledged, or
// believed lost: when frames sent a little later have arrived and it has not. What is believed lost
// goes first. When nothing is heard for too long, one frame goes as a question; its answer says
// what of the rest is missing, so that a late acknowledgement makes nobody send everything twice.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "libha/base/time.hpp"
#include "libha/replication/channel_options.hpp"
#include "libha/replication/congestion_window.hpp"
#include "libha/replication/number_set.hpp"
#include "libha/replication/round_trip.hpp"
#include "libha/wire/frame.hpp"

namespace ha::replication {

/// For show and log; the first three count all streams.
struct ChannelSenderCounters {
    std::uint64_t frames_sent = 0;           ///< with the repeated ones
    std::uint64_t frames_retransmitted = 0;  ///< of them, sent before
    std::uint64_t timeouts = 0;              ///< times that nothing was heard for too long
    Duration smoothed_round_trip{0};         ///< zero: not measured yet
    std::size_t congestion_window = 0;       ///< frames that may be under way
    std::size_t frames_under_way = 0;
    std::size_t receiver_window = 0;  ///< as the receiver said last; a frame counts 64 bytes more
};

class ChannelSender {
public:
    explicit ChannelSender(ChannelOptions options);

    /// Begins a new stream; what was queued of the old one is dropped. `stream` is not 0 and
    /// greater than every one before in this life of the sender.
    void open(std::uint32_t stream, Instant now);
    /// Drops what is queued. Nothing is sent and nothing taken until open().
    void close();
    [[nodiscard]] bool is_open() const { return stream_ != 0; }

    /// False, and nothing is taken, when the channel is closed, the message is longer than
    /// message_limit, or buffer_limit would be exceeded.
    [[nodiscard]] bool send(wire::Bytes message, Instant now);
    /// Ignored unless it is of this stream and speaks of nothing but frames that were sent.
    void acknowledge(const wire::ChannelAck& ack, Instant now);

    /// The frames to send now, at most `limit`; more may be due at once: then next_deadline() is
    /// not after `now`. They are counted as sent. The owner fills in `names`.
    std::vector<wire::ChannelData> take_due(Instant now, std::size_t limit);
    /// When to call take_due(); kNever when nothing is due or under way.
    [[nodiscard]] Instant next_deadline() const;

    /// Everything that was taken is acknowledged.
    [[nodiscard]] bool idle() const { return messages_.empty(); }
    /// Taken and not yet acknowledged.
    [[nodiscard]] std::size_t backlog_bytes() const { return backlog_bytes_; }
    /// Since when bytes wait for acknowledgement and none has come; kNever when idle.
    [[nodiscard]] Instant stuck_since() const { return idle() ? kNever : progress_at_; }
    /// Nothing can get through now: this time is not held against the receiver.
    void forgive(Instant now) { progress_at_ = now; }

    [[nodiscard]] ChannelSenderCounters counters() const;

private:
    enum class State : std::uint8_t { under_way, lost, acknowledged };
    /// A frame that was sent and not acknowledged together with all before it.
    struct Sent {
        std::uint64_t message = 0;  ///< counts the messages of the stream from 0
        std::size_t offset = 0;
        std::size_t size = 0;
        bool last = false;
        State state = State::under_way;
        bool repeated = false;
        std::uint64_t order = 0;  ///< of its latest sending among all sendings
        Instant sent_at;
    };
    /// One sending of a frame.
    struct Sending {
        std::uint64_t order = 0;
        std::uint64_t number = 0;
    };
    /// What an acknowledgement told.
    struct News {
        std::size_t frames = 0;
        std::uint64_t order = 0;  ///< the latest sending among frames that were sent once; 0: none
        Instant sent_at;
        std::uint64_t repeated_order = 0;  ///< the same among those that were repeated
        Instant repeated_at;
    };

    Sent& sent(std::uint64_t number) { return sent_[number - base_]; }
    [[nodiscard]] std::uint64_t next_number() const { return base_ + sent_.size(); }
    [[nodiscard]] bool has_unsent() const {
        return cut_message_ - first_message_ < messages_.size();
    }
    [[nodiscard]] std::size_t next_size() const;
    [[nodiscard]] bool may_repeat() const;
    [[nodiscard]] bool may_send_new() const;
    [[nodiscard]] bool plausible(const wire::ChannelAck& ack) const;

    void deliver(std::uint64_t number, News& news);
    void remove_acknowledged(std::uint64_t next);
    void learn(const News& news, Instant now);
    void find_losses();
    void repeat_first();
    void take_back_what_was_dropped();
    void skip_what_is_not_lost();
    void on_timeout(Instant now);
    void arm(Instant now);
    std::uint64_t cut();
    wire::ChannelData transmit(std::uint64_t number, Instant now);

    ChannelOptions options_;
    std::uint32_t stream_ = 0;
    std::deque<wire::Bytes> messages_;  ///< taken, and not wholly acknowledged
    std::uint64_t first_message_ = 0;   ///< which one of the stream the first of them is
    std::uint64_t cut_message_ = 0;     ///< where the next frame is cut from
    std::size_t cut_offset_ = 0;
    std::size_t backlog_bytes_ = 0;

    std::uint64_t base_ = 1;  ///< the number of sent_.front(), or of the next frame
    std::deque<Sent> sent_;
    NumberSet acknowledged_;          ///< beyond base_
    std::deque<std::uint64_t> lost_;  ///< to repeat; some may have been acknowledged since
    std::deque<Sending> sendings_;    ///< by order; of those not yet judged
    std::uint64_t next_order_ = 1;
    std::uint64_t newest_order_ = 0;    ///< the latest sending known to have arrived
    std::uint64_t question_order_ = 0;  ///< of the frame that a timeout sent
    std::uint64_t recovery_order_ = 0;  ///< a loss of something sent before it is no new one
    std::uint64_t reordering_;          ///< frames that may overtake one that is not lost
    std::size_t under_way_ = 0;
    std::size_t outstanding_cost_ = 0;  ///< of frames sent that the receiver has not said it has
    std::size_t window_ = 0;
    CongestionWindow congestion_;
    RoundTrip round_trip_;
    unsigned timeouts_ = 0;  ///< in a row, without a measured round trip since
    bool window_probe_ = false;
    Instant timer_at_ = kNever;
    Instant progress_at_;
    Instant latest_;  ///< the time as this last heard it
    ChannelSenderCounters counters_;
};

}  // namespace ha::replication
