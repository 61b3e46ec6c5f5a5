// See channel_receiver.hpp.
#include "libha/replication/channel_receiver.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace ha::replication {
namespace {

/// Frames acknowledged together: while all is well, and while the sender looks for what was lost.
constexpr std::size_t kFramesPerAck = 16;
constexpr std::size_t kFramesPerAckBehindGap = 2;

std::size_t cost_of(const wire::Bytes& bytes) {
    return bytes.size() + wire::kChannelFrameCost;
}

}  // namespace

ChannelReceiver::ChannelReceiver(ChannelOptions options) : options_(options) {
    options_.receive_limit = std::max(options_.receive_limit, 2 * options_.message_limit);
}

void ChannelReceiver::reset() {
    open(0);
    ack_at_ = kNever;
}

void ChannelReceiver::open(std::uint32_t stream) {
    stream_ = stream;
    next_ = 1;
    message_ = {};
    unfinished_ = false;
    held_.clear();
    held_cost_ = 0;
    beyond_.clear();
    recent_count_ = 0;
    unanswered_ = 0;
}

std::vector<wire::Bytes> ChannelReceiver::receive(const wire::ChannelData& data, Instant now) {
    Messages messages;
    const bool opens = stream_ == 0 ? data.number == 1 && data.stream != 0 : data.stream > stream_;
    if (opens)
        open(data.stream);
    if (stream_ == 0 || data.stream != stream_ || data.number == 0 ||
        data.number > wire::kMaximumChannelNumber) {
        ++counters_.refused;
        return messages;
    }
    if (data.number < next_ || (data.number > next_ && held_.contains(data.number))) {
        ++counters_.duplicates;
        want_ack(now, true);
        return messages;
    }
    if (data.number > next_) {
        hold(data, now);
        return messages;
    }
    const bool closes_gap = !held_.empty();
    if (!append(data.first, data.last, data.bytes, messages)) {
        ++counters_.refused;
        return messages;
    }
    append_held(messages);
    want_ack(now, closes_gap || data.answer);
    return messages;
}

void ChannelReceiver::hold(const wire::ChannelData& data, Instant now) {
    if (cost_of(data.bytes) > room()) {
        ++counters_.refused;
        return want_ack(now, true);
    }
    ++counters_.frames;
    held_cost_ += cost_of(data.bytes);
    held_.emplace_hint(held_.end(), data.number, Held{data.first, data.last, data.bytes});
    const std::size_t ranges_before = beyond_.ranges().size();
    beyond_.add(data.number);
    // The latest replace the earlier ones: a place is taken in turn.
    recent_[recent_count_++ % recent_.size()] = data.number;
    want_ack(now, data.answer || beyond_.ranges().size() != ranges_before);
}

bool ChannelReceiver::append(bool first, bool last, const wire::Bytes& bytes, Messages& messages) {
    if (first == unfinished_ || (bytes.empty() && !(first && last)) ||
        bytes.size() > options_.message_limit - message_.size())
        return false;
    if (first && last) {
        messages.push_back(bytes);
    } else {
        if (first)
            message_.reserve(previous_size_);
        message_.insert(message_.end(), bytes.begin(), bytes.end());
        unfinished_ = !last;
        if (last) {
            previous_size_ = message_.size();
            messages.push_back(std::exchange(message_, {}));
        }
    }
    ++next_;
    ++counters_.frames;
    return true;
}

void ChannelReceiver::append_held(Messages& messages) {
    while (!held_.empty() && held_.begin()->first == next_) {
        const auto held = held_.extract(held_.begin());
        const Held& frame = held.mapped();
        held_cost_ -= cost_of(frame.bytes);
        --counters_.frames;  // counted when it came
        if (!append(frame.first, frame.last, frame.bytes, messages)) {
            ++counters_.refused;
            beyond_.remove(next_);
            break;
        }
    }
    beyond_.remove_below(next_);
}

void ChannelReceiver::want_ack(Instant now, bool at_once) {
    const std::size_t together = held_.empty() ? kFramesPerAck : kFramesPerAckBehindGap;
    if (at_once || ++unanswered_ >= together)
        ack_at_ = std::min(ack_at_, now);
    else
        ack_at_ = std::min(ack_at_, now + options_.acknowledgement_delay);
}

std::size_t ChannelReceiver::room() const {
    const std::size_t taken = held_cost_ + message_.size();
    return taken < options_.receive_limit ? options_.receive_limit - taken : 0;
}

/// Those that are news, and then the lowest: these are what the sender must repeat between. There
/// may be more ranges than an acknowledgement has places.
std::vector<wire::ChannelRange> ChannelReceiver::ranges() const {
    const auto& all = beyond_.ranges();
    std::map<std::uint64_t, std::uint64_t> chosen;
    for (std::size_t index = 0; index < std::min(recent_count_, recent_.size()); ++index) {
        auto range = all.upper_bound(recent_[index]);
        if (range != all.begin() && (--range)->second >= recent_[index])
            chosen.insert(*range);
    }
    for (auto range = all.begin();
         range != all.end() && chosen.size() < wire::kMaximumChannelRanges; ++range)
        chosen.insert(*range);
    std::vector<wire::ChannelRange> ranges;
    for (const auto& [first, last] : chosen)
        ranges.push_back({first, last});
    return ranges;
}

std::optional<wire::ChannelAck> ChannelReceiver::take_ack(Instant now) {
    if (stream_ == 0 || ack_at_ > now)
        return std::nullopt;
    wire::ChannelAck ack;
    ack.stream = stream_;
    ack.next = next_;
    ack.window = static_cast<std::uint32_t>(
        std::min<std::size_t>(room(), std::numeric_limits<std::uint32_t>::max()));
    ack.ranges = ranges();
    recent_count_ = 0;
    unanswered_ = 0;
    ack_at_ = kNever;
    return ack;
}

ChannelReceiverCounters ChannelReceiver::counters() const {
    ChannelReceiverCounters counters = counters_;
    counters.held_bytes = held_cost_ + message_.size();
    return counters;
}

}  // namespace ha::replication
