// See channel_sender.hpp. Every frame is put into each queue once for every time that it is sent,
// and taken out once, so that nothing here looks through all that is under way.
#include "libha/replication/channel_sender.hpp"

#include <algorithm>
#include <utility>

namespace ha::replication {
namespace {

/// A frame is lost when one that was sent this much later has arrived; more, up to the largest,
/// where frames turn out to overtake each other.
constexpr std::uint64_t kFirstReordering = 3;
constexpr std::uint64_t kLargestReordering = 64;
/// Until the receiver has said what it takes; any receiver of ours takes more.
constexpr std::size_t kFirstReceiverWindow = std::size_t{128} << 10U;
/// What an empty message counts towards buffer_limit.
constexpr std::size_t kSmallestMessageCost = 64;
/// Timeouts in a row that mean that nothing gets through, not that something was late.
constexpr unsigned kSilence = 2;

}  // namespace

ChannelSender::ChannelSender(ChannelOptions options)
    : options_(options),
      reordering_(kFirstReordering),
      congestion_(options.flight_limit),
      round_trip_(options) {
    options_.fragment_bytes =
        std::clamp<std::size_t>(options.fragment_bytes, 1, wire::kMaximumChannelBytes);
}

void ChannelSender::close() {
    const auto counters = counters_;
    *this = ChannelSender(options_);
    counters_ = counters;
}

void ChannelSender::open(std::uint32_t stream, Instant now) {
    close();
    stream_ = stream;
    window_ = kFirstReceiverWindow;
    progress_at_ = latest_ = now;
}

bool ChannelSender::send(wire::Bytes message, Instant now) {
    const std::size_t most_messages = options_.buffer_limit / kSmallestMessageCost;
    if (!is_open() || message.size() > options_.message_limit ||
        message.size() > options_.buffer_limit - backlog_bytes_ ||
        messages_.size() >= most_messages)
        return false;
    if (idle())
        progress_at_ = now;
    latest_ = now;
    backlog_bytes_ += message.size();
    messages_.push_back(std::move(message));
    arm(now);
    return true;
}

std::size_t ChannelSender::next_size() const {
    const wire::Bytes& message = messages_[cut_message_ - first_message_];
    return std::min(message.size() - cut_offset_, options_.fragment_bytes);
}

/// What holds up everything behind it does not wait for room.
bool ChannelSender::may_repeat() const {
    return !lost_.empty() && (under_way_ < congestion_.frames() || lost_.front() == base_);
}

bool ChannelSender::may_send_new() const {
    if (!has_unsent())
        return false;
    return window_probe_ || (under_way_ < congestion_.frames() &&
                             outstanding_cost_ + next_size() + wire::kChannelFrameCost <= window_);
}

std::uint64_t ChannelSender::cut() {
    const wire::Bytes& message = messages_[cut_message_ - first_message_];
    Sent frame;
    frame.message = cut_message_;
    frame.offset = cut_offset_;
    frame.size = next_size();
    cut_offset_ += frame.size;
    frame.last = cut_offset_ == message.size();
    if (frame.last) {
        ++cut_message_;
        cut_offset_ = 0;
    }
    outstanding_cost_ += frame.size + wire::kChannelFrameCost;
    window_probe_ = false;
    sent_.push_back(frame);
    return next_number() - 1;
}

wire::ChannelData ChannelSender::transmit(std::uint64_t number, Instant now) {
    Sent& frame = sent(number);
    frame.state = State::under_way;
    frame.order = next_order_++;
    frame.sent_at = now;
    sendings_.push_back({frame.order, number});
    ++under_way_;
    ++counters_.frames_sent;
    const wire::Bytes& message = messages_[frame.message - first_message_];
    wire::ChannelData data;
    data.stream = stream_;
    data.number = number;
    data.first = frame.offset == 0;
    data.last = frame.last;
    const auto begin = message.begin() + static_cast<std::ptrdiff_t>(frame.offset);
    data.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(frame.size));
    return data;
}

std::vector<wire::ChannelData> ChannelSender::take_due(Instant now, std::size_t limit) {
    std::vector<wire::ChannelData> due;
    latest_ = now;
    if (timer_at_ <= now)
        on_timeout(now);
    while (due.size() < limit) {
        if (may_repeat()) {
            const std::uint64_t number = lost_.front();
            lost_.pop_front();
            sent(number).repeated = true;
            ++counters_.frames_retransmitted;
            due.push_back(transmit(number, now));
            skip_what_is_not_lost();
        } else if (may_send_new()) {
            due.push_back(transmit(cut(), now));
        } else {
            break;
        }
    }
    if (!due.empty() && !may_repeat() && !may_send_new())
        due.back().answer = true;
    arm(now);
    return due;
}

/// One frame goes as a question: the first that is missing, or, when only the receiver's window
/// keeps us from sending, one more than it has room for.
void ChannelSender::on_timeout(Instant now) {
    timer_at_ = kNever;
    ++counters_.timeouts;
    if (++timeouts_ >= kSilence)
        congestion_.on_silence();
    if (sent_.empty()) {
        window_probe_ = true;
    } else {
        if (sent_.front().state == State::under_way)
            --under_way_;
        repeat_first();
    }
    question_order_ = next_order_;
    arm(now);
}

/// The timer runs while something is under way, or the receiver's window keeps us from sending.
void ChannelSender::arm(Instant now) {
    if (timer_at_ == kNever && (!sent_.empty() || (has_unsent() && !may_send_new())))
        timer_at_ = now + round_trip_.timeout(timeouts_);
}

Instant ChannelSender::next_deadline() const {
    return may_repeat() || may_send_new() ? latest_ : timer_at_;
}

