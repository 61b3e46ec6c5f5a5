// Fuzz target: both ends of a channel, fed with frames that pass the codec and with each other's.
// Whatever the peer says, neither side grows beyond its limits, a turn ends, a message is never
// longer than allowed and never made of two streams, and the sender offers only what it was given.
#include "libha/replication/channel.hpp"
#include "test/fuzz/support/messages.hpp"
#include "test/fuzz/support/require.hpp"

using namespace ha;
using namespace ha::replication;
using namespace test::fuzz;
using namespace std::chrono_literals;

namespace {

ChannelOptions small() {
    ChannelOptions options;
    options.buffer_limit = 32 << 10U;
    options.message_limit = 4 << 10U;
    options.receive_limit = 8 << 10U;
    return options;
}

class Story {
public:
    explicit Story(ByteSource source) : source_(source), sender_(small()), receiver_(small()) {}

    void play() {
        for (int step = 0; step < 400 && !source_.empty(); ++step)
            one_step();
    }

private:
    void one_step() {
        switch (source_.below(8)) {
            case 0:
                now_ += std::chrono::microseconds{source_.number16()};
                return;
            case 1:
                now_ += std::chrono::milliseconds{source_.number16() % 3000};
                return;
            case 2:
                sender_.open(++stream_, now_);
                return;
            case 3:
                // Its bytes tell the stream, and so whether it was ever mixed with another.
                (void)sender_.send(
                    wire::Bytes(source_.number16() % 5000, static_cast<std::uint8_t>(stream_)),
                    now_);
                return;
            case 4: {
                wire::ChannelAck ack = channel_ack(source_);
                ack.stream = source_.flag() ? stream_ : ack.stream;
                return hear(ack);
            }
            case 5: {
                wire::ChannelData data = channel_data(source_);
                std::ranges::fill(data.bytes, static_cast<std::uint8_t>(data.stream));
                return hear(data);
            }
            case 6:
                return exchange(source_.byte());
            case 7:
                receiver_.reset();
                return;
        }
    }

    /// What the sender has to send, but for the frames whose bit is set.
    void exchange(std::uint8_t lost) {
        for (int turn = 0; turn < 8 && sender_.next_deadline() <= now_; ++turn) {
            const auto frames = sender_.take_due(now_, 4);
            require(frames.size() <= 4, "no more frames than asked for");
            require(!frames.empty() || sender_.next_deadline() > now_, "a turn ends");
            for (std::size_t index = 0; index < frames.size(); ++index) {
                const wire::ChannelData& data = frames[index];
                require(data.stream == stream_ && data.number != 0 &&
                            data.bytes.size() <= wire::kMaximumChannelBytes &&
                            (!data.bytes.empty() || (data.first && data.last)),
                        "the codec takes what the sender makes");
                if (((lost >> (index + (turn & 4))) & 1U) == 0)
                    hear(data);
            }
        }
    }

    void hear(const wire::ChannelData& data) {
        for (const wire::Bytes& message : receiver_.receive(data, now_)) {
            require(message.size() <= small().message_limit, "a message is not too long");
            for (const std::uint8_t octet : message)
                require(octet == static_cast<std::uint8_t>(data.stream), "streams do not mix");
        }
        require(receiver_.counters().held_bytes <= small().receive_limit + small().message_limit,
                "the receiver keeps to its limit");
        if (const auto ack = receiver_.take_ack(now_))
            hear(*ack);
        require(receiver_.next_deadline() > now_, "an acknowledgement is due once");
    }

    void hear(const wire::ChannelAck& ack) {
        std::uint64_t below = ack.next;
        for (const wire::ChannelRange& range : ack.ranges) {
            require(range.first > below && range.last >= range.first, "ranges ascend");
            below = range.last + 1;
        }
        sender_.acknowledge(ack, now_);
        require(sender_.backlog_bytes() <= small().buffer_limit, "the sender keeps to its limit");
        require(sender_.idle() || sender_.next_deadline() < kNever, "what waits is not forgotten");
        require(sender_.counters().frames_under_way <= 257, "the sender sends no flood");
    }

    ByteSource source_;
    ChannelSender sender_;
    ChannelReceiver receiver_;
    Instant now_{1000s};
    std::uint32_t stream_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Story(ByteSource(data, size)).play();
    return 0;
}
