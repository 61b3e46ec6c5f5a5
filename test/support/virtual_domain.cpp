#include "test/support/virtual_domain.hpp"

#include <algorithm>

namespace test {

using namespace ha;
using namespace std::chrono_literals;

VirtualDomain::VirtualDomain(std::size_t modules, std::uint64_t seed, wire::Keyring keyring)
    : random_(seed), keyring_(std::move(keyring)), modules_(modules) {}

MacAddress VirtualDomain::address(std::size_t node, PortKind port) {
    return {{0x02, 0, 0, 0, static_cast<std::uint8_t>(index_of(port) + 1),
             static_cast<std::uint8_t>(node + 1)}};
}

void VirtualDomain::boot(std::size_t node) {
    if (node < kSupervisors)
        boot_supervisor(node);
    else
        boot_module(node - kSupervisors);
}

void VirtualDomain::crash(std::size_t node) {
    if (node < kSupervisors)
        supervisors_[node].machine.reset();
    else
        modules_[node - kSupervisors].machine.reset();
}

void VirtualDomain::stop(std::size_t node) {
    if (!runs(node))
        return;
    if (node < kSupervisors)
        step(node, supervisor::StopRequested{now_});
    else
        step(node - kSupervisors, vem::module::StopRequested{now_});
    crash(node);
}

bool VirtualDomain::runs(std::size_t node) const {
    return node < kSupervisors ? supervisors_[node].machine != nullptr
                               : modules_[node - kSupervisors].machine != nullptr;
}

void VirtualDomain::heal() {
    cuts_.clear();
    loss_ = 0;
}

void VirtualDomain::boot_supervisor(std::size_t index) {
    Supervisor& node = supervisors_[index];
    const std::uint32_t boots = node.stored.state().boots + 1;
    node.stored.count_boot(boots);
    node.incarnation =
        Incarnation{(std::uint64_t{boots} << 32U) + static_cast<std::uint64_t>(index)};
    supervisor::Options options;
    options.pair.role = index == 0 ? Role::primary : Role::secondary;
    options.pair.domain = DomainId{100};
    options.pair.heartbeat_interval = 50ms;
    options.pair.loss_interval = 150ms;
    options.pair.incarnation = node.incarnation;
    options.keyring = keyring_;
    options.stored = node.stored;
    node.machine = std::make_unique<ha::supervisor::Supervisor>(options, now_);
    for (const PortKind port : kPortKinds) {
        const supervisor::LinkState link{
            true, true, true, address(index, port), std::string{to_string(port)} + "0", ""};
        step(index, supervisor::LinkChanged{port, link, now_});
    }
}

void VirtualDomain::boot_module(std::size_t index) {
    Module& node = modules_[index];
    ++node.boots;
    vem::module::Options options;
    options.domain = DomainId{100};
    options.host.octets[0] = static_cast<std::uint8_t>(index + 1);
    options.host_name = "host-" + std::to_string(index + 1);
    options.incarnation = Incarnation{(std::uint64_t{node.boots} << 32U) + index};
    options.keyring = keyring_;
    options.remembered_module = node.remembered;
    options.heartbeat_interval = 50ms;
    options.headless_after = 750ms;
    node.machine = std::make_unique<vem::module::Module>(options, now_);
    step(index, vem::module::LinkChanged{true, true, true,
                                         address(index + kSupervisors, PortKind::control), now_});
}

void VirtualDomain::step(std::size_t index, const supervisor::Input& input) {
    if (!supervisors_[index].machine)
        return;
    supervisor::Effects effects;
    supervisors_[index].machine->step(input, effects);
    for (const supervisor::Effect& effect : effects)
        carry_out(index, effect);
}

void VirtualDomain::carry_out(std::size_t index, const supervisor::Effect& effect) {
    const Incarnation life = supervisors_[index].incarnation;
    const auto alive = [this, index, life] {
        return supervisors_[index].machine && supervisors_[index].incarnation == life;
    };
    if (const auto* send = std::get_if<supervisor::SendFrame>(&effect)) {
        transmit(index, send->port, send->destination, send->payload);
    } else if (const auto* persist = std::get_if<supervisor::Persist>(&effect)) {
        after(2ms, [this, index, alive, changes = persist->changes, token = persist->token] {
            if (!alive())
                return;
            supervisors_[index].stored.apply(changes);
            step(index, supervisor::StoreCompleted{token, true, now_});
        });
    } else if (std::holds_alternative<supervisor::Restart>(effect)) {
        after(20ms, [this, index, alive] {
            if (alive())
                boot_supervisor(index);
        });
    }
}

void VirtualDomain::step(std::size_t index, const vem::module::Input& input) {
    Module& node = modules_[index];
    if (!node.machine)
        return;
    vem::module::Effects effects;
    node.machine->step(input, effects);
    for (const vem::module::Effect& effect : effects) {
        if (const auto* send = std::get_if<vem::module::SendFrame>(&effect))
            transmit(index + kSupervisors, PortKind::control, send->destination, send->payload);
        else if (const auto* remember = std::get_if<vem::module::RememberModule>(&effect))
            node.remembered = remember->module;
    }
}

void VirtualDomain::transmit(std::size_t from, PortKind port, const MacAddress& destination,
                             const wire::Bytes& payload) {
    const std::size_t receivers = port == PortKind::control ? nodes() : kSupervisors;
    for (std::size_t to = 0; to < receivers; ++to) {
        const bool wanted = destination == kBroadcastMac || destination == address(to, port);
        const bool lost = std::uniform_real_distribution<>{0, 1}(random_) < loss_;
        if (to == from || !wanted || lost || cuts_.contains({from, to, port}))
            continue;
        // A good wire keeps the order, a bad one does not.
        const auto delay =
            std::chrono::microseconds{std::uniform_int_distribution<int>{30, 1000}(random_)};
        Instant& latest = latest_arrival_[{from, to, port}];
        latest = loss_ > 0 ? now_ + delay : std::max(latest, now_ + delay);
        events_.emplace(latest,
                        [this, from, to, port, payload] { deliver(from, to, port, payload); });
    }
}

void VirtualDomain::deliver(std::size_t from, std::size_t to, PortKind port,
                            const wire::Bytes& payload) {
    const MacAddress source = address(from, port);
    if (to < kSupervisors)
        step(to, supervisor::FrameReceived{port, source, payload, now_, now_});
    else
        step(to - kSupervisors, vem::module::FrameReceived{source, payload, now_, now_});
}

void VirtualDomain::after(Duration duration, std::function<void()> what) {
    events_.emplace(now_ + duration, std::move(what));
}

Instant VirtualDomain::next_event() const {
    Instant next = events_.empty() ? kNever : events_.begin()->first;
    for (const Supervisor& node : supervisors_)
        if (node.machine)
            next = std::min(next, node.machine->next_deadline());
    for (const Module& node : modules_)
        if (node.machine)
            next = std::min(next, node.machine->next_deadline());
    return next;
}

void VirtualDomain::step_due() {
    while (!events_.empty() && events_.begin()->first <= now_) {
        const auto what = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        what();
    }
    for (std::size_t index = 0; index < kSupervisors; ++index)
        if (supervisors_[index].machine && supervisors_[index].machine->next_deadline() <= now_)
            step(index, supervisor::Tick{now_});
    for (std::size_t index = 0; index < modules_.size(); ++index)
        if (modules_[index].machine && modules_[index].machine->next_deadline() <= now_)
            step(index, vem::module::Tick{now_});
}

void VirtualDomain::run_for(Duration duration) {
    run_until([] { return false; }, duration);
}

bool VirtualDomain::run_until(const std::function<bool()>& condition, Duration limit) {
    const Instant end = now_ + limit;
    Instant looked = now_ - 1s;
    while (true) {
        // Looking is dear: snapshots are copies.
        if (now_ - looked >= 10ms) {
            looked = now_;
            if (condition())
                return true;
        }
        const Instant next = next_event();
        if (next > end) {
            now_ = end;
            return condition();
        }
        now_ = std::max(now_, next);
        step_due();
    }
}

supervisor::Snapshot VirtualDomain::supervisor(std::size_t index) const {
    return supervisors_[index].machine->snapshot();
}
vem::module::Snapshot VirtualDomain::module(std::size_t index) const {
    return modules_[index].machine->snapshot();
}

/// The one in HA with a standby that is, or nobody.
std::size_t VirtualDomain::active() const {
    for (std::size_t index = 0; index < kSupervisors; ++index) {
        if (!supervisors_[0].machine || !supervisors_[1].machine)
            return kSupervisors;
        if (supervisor(index).pair.state == redundancy::PairState::active_ha &&
            supervisor(1 - index).pair.state == redundancy::PairState::standby_ha)
            return index;
    }
    return kSupervisors;
}

bool VirtualDomain::is_whole() const {
    const std::size_t index = active();
    if (index == kSupervisors)
        return false;
    const auto seen = supervisor(index).modules.modules;
    const auto online = std::count_if(seen.begin(), seen.end(), [](const auto& item) {
        return item.attachment == vem::registry::Attachment::online;
    });
    return online == static_cast<std::ptrdiff_t>(modules_.size()) &&
           std::all_of(modules_.begin(), modules_.end(), [&](const Module& node) {
               if (!node.machine)
                   return false;
               const auto snapshot = node.machine->snapshot();
               return snapshot.state == vem::module::State::attached &&
                      snapshot.supervisor_incarnation == supervisors_[index].incarnation;
           });
}

std::string VirtualDomain::describe() const {
    std::string text;
    for (std::size_t index = 0; index < kSupervisors; ++index)
        text +=
            "sup-" + std::to_string(index + 1) + " " +
            (supervisors_[index].machine ? std::string{to_string(supervisor(index).pair.state)} +
                                               ": " + supervisor(index).pair.reason
                                         : "down") +
            "\n";
    for (std::size_t index = 0; index < modules_.size(); ++index)
        text += "module " + std::to_string(index) + " " +
                (modules_[index].machine ? std::string{to_string(module(index).state)} + " to " +
                                               std::to_string(number(module(index).supervisor)) +
                                               ": " + module(index).reason
                                         : "down") +
                "\n";
    return text;
}

}  // namespace test
