// Supervisor: the exchange, a stream in each direction between the two supervisors beside
// replication.
#include <algorithm>

#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

namespace {

/// Frames in one step: heartbeats come in between (HB-1).
constexpr std::size_t kFramesPerStep = 64;
/// Nothing acknowledged for this part of T: perhaps the port is dead, so the other one is used too.
constexpr int kPatienceShare = 32;

}  // namespace

/// A new stream to the peer of now; what was queued for the one before is dropped.
void Supervisor::Implementation::open_exchange() {
    exchange_port_.reset();
    exchange_sender_.open(++exchange_stream_, now_);
}

void Supervisor::Implementation::on_exchange_frame(const wire::Received& received,
                                                   const FrameReceived& input) {
    const auto* data = std::get_if<wire::ExchangeData>(&received.frame.message);
    const auto* ack = std::get_if<wire::ExchangeAck>(&received.frame.message);
    const Incarnation names = data != nullptr ? data->names : ack->names;
    if (pair_.state() != PairState::active_arbitrating || !options_.keeps_logs ||
        names != options_.pair.incarnation || !pair_.is_counted_on(received, input.port))
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
    their_logs_at_ = now_;
    for (const wire::Bytes& message : exchange_receiver_.receive(*data, now_))
        their_logs_.take(message);
}

/// Which of the two ports works in our direction is known by the acknowledgements alone.
std::array<bool, kPortCount> Supervisor::Implementation::exchange_ports() const {
    const bool stuck = !exchange_sender_.idle() && now_ - exchange_sender_.stuck_since() >
                                                       pair_.loss_interval() / kPatienceShare;
    std::array<bool, kPortCount> ports{};
    for (const PortKind port : kPortKinds)
        ports[index_of(port)] = (!exchange_port_ || stuck || port == *exchange_port_) &&
                                !pair_.peer_macs()[index_of(port)].is_zero();
    return ports;
}

void Supervisor::Implementation::run_exchange() {
    const bool may_send = pair_.state() == PairState::active_arbitrating;
    const auto send_on = [&](const std::array<bool, kPortCount>& ports, const auto& message) {
        for (const PortKind port : kPortKinds)
            if (may_send && ports[index_of(port)])
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
