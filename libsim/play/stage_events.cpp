// What the stage makes of what the world tells: logs as daemons write them, announcements of
// addresses, captured frames. See stage.hpp.
#include <utility>

#include "libsim/play/stage.hpp"

namespace sim::play {

using ha::catalog::MessageId;

namespace {

constexpr ha::PortKind kMgmt = ha::PortKind::mgmt;
constexpr std::string_view kRestarts = "restarts: ";

}  // namespace

void Stage::tell_log(Actor& actor) {
    if (witness_ != nullptr)
        witness_->on_log(world.now(), actor.node, actor.log.message(actor.log.size() - 1));
}

void Stage::log(Actor& actor, const ha::catalog::Report& report) {
    const std::size_t before = actor.log.size();
    actor.log.add(world.wall_time(actor.node), report);
    change(actor);
    if (actor.log.size() != before)
        tell_log(actor);
}

void Stage::log_line(Actor& actor, int severity, const std::string& text) {
    const std::size_t before = actor.log.size();
    actor.log.add_line(world.wall_time(actor.node), severity, text);
    change(actor);
    if (actor.log.size() != before)
        tell_log(actor);
}

/// What the world itself wrote there, which is no effect of a machine.
void Stage::read_world_log(Actor& actor) {
    const std::vector<LogEntry>& lines = world.log(actor.node);
    while (actor.world_log_read < lines.size())
        log(actor, lines[actor.world_log_read++].report);
}

void Stage::on_sent(const Frame& frame) {
    capture.take(frame);
    ++version_;
}

void Stage::on_input(NodeIndex node, const ha::supervisor::Input& input) {
    const auto* changed = std::get_if<ha::supervisor::LinkChanged>(&input);
    if (changed == nullptr || changed->port != kMgmt)
        return;
    Actor& actor = at(node);
    if (!changed->link.carrier || !changed->link.admin_up)
        capture.fall_silent(node);
    else if (actor.holds_address)
        announce(actor);
}

void Stage::on_effects(NodeIndex node, const ha::supervisor::Effects& effects) {
    Actor& actor = at(node);
    read_world_log(actor);
    for (const auto& effect : effects) {
        if (const auto* report = std::get_if<ha::catalog::Report>(&effect)) {
            log(actor, *report);
            ++actor.world_log_read;  // the world writes it down too
        } else if (std::holds_alternative<ha::supervisor::HoldAddress>(effect)) {
            hold_address(actor);
        } else if (std::holds_alternative<ha::supervisor::AnnounceAddress>(effect)) {
            announce(actor);
        } else if (std::holds_alternative<ha::supervisor::ReleaseAddress>(effect)) {
            release_address(actor);
        } else if (const auto* done = std::get_if<ha::supervisor::ChangeCompleted>(&effect)) {
            completed_[{node, done->ticket}] = done->error;
        }
    }
}

void Stage::on_effects(NodeIndex node, const vem::module::Effects& effects) {
    Actor& actor = at(node);
    read_world_log(actor);
    for (const auto& effect : effects) {
        if (const auto* report = std::get_if<ha::catalog::Report>(&effect)) {
            log(actor, *report);
            ++actor.world_log_read;
        }
    }
}

void Stage::on_stepped(NodeIndex node) {
    change(at(node));
}

void Stage::begin_life(Actor& actor) {
    actor.started = world.now();
    actor.holds_address = false;
    actor.log.begin(actor.installation.hostname, actor.installation.log_threshold);
    log(actor, {MessageId::program_started,
                {actor.log.program(), VSM_HA_VERSION " (" + actor.name + ")"}});
    if (!actor.restart_reason.empty())
        log_line(actor, 5, "restarted: " + std::exchange(actor.restart_reason, {}));
}

void Stage::on_process(NodeIndex node, ProcessState state, const std::string& what) {
    Actor& actor = at(node);
    read_world_log(actor);
    change(actor);
    const bool begins =
        state == ProcessState::running && (what == "starts" || what == "runs again");
    if (begins)
        return begin_life(actor);
    capture.fall_silent(node);
    if (state == ProcessState::running && what.starts_with(kRestarts)) {
        actor.restart_reason = what.substr(kRestarts.size());
        log(actor, {MessageId::program_stopped, {actor.log.program(), actor.restart_reason}});
    } else if (state == ProcessState::stopped) {
        log(actor, {MessageId::program_stopped, {actor.log.program(), "asked to stop"}});
    }
    if (state != ProcessState::running && state != ProcessState::frozen)
        actor.restart_reason.clear();
}

const ha::MacAddress& Stage::mgmt_mac(const Actor& actor) const {
    return mgmt_macs_.at(actor.node);
}

void Stage::announce(Actor& actor) {
    if (actor.has_port[ha::index_of(kMgmt)])
        capture.announce(actor.node, mgmt_mac(actor), actor.installation.ipv4_addresses,
                         actor.installation.ipv6_addresses, world.now());
}

void Stage::hold_address(Actor& actor) {
    if (actor.installation.addresses.empty())
        return;
    actor.holds_address = true;
    if (!actor.has_port[ha::index_of(kMgmt)])
        return fail_address(actor, "there is no interface for it");
    log(actor, {MessageId::address_taken, {actor.installation.addresses + " on mgmt0"}});
    announce(actor);
}

void Stage::release_address(Actor& actor) {
    capture.fall_silent(actor.node);
    if (std::exchange(actor.holds_address, false))
        log(actor, {MessageId::address_released, {actor.installation.addresses + " on mgmt0"}});
}

void Stage::fail_address(Actor& actor, const std::string& reason) {
    log(actor, {MessageId::address_failed, {actor.installation.addresses, reason}});
}

}  // namespace sim::play