/// Numbers that were never sent, or that do not ascend, are nothing that a receiver of ours says.
bool ChannelSender::plausible(const wire::ChannelAck& ack) const {
    if (!is_open() || ack.stream != stream_ || ack.next < base_ || ack.next > next_number() ||
        ack.ranges.size() > wire::kMaximumChannelRanges)
        return false;
    std::uint64_t below = ack.next;
    for (const wire::ChannelRange& range : ack.ranges) {
        if (range.first <= below || range.last < range.first || range.last >= next_number())
            return false;
        below = range.last + 1;
    }
    return true;
}

void ChannelSender::acknowledge(const wire::ChannelAck& ack, Instant now) {
    if (!plausible(ack))
        return;
    latest_ = now;
    const bool was_full = 2 * under_way_ >= congestion_.frames();
    News news;
    for (std::uint64_t number = base_; number < ack.next; ++number)
        deliver(number, news);
    for (const wire::ChannelRange& range : ack.ranges)
        acknowledged_.add(range.first, range.last, [&](std::uint64_t from, std::uint64_t to) {
            for (std::uint64_t number = from; number <= to; ++number)
                deliver(number, news);
        });
    remove_acknowledged(ack.next);
    window_ = ack.window;
    if (news.frames > 0) {
        progress_at_ = now;
        learn(news, now);
        if (was_full)
            congestion_.on_delivered(news.frames);
        timer_at_ = kNever;
    }
    find_losses();
    take_back_what_was_dropped();
    skip_what_is_not_lost();
    if (sent_.empty() && may_send_new())
        timer_at_ = kNever;
    arm(now);
}

void ChannelSender::deliver(std::uint64_t number, News& news) {
    Sent& frame = sent(number);
    if (frame.state == State::acknowledged)
        return;
    if (frame.state == State::under_way)
        --under_way_;
    frame.state = State::acknowledged;
    outstanding_cost_ -= frame.size + wire::kChannelFrameCost;
    ++news.frames;
    std::uint64_t& order = frame.repeated ? news.repeated_order : news.order;
    if (frame.order > order) {
        order = frame.order;
        (frame.repeated ? news.repeated_at : news.sent_at) = frame.sent_at;
    }
}

void ChannelSender::remove_acknowledged(std::uint64_t next) {
    for (; base_ < next; ++base_) {
        const Sent& frame = sent_.front();
        backlog_bytes_ -= frame.size;
        if (frame.last) {
            messages_.pop_front();
            ++first_message_;
        }
        sent_.pop_front();
    }
    acknowledged_.remove_below(base_);
}

/// A frame that was repeated and is acknowledged sooner than anything ever was had only been late:
/// then that says nothing about what was sent before it was repeated. After a silence it does: the
/// path may have become a faster one. A repeated frame never measures the round trip, but when its
/// answer came as one should, waiting any longer than that was for nothing: timeouts are short
/// again.
void ChannelSender::learn(const News& news, Instant now) {
    if (news.order != 0) {
        round_trip_.measure(now - news.sent_at);
        if (timeouts_ >= kSilence && news.order < question_order_)
            congestion_.on_late_arrival();
        timeouts_ = 0;
        newest_order_ = std::max(newest_order_, news.order);
    }
    if (news.repeated_order != 0) {
        const Duration took = now - news.repeated_at;
        const bool plausible = took >= round_trip_.minimum();
        if (plausible || timeouts_ >= kSilence)
            newest_order_ = std::max(newest_order_, news.repeated_order);
        else if (news.repeated_order != question_order_)
            reordering_ = std::min(2 * reordering_, kLargestReordering);
        if (plausible && round_trip_.measured() && took <= round_trip_.timeout(0))
            timeouts_ = 0;
    }
}

/// Those sent clearly before something that has arrived. Whatever was sent before a question is,
/// when the question was answered: it had all the time of a timeout to arrive.
void ChannelSender::find_losses() {
    for (; !sendings_.empty(); sendings_.pop_front()) {
        const auto [order, number] = sendings_.front();
        if (number < base_ || sent(number).order != order || sent(number).state != State::under_way)
            continue;
        const bool unanswered = order < question_order_ && question_order_ <= newest_order_;
        if (!unanswered && order + reordering_ > newest_order_)
            return;
        if (order >= recovery_order_) {
            congestion_.on_loss();
            recovery_order_ = next_order_;
        }
        sent(number).state = State::lost;
        --under_way_;
        lost_.push_back(number);
    }
}

/// What everything behind it waits for goes next, whatever else is lost and however much is under
/// way.
void ChannelSender::repeat_first() {
    sent_.front().state = State::lost;
    if (lost_.empty() || lost_.front() != base_)
        lost_.push_front(base_);
}

/// A receiver that waits for a frame it said it has did not find it to fit, and dropped it.
void ChannelSender::take_back_what_was_dropped() {
    if (sent_.empty() || sent_.front().state != State::acknowledged)
        return;
    outstanding_cost_ += sent_.front().size + wire::kChannelFrameCost;
    acknowledged_.remove(base_);
    repeat_first();
}

void ChannelSender::skip_what_is_not_lost() {
    while (!lost_.empty() && (lost_.front() < base_ || sent(lost_.front()).state != State::lost))
        lost_.pop_front();
}

ChannelSenderCounters ChannelSender::counters() const {
    ChannelSenderCounters counters = counters_;
    counters.smoothed_round_trip = round_trip_.smoothed();
    counters.congestion_window = congestion_.frames();
    counters.frames_under_way = under_way_;
    counters.receiver_window = window_;
    return counters;
}

}  // namespace ha::replication
