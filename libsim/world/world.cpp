// The world's face, and the passing of its time. See world.hpp.
#include "libsim/world/world.hpp"

#include <algorithm>
#include <utility>

#include "libsim/world/implementation.hpp"

namespace sim {

using namespace ha;

namespace {
/// 2026-01-01: where wall clocks stand when a world begins.
constexpr WallTime kWallBeginning{std::chrono::seconds{1767225600}};
}  // namespace

NodeIndex World::Implementation::add(const std::string& name) {
    const NodeIndex index = nodes_.size();
    // Every node its own origin: a machine that compared clocks of two nodes would show it.
    const auto spread = static_cast<std::uint64_t>(options_.clock_spread.count());
    const Duration offset{static_cast<Duration::rep>(chance_.below(spread + 1))};
    nodes_.push_back(std::make_unique<Node>(name, now_, now_ + offset));
    by_name_[name] = index;
    return index;
}

/// Interfaces as the settings have them; what happened to cables stays.
void World::Implementation::install(NodeIndex index) {
    Node& node = *nodes_[index];
    for (const PortKind kind : kPortKinds) {
        Interface& interface = node.port(kind).interface;
        if (node.supervisor_settings)
            interface = node.supervisor_settings->interfaces[index_of(kind)];
        else if (kind == PortKind::control)
            interface = node.module_settings->control;
        else
            interface.exists = false;
    }
    index_addresses();
}

void World::Implementation::happen(const Event& event) {
    if (event.kind == Event::Kind::arrival)
        return on_arrival(event);
    if (event.kind == Event::Kind::gasp)
        return emit(event.transit);
    if (nodes_[event.node]->life != event.life)
        return;
    switch (event.kind) {
        case Event::Kind::arrival:
        case Event::Kind::gasp:
            return;
        case Event::Kind::link_news:
            return tell_link(event.node, kPortKinds[event.number]);
        case Event::Kind::port_news:
            return tell_ports(event.node);
        case Event::Kind::stored:
            return on_stored(event.node, event.number);
        case Event::Kind::boot:
            return boot(event.node, "runs again");
        case Event::Kind::wake:
            return on_wake(event.node, event.at);
    }
}

/// Everything that is due at the next time at which something is.
bool World::Implementation::one_moment() {
    now_ = std::max(now_, agenda_.next());
    while (!stuck_ && agenda_.next() <= now_)
        happen(agenda_.take());
    return !stuck_;
}

bool World::Implementation::run_until(Instant until) {
    while (!stuck_ && agenda_.next() <= until)
        one_moment();
    if (!stuck_)
        now_ = std::max(now_, until);
    return !stuck_;
}

bool World::Implementation::run_until(const std::function<bool()>& condition, Duration limit) {
    const Instant until = now_ + limit;
    while (!condition()) {
        if (stuck_ || agenda_.next() > until) {
            run_until(until);
            return !stuck_ && condition();
        }
        one_moment();
    }
    return true;
}

bool World::Implementation::has_address(NodeIndex index) const {
    const Node& node = *nodes_[index];
    if (!node.port(PortKind::mgmt).interface.exists)
        return false;
    return node.takes_inputs() ? node.holds_address : now_ < node.address_until;
}

WallTime World::Implementation::wall_time(const Node& node) const {
    return kWallBeginning + std::chrono::duration_cast<std::chrono::milliseconds>(
                                now_ - kBeginning + node.wall_offset);
}

World::World(WorldOptions options) : implementation_(std::make_unique<Implementation>(options)) {}
World::~World() = default;

NodeIndex World::add_supervisor(const std::string& name, SupervisorSettings settings) {
    const NodeIndex index = implementation_->add(name);
    implementation_->nodes_[index]->supervisor_settings = std::move(settings);
    implementation_->install(index);
    return index;
}
NodeIndex World::add_module(const std::string& name, ModuleSettings settings) {
    const NodeIndex index = implementation_->add(name);
    implementation_->nodes_[index]->module_settings = std::move(settings);
    implementation_->install(index);
    return index;
}
void World::configure(NodeIndex node, SupervisorSettings settings) {
    implementation_->nodes_[node]->supervisor_settings = std::move(settings);
}
void World::configure(NodeIndex node, ModuleSettings settings) {
    implementation_->nodes_[node]->module_settings = std::move(settings);
}
void World::add_observer(Observer& observer) {
    implementation_->observers_.push_back(&observer);
}

std::size_t World::nodes() const {
    return implementation_->nodes_.size();
}
const std::string& World::name(NodeIndex node) const {
    return implementation_->nodes_[node]->name;
}
NodeIndex World::find(const std::string& name) const {
    const auto found = implementation_->by_name_.find(name);
    return found == implementation_->by_name_.end() ? kNoNode : found->second;
}
bool World::is_supervisor(NodeIndex node) const {
    return implementation_->nodes_[node]->supervisor_settings.has_value();
}
ProcessState World::process(NodeIndex node) const {
    return implementation_->nodes_[node]->process;
}
const supervisor::Supervisor* World::supervisor(NodeIndex node) const {
    return implementation_->nodes_[node]->supervisor.get();
}
const vem::module::Module* World::module(NodeIndex node) const {
    return implementation_->nodes_[node]->module.get();
}
const supervisor::StoredState& World::stored(NodeIndex node) const {
    return implementation_->nodes_[node]->stored;
}
const std::vector<wire::PortState>& World::module_ports(NodeIndex node) const {
    return implementation_->nodes_[node]->module_ports;
}
const std::vector<LogEntry>& World::log(NodeIndex node) const {
    return implementation_->nodes_[node]->log;
}
const WorldOptions& World::options() const {
    return implementation_->options_;
}
const SupervisorSettings& World::supervisor_settings(NodeIndex node) const {
    return *implementation_->nodes_[node]->supervisor_settings;
}
const ModuleSettings& World::module_settings(NodeIndex node) const {
    return *implementation_->nodes_[node]->module_settings;
}
const MacAddress& World::mac(NodeIndex node, PortKind port) const {
    return implementation_->nodes_[node]->port(port).interface.mac;
}
bool World::is_disk_full(NodeIndex node) const {
    return implementation_->nodes_[node]->disk_full;
}
std::uint64_t World::disks_torn(NodeIndex node) const {
    return implementation_->nodes_[node]->times_torn;
}
bool World::has_address(NodeIndex node) const {
    return implementation_->has_address(node);
}
bool World::is_connected(NodeIndex from, NodeIndex to, PortKind port) const {
    return implementation_->is_connected(from, to, port);
}

void World::start(NodeIndex node) {
    implementation_->start(node);
}
void World::stop(NodeIndex node) {
    implementation_->stop(node);
}
void World::kill(NodeIndex node) {
    implementation_->die(node, DiskFault::kept, false);
}
void World::crash(NodeIndex node) {
    implementation_->crash(node);
}
void World::freeze(NodeIndex node) {
    implementation_->freeze(node);
}
void World::thaw(NodeIndex node) {
    implementation_->thaw(node);
}
void World::power_off(NodeIndex node, DiskFault disk) {
    implementation_->die(node, disk, true);
}
void World::request(NodeIndex node, supervisor::Input input) {
    std::visit([&](auto& alternative) { alternative.now = local_time(node); }, input);
    implementation_->step(node, input);
}
void World::request(NodeIndex node, vem::module::Input input) {
    std::visit([&](auto& alternative) { alternative.now = local_time(node); }, input);
    implementation_->step(node, input);
}

void World::cut(NodeIndex node, PortKind port, Direction direction) {
    Port& cable = implementation_->nodes_[node]->port(port);
    cable.cut_in = cable.cut_in || direction != Direction::out;
    cable.cut_out = cable.cut_out || direction != Direction::in;
    implementation_->tell_changed(node);
}
void World::set_carrier(NodeIndex node, PortKind port, bool carrier) {
    implementation_->nodes_[node]->port(port).carrier = carrier;
    implementation_->plan_link_news(node, port);
    implementation_->tell_changed(node);
}
void World::set_quality(NodeIndex node, PortKind port, Direction direction,
                        const WireQuality& quality) {
    Port& cable = implementation_->nodes_[node]->port(port);
    if (direction != Direction::out)
        cable.in = quality;
    if (direction != Direction::in)
        cable.out = quality;
    implementation_->tell_changed(node);
}
WireQuality World::quality(NodeIndex node, PortKind port, Direction direction) const {
    const Port& cable = implementation_->nodes_[node]->port(port);
    return direction == Direction::out ? cable.out : cable.in;
}
void World::separate(NodeIndex from, NodeIndex to, PortKind port) {
    implementation_->separated_.emplace(from, to, port);
    implementation_->tell_changed(from);
}
void World::heal(NodeIndex node, PortKind port) {
    Port& cable = implementation_->nodes_[node]->port(port);
    cable.cut_in = cable.cut_out = false;
    cable.in = cable.out = {};
    std::erase_if(implementation_->separated_, [&](const auto& pair) {
        return std::get<PortKind>(pair) == port &&
               (std::get<0>(pair) == node || std::get<1>(pair) == node);
    });
    if (!cable.carrier)
        set_carrier(node, port, true);
    implementation_->tell_changed(node);
}
void World::set_interface(NodeIndex node, PortKind port, bool up) {
    implementation_->nodes_[node]->port(port).admin_up = up;
    implementation_->plan_link_news(node, port);
    implementation_->tell_changed(node);
}
void World::set_module_port(NodeIndex node, std::size_t number, bool admin_up, bool link) {
    wire::PortState& port = implementation_->nodes_[node]->module_ports.at(number - 1);
    port.admin_up = admin_up;
    port.link = admin_up && link;
    implementation_->obey_orders(node);
    implementation_->tell_changed(node);
}
void World::unplug(NodeIndex node, PortKind port) {
    implementation_->nodes_[node]->port(port).interface.exists = false;
    implementation_->index_addresses();
    implementation_->plan_link_news(node, port);
    implementation_->tell_changed(node);
}
void World::plug(NodeIndex node, PortKind port, const MacAddress& mac) {
    Port& plugged = implementation_->nodes_[node]->port(port);
    plugged.interface.exists = true;
    plugged.interface.mac = mac;
    plugged.admin_up = true;
    implementation_->index_addresses();
    implementation_->plan_link_news(node, port);
    implementation_->tell_changed(node);
}
void World::inject(PortKind port, const MacAddress& source, const MacAddress& destination,
                   wire::Bytes payload, std::uint16_t vlan) {
    implementation_->broadcast(
        std::make_shared<Transit>(Transit{port, kNoNode, source, destination, vlan,
                                          wire::kDefaultEtherType, std::move(payload)}),
        nullptr);
}
void World::inject_to(NodeIndex node, PortKind port, const MacAddress& source,
                      const MacAddress& destination, wire::Bytes payload) {
    const Interface& interface = implementation_->nodes_[node]->port(port).interface;
    implementation_->carry(
        std::make_shared<Transit>(Transit{port, kNoNode, source, destination, interface.vlan,
                                          interface.ether_type, std::move(payload)}),
        node, nullptr);
}

void World::set_disk_full(NodeIndex node, bool full) {
    implementation_->nodes_[node]->disk_full = full;
    implementation_->tell_changed(node);
}
void World::set_drift(NodeIndex node, std::int32_t drift_ppm) {
    implementation_->nodes_[node]->clock.set_drift(now(), drift_ppm);
    implementation_->nodes_[node]->wake_at = kNever;
    implementation_->rearm(node);
}
void World::step_wall_clock(NodeIndex node, Duration step) {
    implementation_->nodes_[node]->wall_offset += step;
}
Instant World::local_time(NodeIndex node) const {
    return implementation_->nodes_[node]->clock.local(now());
}
WallTime World::wall_time(NodeIndex node) const {
    return implementation_->wall_time(*implementation_->nodes_[node]);
}
Instant World::world_time(NodeIndex node, Instant local) const {
    return implementation_->nodes_[node]->clock.world(local);
}

Instant World::now() const {
    return implementation_->now_;
}
Instant World::next_event() const {
    return implementation_->agenda_.next();
}
bool World::run_until(Instant until) {
    return implementation_->run_until(until);
}
bool World::run_until(const std::function<bool()>& condition, Duration limit) {
    return implementation_->run_until(condition, limit);
}
const std::optional<std::string>& World::stuck() const {
    return implementation_->stuck_;
}
std::uint64_t World::pick(std::uint64_t bound) {
    return implementation_->chance_.below(bound);
}

}  // namespace sim
