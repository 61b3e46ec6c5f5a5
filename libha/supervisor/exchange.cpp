// Supervisor: the exchange, a stream in each direction between the two supervisors beside
// replication.
#include <algorithm>

#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

namespace {

/// Frames in one step, on each of two ports at most: heartbeats come in between (HB-1).
constexpr std::size_t kFramesPerStep = 12;
/// Nothing acknowledged for this part of T: perhaps the port is dead, so the other one is used too.
constexpr int kPatienceShare = 32;

}  // namespace

void Supervisor::Implementation::open_exchange() {
    exchange_port_.reset();
    exchange_sender_.open(++exchange_stream_, now_);
}

void Supervisor::Implementation::on_exchange_frame(const wire::Received& received,
                                                   const FrameReceived& input) {
    const auto* data = std::get_if<wire::ExchangeData>(&received.frame.message);
    const auto* ack = std::get_if<wire::ExchangeAck>(&received.frame.message);
    if (data == nullptr && ack == nullptr)
        return;
    const Incarnation names = data != nullptr ? data->names : ack->names;
    if (!may_exchange(input.port) || names != options_.pair.incarnation ||
        !pair_.is_counted_on(received, input.port))
        return count_drop(input.port, wire::DropReason::not_for_us);
    if (ack != nullptr) {
        exchange_port_ = input.port;
        return exchange_sender_.acknowledge(*ack, now_);
    }
    // A stream belongs to a life of its sender: streams of the next one count from 1 again.
    if (exchange_peer_ != received.frame.incarnation) {
        exchange_peer_ = received.frame.incarnation;
        exchange_receiver_.reset();
        their_logs_ = {};
    }
    unanswered_[index_of(input.port)] = true;
    for (const wire::Bytes& message : exchange_receiver_.receive(*data, now_)) {
        if (pair_.state() != PairState::active_arbitrating) {
            take_console_message(message);
        } else if (their_logs_.take(message)) {
            their_logs_at_ = now_;
        }
    }
}

/// In a split brain on both ports; in a pair that is whole on control alone (HB-3).
bool Supervisor::Implementation::may_exchange(PortKind port) const {
    const PairState state = pair_.state();
    if (state == PairState::active_arbitrating)
        return options_.keeps_logs;
    return port == PortKind::control &&
           (state == PairState::active_ha || state == PairState::standby_ha);
}

/// Which of the two ports works in our direction is known by the acknowledgements alone.
std::array<bool, kPortCount> Supervisor::Implementation::exchange_ports() const {
    const bool stuck = !exchange_sender_.idle() && now_ - exchange_sender_.stuck_since() >
                                                       pair_.loss_interval() / kPatienceShare;
    std::array<bool, kPortCount> ports{};
    for (const PortKind port : kPortKinds)
        ports[index_of(port)] = !exchange_port_ || stuck || port == *exchange_port_;
    return ports;
}

void Supervisor::Implementation::run_exchange() {
    const auto send_on = [this](const std::array<bool, kPortCount>& ports, const auto& message) {
        for (const PortKind port : kPortKinds)
            if (ports[index_of(port)] && may_exchange(port) &&
                !pair_.peer_macs()[index_of(port)].is_zero())
                send(port, pair_.peer_macs()[index_of(port)], message);
    };
    const auto ports = exchange_ports();
    for (wire::ChannelData& data : exchange_sender_.take_due(now_, kFramesPerStep)) {
        data.names = pair_.peer_incarnation();
        send_on(ports, wire::ExchangeData{std::move(data)});
    }
    if (auto ack = exchange_receiver_.take_ack(now_)) {
        ack->names = exchange_peer_;
        send_on(std::exchange(unanswered_, {}), wire::ExchangeAck{std::move(*ack)});
    }
}

}  // namespace ha::supervisor
