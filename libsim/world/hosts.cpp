// Hosts and their processes: what a daemon's runtime does around its machine. See world.hpp.
#include <algorithm>
#include <utility>

#include "libha/base/boots.hpp"
#include "libsim/world/implementation.hpp"

namespace sim {

using namespace ha;

namespace {
/// A machine may be given several ticks at one moment, but not forever.
constexpr std::size_t kMaximumTicksInARow = 50;
}  // namespace

void World::Implementation::tell_process(NodeIndex index, const std::string& what) {
    for (Observer* observer : observers_)
        observer->on_process(index, nodes_[index]->process, what);
}

void World::Implementation::tell_changed(NodeIndex index) {
    for (Observer* observer : observers_)
        observer->on_changed(index);
}

void World::Implementation::start(NodeIndex index) {
    Node& node = *nodes_[index];
    if (node.process == ProcessState::running || node.process == ProcessState::frozen)
        return;
    node.process = ProcessState::running;
    boot(index, "starts");
}

void World::Implementation::boot(NodeIndex index, const std::string& what) {
    Node& node = *nodes_[index];
    ++node.life;
    node.wake_at = kNever;
    node.waiting = {};
    node.holds_address = false;
    node.address_until = {};
    use_ports_as_configured(node);
    tell_process(index, what);
    if (node.supervisor_settings)
        boot_supervisor(index);
    else
        boot_module(index);
}

/// A configuration says how a port is used; whether it is there, and its MAC, are the host's.
void World::Implementation::use_ports_as_configured(Node& node) {
    for (const PortKind kind : kPortKinds) {
        const Interface* wanted = node.supervisor_settings
                                      ? &node.supervisor_settings->interfaces[index_of(kind)]
                                      : &node.module_settings->control;
        Interface& interface = node.port(kind).interface;
        interface.name = wanted->name;
        interface.vlan = wanted->vlan;
        interface.ether_type = wanted->ether_type;
    }
}

void World::Implementation::boot_supervisor(NodeIndex index) {
    Node& node = *nodes_[index];
    supervisor::Options options = node.supervisor_settings->options;
    options.stored = node.stored;
    if (std::exchange(node.torn, false)) {
        options.stored = {};
        node.log.push_back({now_,
                            {catalog::MessageId::state_file_damaged,
                             {"state.mdb", "it is cut short", "state.mdb.damaged"}}});
    }
    const std::uint32_t boots = next_boot(options.stored.state().boots, wall_time(node));
    options.stored.count_boot(boots);
    if (!node.disk_full)
        node.stored = options.stored;
    options.pair.incarnation =
        make_incarnation(boots, wall_time(node), static_cast<std::uint32_t>(chance_.next()));
    node.stalls = StallDetector{options.pair.heartbeat_interval};
    const Instant local = node.clock.local(now_);
    for (Observer* observer : observers_)
        observer->on_made(index, options, local);
    node.supervisor = std::make_unique<supervisor::Supervisor>(std::move(options), local);
    for (const PortKind kind : kPortKinds)
        if (node.supervisor_settings->interfaces[index_of(kind)].exists)
            tell_link(index, kind);
    step(index, supervisor::Tick{node.clock.local(now_), wall_time(node)});
}

void World::Implementation::boot_module(NodeIndex index) {
    Node& node = *nodes_[index];
    vem::module::Options options = node.module_settings->options;
    if (std::exchange(node.torn, false)) {
        node.remembered = kNoSlot;
        node.remembered_orders.clear();
        node.remembered_domain.reset();
        node.module_boots = 0;
    }
    node.module_boots = next_boot(node.module_boots, wall_time(node));
    options.remembered_module = node.remembered;
    options.remembered_orders = node.remembered_orders;
    options.domain = node.remembered_domain.value_or(options.domain);
    options.incarnation = make_incarnation(node.module_boots, wall_time(node),
                                           static_cast<std::uint32_t>(chance_.next()));
    node.module = std::make_unique<vem::module::Module>(std::move(options), node.clock.local(now_));
    tell_link(index, PortKind::control);
    node.module_ports.resize(node.module_settings->ports, {true, true, true, true, false});
    obey_orders(index);
    step(index, vem::module::Tick{node.clock.local(now_)});
}

void World::Implementation::stop(NodeIndex index) {
    Node& node = *nodes_[index];
    if (node.process == ProcessState::frozen) {
        node.waiting.stop = true;
        return;
    }
    if (node.process != ProcessState::running)
        return;
    const Instant now = node.clock.local(now_);
    if (node.supervisor)
        step(index, supervisor::StopRequested{now});
    else if (node.module)
        step(index, vem::module::StopRequested{now});
    else
        end_process(index, ProcessState::stopped, "stopped while it was starting anew");
}

/// What becomes of a write when its process is no more.
void World::Implementation::finish_write(Node& node, DiskFault disk) {
    if (node.write && disk == DiskFault::kept)
        node.stored.apply(node.write->changes);
    node.write.reset();
    if (disk == DiskFault::torn) {
        node.torn = true;
        node.stored = {};
        ++node.times_torn;
    }
}

void World::Implementation::end_process(NodeIndex index, ProcessState state,
                                        const std::string& what) {
    Node& node = *nodes_[index];
    ++node.life;
    node.supervisor.reset();
    node.module.reset();
    node.process = state;
    node.waiting = {};
    tell_process(index, what);
}

void World::Implementation::die(NodeIndex index, DiskFault disk, bool host_dies) {
    Node& node = *nodes_[index];
    if (node.process != ProcessState::running && node.process != ProcessState::frozen)
        return;
    if (host_dies)
        node.address_until = {};
    else if (node.process == ProcessState::running && node.holds_address)
        node.address_until = lease_end(node);
    node.holds_address = false;
    finish_write(node, disk);
    end_process(index, ProcessState::killed, host_dies ? "power off" : "killed");
    tell_changed(index);
}

/// The last words were made by the life that they are of; they leave when it is over, maybe when
/// another one has begun.
void World::Implementation::crash(NodeIndex index) {
    Node& node = *nodes_[index];
    std::vector<std::shared_ptr<const Transit>> words;
    if (node.supervisor)
        for (const supervisor::SendFrame& word : node.supervisor->last_words().words)
            words.push_back(wrap(index, word.port, word.destination, word.payload));
    const bool is_alive = node.is_alive();
    die(index, DiskFault::kept, false);
    if (!is_alive)
        return;
    const auto jitter = static_cast<std::uint64_t>(options_.gasp_jitter.count());
    const Instant noticed = now_ + options_.gasp_delay +
                            Duration{static_cast<Duration::rep>(chance_.below(jitter + 1))};
    node.address_until = std::min(node.address_until, noticed);
    for (const auto& word : words)
        agenda_.add({noticed, Event::Kind::gasp, index, 0, 0, word});
}

Instant World::Implementation::lease_end(const Node& node) const {
    const SupervisorSettings& settings = *node.supervisor_settings;
    const auto renewals = (now_ - node.held_since) / settings.address_renewal;
    return node.held_since + renewals * settings.address_renewal + settings.address_lease;
}

void World::Implementation::freeze(NodeIndex index) {
    Node& node = *nodes_[index];
    if (node.process != ProcessState::running)
        return;
    if (node.holds_address)
        node.address_until = lease_end(node);
    node.process = ProcessState::frozen;
    tell_process(index, "frozen");
}

void World::Implementation::plan_link_news(NodeIndex index, PortKind port) {
    agenda_.add({now_ + options_.link_delay,
                 Event::Kind::link_news,
                 index,
                 nodes_[index]->life,
                 index_of(port),
                 {}});
}

void World::Implementation::tell_link(NodeIndex index, PortKind kind) {
    Node& node = *nodes_[index];
    if (node.process == ProcessState::frozen) {
        node.waiting.link_news[index_of(kind)] = true;
        return;
    }
    const Port& port = node.port(kind);
    const Instant now = node.clock.local(now_);
    const bool present = port.interface.exists;
    const MacAddress mac = present ? port.interface.mac : MacAddress{};
    if (node.supervisor)
        step(index, supervisor::LinkChanged{
                        kind,
                        {present, port.is_up(), port.is_usable(), mac, port.interface.name, {}},
                        now});
    else if (node.module && kind == PortKind::control)
        step(index, vem::module::LinkChanged{present, port.is_up(), port.is_usable(), mac, now});
}

void World::Implementation::obey_orders(NodeIndex index) {
    Node& node = *nodes_[index];
    const std::size_t ordered = std::min(node.remembered_orders.size(), node.module_ports.size());
    for (std::size_t port = 0; port < ordered; ++port) {
        const wire::PortOrder order = node.remembered_orders[port];
        if (order == wire::PortOrder::none)
            continue;
        const bool up = order == wire::PortOrder::no_shutdown;
        if (node.module_ports[port].admin_up != up)
            node.module_ports[port].admin_up = node.module_ports[port].link = up;
    }
    if (node.module_ports.empty())
        return;
    agenda_.add({now_ + options_.link_delay, Event::Kind::port_news, index, node.life, 0, {}});
}

void World::Implementation::tell_ports(NodeIndex index) {
    Node& node = *nodes_[index];
    if (node.process == ProcessState::frozen) {
        node.waiting.port_news = true;
        return;
    }
    step(index, vem::module::PortsChanged{node.module_ports, node.clock.local(now_)});
}

void World::Implementation::tell_stall(NodeIndex index) {
    Node& node = *nodes_[index];
    if (!node.supervisor)
        return;
    const Instant now = node.clock.local(now_);
    const Duration late = node.stalls.woke(now);
    if (late > Duration::zero())
        step(index, supervisor::Stalled{late, now});
}

void World::Implementation::step(NodeIndex index, const supervisor::Input& input) {
    Node& node = *nodes_[index];
    if (!node.supervisor || node.process != ProcessState::running)
        return;
    for (Observer* observer : observers_)
        observer->on_input(index, input);
    supervisor::Effects effects;
    node.supervisor->step(input, effects);
    for (Observer* observer : observers_)
        observer->on_effects(index, effects);
    for (supervisor::Effect& effect : effects)
        carry_out(index, effect);
    rearm(index);
    for (Observer* observer : observers_)
        observer->on_stepped(index);
}

void World::Implementation::step(NodeIndex index, const vem::module::Input& input) {
    Node& node = *nodes_[index];
    if (!node.module || node.process != ProcessState::running)
        return;
    vem::module::Effects effects;
    node.module->step(input, effects);
    for (Observer* observer : observers_)
        observer->on_effects(index, effects);
    for (const vem::module::Effect& effect : effects)
        carry_out(index, effect);
    rearm(index);
    for (Observer* observer : observers_)
        observer->on_stepped(index);
}

void World::Implementation::carry_out(NodeIndex index, const supervisor::Effect& effect) {
    Node& node = *nodes_[index];
    if (const auto* send = std::get_if<supervisor::SendFrame>(&effect)) {
        transmit(index, send->port, send->destination, send->payload);
    } else if (const auto* persist = std::get_if<supervisor::Persist>(&effect)) {
        store(index, *persist);
    } else if (std::holds_alternative<supervisor::HoldAddress>(effect)) {
        node.holds_address = true;
        node.held_since = now_;
    } else if (std::holds_alternative<supervisor::ReleaseAddress>(effect)) {
        node.holds_address = false;
    } else if (const auto* restart = std::get_if<supervisor::Restart>(&effect)) {
        node.holds_address = false;
        finish_write(node, DiskFault::kept);
        end_process(index, ProcessState::running, "restarts: " + restart->reason);
        agenda_.add({now_ + options_.restart_delay, Event::Kind::boot, index, node.life, 0, {}});
    } else if (std::holds_alternative<supervisor::Exit>(effect)) {
        node.holds_address = false;
        finish_write(node, DiskFault::kept);
        end_process(index, ProcessState::stopped, "stopped");
    } else if (const auto* report = std::get_if<catalog::Report>(&effect)) {
        node.log.push_back({now_, *report});
    }
}

void World::Implementation::carry_out(NodeIndex index, const vem::module::Effect& effect) {
    Node& node = *nodes_[index];
    if (const auto* send = std::get_if<vem::module::SendFrame>(&effect))
        transmit(index, PortKind::control, send->destination, send->payload);
    else if (const auto* remember = std::get_if<vem::module::RememberModule>(&effect))
        node.remembered = remember->module;
    else if (const auto* domain = std::get_if<vem::module::RememberDomain>(&effect))
        node.remembered_domain = domain->domain;
    else if (const auto* order = std::get_if<vem::module::OrderPorts>(&effect)) {
        node.remembered_orders = order->orders;
        obey_orders(index);
    } else if (const auto* restart = std::get_if<vem::module::Restart>(&effect)) {
        end_process(index, ProcessState::running, "restarts: " + restart->reason);
        agenda_.add({now_ + options_.restart_delay, Event::Kind::boot, index, node.life, 0, {}});
    } else if (std::holds_alternative<vem::module::Stopped>(effect))
        end_process(index, ProcessState::stopped, "stopped");
    else if (const auto* report = std::get_if<catalog::Report>(&effect))
        node.log.push_back({now_, *report});
}

void World::Implementation::store(NodeIndex index, const supervisor::Persist& effect) {
    Node& node = *nodes_[index];
    const auto jitter = static_cast<std::uint64_t>(options_.store_jitter.count());
    const Duration wait =
        options_.store_delay + Duration{static_cast<Duration::rep>(chance_.below(jitter + 1))};
    node.write = Write{effect.token, effect.changes};
    agenda_.add({now_ + wait, Event::Kind::stored, index, node.life, effect.token, {}});
}

void World::Implementation::on_stored(NodeIndex index, std::uint64_t token) {
    Node& node = *nodes_[index];
    if (node.process == ProcessState::frozen) {
        node.waiting.stored = token;
        return;
    }
    // A later write has replaced this one.
    if (!node.write || node.write->token != token)
        return;
    const bool works = !node.disk_full;
    if (works)
        node.stored.apply(node.write->changes);
    else
        node.log.push_back(
            {now_, {catalog::MessageId::store_failed, {"state.mdb", "the disk is full"}}});
    node.write.reset();
    step(index, supervisor::StoreCompleted{token, works, node.clock.local(now_)});
}

void World::Implementation::rearm(NodeIndex index) {
    Node& node = *nodes_[index];
    if (!node.takes_inputs())
        return;
    const Instant deadline =
        node.supervisor ? node.supervisor->next_deadline() : node.module->next_deadline();
    if (node.supervisor)
        node.stalls.sleeps_until(deadline);
    if (deadline == kNever)
        return;
    const Instant due = std::max(node.clock.world(deadline), now_);
    if (due >= node.wake_at)
        return;  // the earlier wake arms anew
    const auto jitter = static_cast<std::uint64_t>(options_.wake_jitter.count());
    node.wake_at = due + Duration{static_cast<Duration::rep>(chance_.below(jitter + 1))};
    agenda_.add({node.wake_at, Event::Kind::wake, index, node.life, 0, {}});
}

void World::Implementation::on_wake(NodeIndex index, Instant at) {
    Node& node = *nodes_[index];
    if (at == node.wake_at)
        node.wake_at = kNever;
    if (!node.takes_inputs())
        return;
    tick(index);
    rearm(index);
}

/// Gives the machine a tick when it asked for one by now.
void World::Implementation::tick(NodeIndex index) {
    Node& node = *nodes_[index];
    const Instant now = node.clock.local(now_);
    const Instant deadline =
        node.supervisor ? node.supervisor->next_deadline() : node.module->next_deadline();
    if (deadline > now)
        return;
    node.ticks_in_a_row = node.ticked_at == now_ ? node.ticks_in_a_row + 1 : 0;
    node.ticked_at = now_;
    if (node.ticks_in_a_row > kMaximumTicksInARow) {
        stuck_ = node.name + " asks for a tick again and again at the same moment";
        return;
    }
    if (node.supervisor) {
        tell_stall(index);
        step(index, supervisor::Tick{now, wall_time(node)});
    } else {
        step(index, vem::module::Tick{now});
    }
}

}  // namespace sim
