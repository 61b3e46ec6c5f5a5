// Supervisor: joins the pair, the registry and replication by their effects. See supervisor.hpp.
#include "libha/supervisor/supervisor.hpp"

#include <algorithm>
#include <utility>

#include "libha/supervisor/implementation.hpp"
#include "libha/wire/seal.hpp"

namespace ha::supervisor {

namespace {

/// A role that an operator asked for is the role of every later life (ROLE-2).
Options with_stored_role(Options options) {
    options.pair.role = options.stored.state().administrative_role.value_or(options.pair.role);
    return options;
}

redundancy::Options pair_options(const Options& options) {
    redundancy::Options pair = options.pair;
    pair.waits_for_logs = options.keeps_logs;
    pair.authenticated = !options.keyring.empty();
    if (pair.peer_mac_policy != redundancy::PeerMacPolicy::fixed)
        pair.peer_macs = options.stored.state().peer_macs;
    pair.peer_incarnation = options.stored.state().peer_incarnation;
    return pair;
}

vem::registry::Options registry_options(const Options& options) {
    vem::registry::Options modules = options.modules;
    modules.incarnation = options.pair.incarnation;
    modules.heartbeat_interval = options.pair.heartbeat_interval;
    return modules;
}

replication::ChannelOptions channel_options(const Options& options) {
    replication::ChannelOptions channel;
    channel.buffer_limit = options.replication_buffer;
    // With fast timers a lost frame must be sent again well within the loss interval, and a path
    // that healed must be found within a heartbeat.
    const Duration heartbeat = options.pair.heartbeat_interval;
    channel.first_timeout = std::min(channel.first_timeout, heartbeat);
    channel.minimum_timeout = std::min(channel.minimum_timeout, heartbeat / 2);
    channel.maximum_timeout = std::min(channel.maximum_timeout, heartbeat);
    channel.acknowledgement_delay = std::min(channel.acknowledgement_delay, heartbeat / 10);
    return channel;
}

/// Messages are short, and so is the time for them: what is lost is sent again well within T/8.
replication::ChannelOptions exchange_options(const Options& options) {
    replication::ChannelOptions exchange = channel_options(options);
    const Duration loss = options.pair.loss_interval;
    exchange.first_timeout = std::min(exchange.first_timeout, loss / 48);
    exchange.minimum_timeout = std::min(exchange.minimum_timeout, loss / 64);
    exchange.maximum_timeout = std::min(exchange.maximum_timeout, loss / 24);
    exchange.acknowledgement_delay = std::min(exchange.acknowledgement_delay, loss / 256);
    exchange.message_limit = std::size_t{64} << 10U;
    exchange.receive_limit = std::size_t{256} << 10U;
    exchange.buffer_limit = std::size_t{4} << 20U;
    return exchange;
}

/// One line of the log for each port and reason in this time.
constexpr Duration kRejectionReportInterval = std::chrono::minutes{1};

/// Refusals that show a fault somebody should look for: keys or versions that differ, a loop,
/// swapped cables. What others' traffic or a restarted peer causes is only counted; unlearnt MACs
/// have a message of their own.
bool needs_attention(wire::DropReason reason) {
    using enum wire::DropReason;
    return reason == unsupported_version || reason == wrong_port || reason == own_frame ||
           reason == authentication_missing || reason == authentication_unexpected ||
           reason == unknown_key || reason == authentication_failed;
}

}  // namespace

Supervisor::Supervisor(const Options& options, Instant now)
    : implementation_(std::make_unique<Implementation>(options, now)) {}
Supervisor::~Supervisor() = default;

void Supervisor::step(const Input& input, Effects& effects) {
    implementation_->step(input, effects);
}
Instant Supervisor::next_deadline() const {
    return implementation_->next_deadline();
}
Snapshot Supervisor::snapshot() const {
    return implementation_->snapshot();
}
Brief Supervisor::brief() const {
    return implementation_->brief();
}
const LastWords& Supervisor::last_words() const {
    return implementation_->last_words();
}
const records::Database& Supervisor::records() const {
    return implementation_->records();
}
vem::registry::Attachment Supervisor::attachment(Slot module) const {
    return implementation_->attachment(module);
}

Supervisor::Implementation::Implementation(const Options& options, Instant now)
    : options_(with_startup(with_stored_role(options))),
      installed_loss_interval_(options.pair.loss_interval),
      now_(now),
      started_(now),
      gate_(options_.pair.domain, options_.keyring),
      pair_(pair_options(options_), now),
      registry_(registry_options(options_)),
      sender_(channel_options(options_)),
      receiver_(channel_options(options_)),
      exchange_sender_(exchange_options(options_)),
      exchange_receiver_(exchange_options(options_)),
      dated_at_(now),
      database_(options_.stored.records()),
      known_(options_.stored.state()) {
    for (PortSnapshot& port : ports_)
        port.link_since = now;
}

void Supervisor::Implementation::step(const Input& input, Effects& effects) {
    effects_ = &effects;
    now_ =
        std::max(now_, std::visit([](const auto& alternative) { return alternative.now; }, input));
    if (!begun_) {
        begun_ = true;
        load_startup();
        feed(vem::registry::RecordsLoaded{options_.stored.state().modules, now_});
        if (pair_.state() == PairState::standalone)
            carry_out(redundancy::StateChanged{PairState::discovering, PairState::standalone,
                                               "role standalone"});
    }
    std::visit([this](const auto& alternative) { on(alternative); }, input);
    tell_facts();
    run_log_exchange();
    run_console();
    call_modules_over();
    run_channel();
    run_exchange();
    renew_last_words();
    // What it says beyond the machine's own business takes its owner some time, and may come late.
    if (std::exchange(configuration_changed_, false))
        effects.emplace_back(ConfigurationChanged{});
    // Last of all: what the same step still sends and answers may not follow it.
    if (end_)
        effects.push_back(*std::exchange(end_, std::nullopt));
    effects_ = nullptr;
}

void Supervisor::Implementation::on(const FrameReceived& input) {
    const MacAddress own = ports_[index_of(input.port)].link.mac;
    auto received = gate_.receive(input.payload, input.port, input.source, own);
    if (!received && received.error() == wire::DropReason::unsupported_version)
        return on_other_version(input);
    if (!received)
        return count_drop(input.port, received.error());
    Counter& counter =
        ports_[index_of(input.port)]
            .received[static_cast<std::size_t>(wire::type_of(received->frame.message))];
    ++counter.count;
    counter.latest = input.received_at;
    route(*received, input);
}

void Supervisor::Implementation::on_other_version(const FrameReceived& input) {
    auto other = gate_.receive_other_version(input.payload, input.port, input.source);
    if (!other)
        return count_drop(input.port, wire::DropReason::unsupported_version);
    feed(redundancy::OtherVersionReceived{
        other->version,
        redundancy::FrameReceived{std::move(other->received), input.port, input.received_at, now_},
        now_});
}

void Supervisor::Implementation::route(const wire::Received& received, const FrameReceived& input) {
    switch (wire::type_of(received.frame.message)) {
        case wire::FrameType::module_hello:
        case wire::FrameType::module_heartbeat_reply:
        case wire::FrameType::module_detach:
            note_followed(received.source);
            // A standby hears modules looking for the active: that is normal, and not its business.
            if (redundancy::is_active(pair_.state()) || may_hear_in_switchover(received))
                feed(vem::registry::FrameReceived{received, input.received_at, now_});
            return;
        case wire::FrameType::channel_data:
        case wire::FrameType::channel_ack:
        case wire::FrameType::state_applied:
            return on_peer_frame(received, input);
        case wire::FrameType::exchange_data:
        case wire::FrameType::exchange_ack:
            return on_exchange_frame(received, input);
        case wire::FrameType::module_accept:
        case wire::FrameType::module_heartbeat:
            return count_drop(input.port, wire::DropReason::not_for_us);
        case wire::FrameType::hello:
        case wire::FrameType::heartbeat_request:
        case wire::FrameType::heartbeat_response:
        case wire::FrameType::leaving:
        case wire::FrameType::module_beacon:
        case wire::FrameType::switch_request:
            return feed(redundancy::FrameReceived{received, input.port, input.received_at, now_});
    }
}

bool Supervisor::Implementation::may_hear_in_switchover(const wire::Received& received) const {
    return pair_.state() == PairState::switching_over &&
           wire::type_of(received.frame.message) != wire::FrameType::module_hello;
}

void Supervisor::Implementation::on(const FramesDropped& input) {
    count_drop(input.port, input.reason, input.count);
}

void Supervisor::Implementation::on(const Tick& input) {
    dated_at_ = now_;
    dated_ = input.wall_now;
    feed(redundancy::Tick{input.now});
    feed(vem::registry::Tick{input.now});
    // A standby that does not catch up holds nobody up for longer than T.
    if (!awaited_.empty())
        confirm();
    write_again();
}

void Supervisor::Implementation::on(const LinkChanged& input) {
    PortSnapshot& port = ports_[index_of(input.port)];
    if (begun_ && port.link == input.link)
        return;
    port.link = input.link;
    port.link_since = now_;
    std::string text = input.link.reason;
    if (!input.link.present)
        text = text.empty() ? "missing" : text;
    else if (!input.link.admin_up)
        text = text.empty() ? "administratively down" : text;
    else if (!input.link.carrier)
        text = text.empty() ? "no carrier" : text;
    carry_out(catalog::Report{catalog::MessageId::link_changed,
                              {std::string(to_string(input.port)), input.link.interface_name,
                               text.empty() ? "up" : text}});
    feed(redundancy::LinkChanged{input.port, usable(input.port), text, now_});
}

void Supervisor::Implementation::on(const StopRequested& /*input*/) {
    feed(redundancy::StopRequested{wire::LeaveReason::stop, now_});
}

void Supervisor::Implementation::on(const ReloadRequested& /*input*/) {
    feed(redundancy::StopRequested{wire::LeaveReason::reload, now_});
}

void Supervisor::Implementation::on(const ClearPeerMac& /*input*/) {
    feed(redundancy::ClearPeerMac{now_});
}

void Supervisor::Implementation::on(const SwitchoverRequested& input) {
    const auto& [user, origin] = input.by;
    feed(redundancy::SwitchoverRequested{now_, user.empty() ? user : user + ":" + origin});
}

void Supervisor::Implementation::on(const LossIntervalChanged& input) {
    feed(redundancy::LossIntervalChanged{input.loss_interval, now_});
}

void Supervisor::Implementation::on(const RoleRequested& input) {
    feed(redundancy::RoleRequested{input.role, now_});
}

void Supervisor::Implementation::on(const KeyringChanged& input) {
    options_.keyring = input.keyring;
    gate_.set_keyring(input.keyring);
    words_outdated_ = true;
    feed(redundancy::AuthenticationChanged{!input.keyring.empty(), now_});
}

void Supervisor::Implementation::on(const Stalled& input) {
    feed(redundancy::Stalled{now_});
    feed(vem::registry::Stalled{input.duration, now_});
    // A busy machine stalls often; the longest one since the last line is what matters.
    longest_stall_ = std::max(longest_stall_, input.duration);
    if (stall_logged_at_ && now_ - *stall_logged_at_ < kStallLogInterval)
        return;
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(longest_stall_);
    carry_out(catalog::Report{catalog::MessageId::stall_detected,
                              {std::to_string(duration.count()) + " ms"}});
    stall_logged_at_ = now_;
    longest_stall_ = {};
}

void Supervisor::Implementation::feed(const redundancy::Input& input) {
    redundancy::Effects produced;
    pair_.step(input, produced);
    for (const redundancy::Effect& effect : produced)
        std::visit([this](const auto& alternative) { carry_out(alternative); }, effect);
}

void Supervisor::Implementation::feed(const vem::registry::Input& input) {
    vem::registry::Effects produced;
    registry_.step(input, produced);
    for (const vem::registry::Effect& effect : produced)
        std::visit([this](const auto& alternative) { carry_out(alternative); }, effect);
}

void Supervisor::Implementation::carry_out(const redundancy::SendMessage& effect) {
    send(effect.port, effect.destination, effect.message);
}

void Supervisor::Implementation::carry_out(const redundancy::StateChanged& effect) {
    const bool holds_address = redundancy::is_active(effect.to);
    if (holds_address && !holds_address_)
        effects_->emplace_back(HoldAddress{});
    if (!holds_address && holds_address_)
        effects_->emplace_back(ReleaseAddress{});
    holds_address_ = holds_address;
    const bool has_modules = redundancy::is_active_or_switching_over(effect.to);
    if (has_modules && !begun_active_) {
        begun_active_ = true;
        commit({});  // revisions begin
        obey_loss_interval(running_settings(), std::nullopt);
        // Modules follow a standby that takes over; a supervisor that merely boots finds them by
        // beacon.
        feed(vem::registry::Activated{redundancy::is_standby(effect.from), now_});
    }
    if (!has_modules && begun_active_) {
        begun_active_ = false;
        feed(vem::registry::Deactivated{now_});
        abandon_requests();
    }
    if (effect.to == PairState::active_syncing)
        begin_replication();
    else if (effect.to != PairState::active_ha && effect.to != PairState::switching_over)
        sender_.end();
    if (effect.to == PairState::standby_syncing)
        begin_following();
    note_encounter(effect.from, effect.to);
    note_console(effect.from, effect.to, effect.reason);
    tell_other_supervisor();
    confirm();
}

void Supervisor::Implementation::carry_out(const redundancy::PeerKnowledgeChanged& /*effect*/) {
    note_own_facts();
    tell_other_supervisor();
}

void Supervisor::Implementation::carry_out(
    const redundancy::AdministrativeRoleChanged& /*effect*/) {
    note_own_facts();
}

void Supervisor::Implementation::carry_out(const redundancy::StayedActive& /*effect*/) {
    effects_->emplace_back(AnnounceAddress{});
    feed(vem::registry::Announce{now_});
}

void Supervisor::Implementation::carry_out(const redundancy::Resigned& effect) {
    if (effect.why == wire::LeaveReason::stop)
        end_ = Exit{};
    else
        end_ = Restart{effect.reason};
}

void Supervisor::Implementation::carry_out(const redundancy::Dropped& effect) {
    count_drop(effect.port, effect.reason);
}

void Supervisor::Implementation::carry_out(const vem::registry::SendMessage& effect) {
    send(PortKind::control, effect.destination, effect.message);
}

void Supervisor::Implementation::carry_out(const vem::registry::RecordsChanged& effect) {
    if (gathers_records_)
        return;  // for the change that goes with them
    commit(take_module_records());
    awaited_.push_back({revision_, effect.revision, std::nullopt});
}

void Supervisor::Implementation::carry_out(const vem::registry::Dropped& effect) {
    count_drop(PortKind::control, effect.reason);
}

void Supervisor::Implementation::carry_out(const catalog::Report& effect) {
    effects_->emplace_back(effect);
}

void Supervisor::Implementation::send(PortKind port, const MacAddress& destination,
                                      const wire::Message& message) {
    send(port, destination, message, options_.pair.domain);
}

void Supervisor::Implementation::send(PortKind port, const MacAddress& destination,
                                      const wire::Message& message, DomainId domain) {
    if (!usable(port))
        return;
    PortSnapshot& snapshot = ports_[index_of(port)];
    wire::Bytes payload = sealed(port, message, domain, ++sequences_[index_of(port)]);
    Counter& counter = snapshot.sent[static_cast<std::size_t>(wire::type_of(message))];
    ++counter.count;
    counter.latest = now_;
    effects_->emplace_back(SendFrame{port, destination, std::move(payload)});
}

wire::Bytes Supervisor::Implementation::sealed(PortKind port, const wire::Message& message,
                                               DomainId domain, std::uint64_t sequence) const {
    wire::Frame frame;
    frame.domain = domain;
    frame.slot = slot_of(pair_.role());
    frame.role = pair_.role();
    frame.port = port;
    frame.incarnation = options_.pair.incarnation;
    frame.sequence = sequence;
    frame.message = message;
    wire::Bytes payload = wire::encode(frame);
    wire::seal(payload, ports_[index_of(port)].link.mac, options_.keyring);
    return payload;
}

void Supervisor::Implementation::count_drop(PortKind port, wire::DropReason reason,
                                            std::uint64_t count) {
    Counter& counter = ports_[index_of(port)].dropped[static_cast<std::size_t>(reason)];
    counter.count += count;
    counter.latest = now_;
    if (effects_ == nullptr || !needs_attention(reason))
        return;
    Rejections& rejections = rejections_[index_of(port)][static_cast<std::size_t>(reason)];
    rejections.unreported += count;
    if (rejections.reported_at && now_ - *rejections.reported_at < kRejectionReportInterval)
        return;
    rejections.reported_at = now_;
    carry_out(catalog::Report{catalog::MessageId::frames_rejected,
                              {std::to_string(std::exchange(rejections.unreported, 0)),
                               std::string(to_string(reason)), std::string(to_string(port))}});
}

void Supervisor::Implementation::tell_facts() {
    const std::uint16_t count = registry_.online_count();
    if (count == told_module_count_)
        return;
    told_module_count_ = count;
    feed(redundancy::FactsChanged{count, known_.configuration_maker, known_.configuration_revision,
                                  configured_at_, now_});
}

void Supervisor::Implementation::tell_other_supervisor() {
    const MacAddress mac = pair_.peer_macs()[index_of(PortKind::control)];
    if (mac == told_other_supervisor_)
        return;
    told_other_supervisor_ = mac;
    feed(vem::registry::OtherSupervisorChanged{mac, now_});
}

bool Supervisor::Implementation::usable(PortKind port) const {
    const LinkState& link = ports_[index_of(port)].link;
    return link.present && link.admin_up && link.carrier;
}

Instant Supervisor::Implementation::next_deadline() const {
    return std::min({pair_.next_deadline(), registry_.next_deadline(), write_again_at_,
                     sender_.channel().next_deadline(), receiver_.channel().next_deadline(),
                     exchange_sender_.next_deadline(), exchange_receiver_.next_deadline(),
                     console_deadline_, call_at_,
                     logs_.begun && !logs_.kept ? logs_.deadline : kNever});
}

Brief Supervisor::Implementation::brief() const {
    return {.state = pair_.state(),
            .incarnation = options_.pair.incarnation,
            .degraded = pair_.degraded(),
            .peer_present = pair_.peer_present(),
            .peer_claim = pair_.peer_claim(),
            .holds_address = holds_address_,
            .modules_online = registry_.online_count(),
            .revision = revision_};
}

Snapshot Supervisor::Implementation::snapshot() const {
    Snapshot snapshot;
    snapshot.now = now_;
    snapshot.started = started_;
    snapshot.pair = pair_.snapshot();
    snapshot.modules = registry_.snapshot();
    snapshot.ports = ports_;
    snapshot.authenticated = !options_.keyring.empty();
    for (const wire::Key& key : options_.keyring.keys)
        snapshot.key_ids.push_back(key.id);
    snapshot.holds_address = holds_address_;
    snapshot.store_failed = store_failed_;
    return snapshot;
}

}  // namespace ha::supervisor
