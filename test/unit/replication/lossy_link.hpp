// A channel over a link that loses, doubles, delays and reorders frames, in virtual time: what was
// sent, what came out, and whether the two agree. Every frame passes the codec on its way.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "libha/replication/channel.hpp"

namespace ha::replication::test {

using namespace std::chrono_literals;

/// What happens to frames in one direction; probabilities in 1/1000.
struct Weather {
    unsigned lost = 0;
    unsigned doubled = 0;
    Duration delay = 100us;
    Duration jitter{0};  ///< 0…jitter more, drawn for each frame: they overtake each other
    bool cut = false;
};

/// Numbered messages with contents that tell where they belong; equal for equal arguments.
wire::Bytes message_of(std::uint32_t number, std::size_t size);

class LossyLink {
public:
    LossyLink(ChannelOptions options, std::uint64_t seed);

    Weather data;  ///< from the sender to the receiver
    Weather acks;
    /// Frames the owner takes from the sender at a time.
    std::size_t frames_per_turn = 32;

    ChannelSender sender;
    ChannelReceiver receiver;

    /// Offers a message of the given size; false when the sender refuses it.
    bool send(std::size_t size);
    bool send(wire::Bytes message);
    /// Opens a new stream: what of the old one has not come out by then never does.
    void open(std::uint32_t stream);
    /// A new life of the receiver. Its sender learns of it when it opens a stream: until then its
    /// frames name the old life, and the receiver's owner lets none of them through.
    void restart_receiver();
    /// Puts a frame on the wire as if the sender had made it.
    void put(const wire::ChannelData& frame);

    /// Lets time pass, to the next thing that happens and on, until `limit` from now.
    void run(Duration limit);
    /// Runs until everything is acknowledged; the time it took, or `limit` if it did not.
    Duration run_until_idle(Duration limit);

    [[nodiscard]] Instant now() const { return now_; }
    /// Messages that came out since the stream was opened, whole and in order.
    [[nodiscard]] std::size_t came_out() const { return came_out_; }
    [[nodiscard]] std::size_t went_in() const { return expected_.size(); }
    [[nodiscard]] std::size_t data_frames() const { return data_frames_; }
    [[nodiscard]] std::size_t ack_frames() const { return ack_frames_; }
    /// Random, of the link's own seed.
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

private:
    struct Flight {
        bool is_ack = false;
        wire::Message message;
    };
    void turn();
    void launch(const Weather& weather, Flight flight);
    void arrive(const Flight& flight);
    [[nodiscard]] Instant next() const;
    void step_to(Instant instant);

    ChannelOptions options_;
    std::mt19937_64 random_;
    Instant now_{1000s};
    Incarnation receiver_life_{0x500000007};
    Incarnation known_life_{receiver_life_};
    std::multimap<Instant, Flight> flights_;
    std::vector<wire::Bytes> expected_;
    std::size_t came_out_ = 0;
    std::size_t data_frames_ = 0;
    std::size_t ack_frames_ = 0;
    std::uint32_t stream_ = 1;
    std::uint32_t messages_ = 0;
};

}  // namespace ha::replication::test
