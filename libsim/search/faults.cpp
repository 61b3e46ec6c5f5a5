// See faults.hpp.
#include "libsim/search/faults.hpp"

#include <algorithm>
#include <utility>

#include "libsim/search/settings.hpp"

namespace sim::search {

using namespace sim::scenario;

namespace {

constexpr std::array<std::string_view, kFaultKindCount> kNames{
    "cut",
    "one-way-cut",
    "pair-cut",
    "partition",
    "carrier",
    "link",
    "unplug",
    "replace-mac",
    "loss",
    "delay",
    "reorder",
    "duplicate",
    "corrupt",
    "heal",
    "kill",
    "crash",
    "power-off",
    "power-off-lost",
    "power-off-torn",
    "freeze",
    "freeze-briefly",
    "stop",
    "start",
    "reload",
    "switchover",
    "configure",
    "clear-peer-mac",
    "disk-full",
    "drift",
    "wall-step",
    "inject",
    "mend",
};

/// How often a kind is drawn, beside the others of its seed.
unsigned weight(FaultKind kind) {
    switch (kind) {
        case FaultKind::cut:
        case FaultKind::pair_cut:
        case FaultKind::one_way_cut:
        case FaultKind::partition:
        case FaultKind::kill:
        case FaultKind::crash:
        case FaultKind::heal:
            return 3;
        case FaultKind::start:
        case FaultKind::switchover:
        case FaultKind::configure:
        case FaultKind::freeze:
        case FaultKind::freeze_briefly:
        case FaultKind::loss:
        case FaultKind::inject:
            return 2;
        default:
            return 1;
    }
}

/// What an operator asks for without staying to see what comes of it.
Command command(const std::string& node, std::vector<std::string> lines) {
    return {node, std::move(lines), 0, false, false};
}

}  // namespace

std::string_view to_string(FaultKind kind) {
    return kNames[static_cast<std::size_t>(kind)];
}

Faults::Faults(sim::Chance& chance, const DrawnLab& lab) : chance_(chance), lab_(lab) {
    for (std::size_t index = 0; index < kFaultKindCount; ++index) {
        const auto kind = static_cast<FaultKind>(index);
        if (makes_sense(kind) && chance_.below(100) < 35)
            kinds_.insert(kinds_.end(), weight(kind), kind);
    }
    if (kinds_.empty())
        kinds_.push_back(FaultKind::pair_cut);
}

/// What no product could stand is not drawn.
bool Faults::makes_sense(FaultKind kind) const {
    switch (kind) {
        case FaultKind::mend:
            return false;
        case FaultKind::corrupt:
            // Without a key nothing but the cable's own checksum tells a spoiled frame, and a
            // cable whose checksum does not is broken beyond what a protocol can mend.
            return lab_.lab.key;
        case FaultKind::replace_mac:
            return !lab_.fixed_macs && !lab_.has_stranger;
        case FaultKind::clear_peer_mac:
        case FaultKind::power_off_torn:
            // Who has forgotten its peer takes the first that comes, a stranger too.
            return !lab_.has_stranger;
        default:
            return true;
    }
}

FaultKind Faults::kind() {
    return kinds_[chance_.below(kinds_.size())];
}

std::vector<Timed> Faults::draw(FaultKind kind) {
    switch (kind) {
        case FaultKind::cut:
        case FaultKind::one_way_cut:
        case FaultKind::pair_cut:
        case FaultKind::partition:
        case FaultKind::carrier:
        case FaultKind::link:
        case FaultKind::unplug:
        case FaultKind::replace_mac:
        case FaultKind::heal:
            return draw_wire(kind);
        case FaultKind::loss:
        case FaultKind::delay:
        case FaultKind::reorder:
        case FaultKind::duplicate:
        case FaultKind::corrupt:
            return draw_quality(kind);
        case FaultKind::kill:
        case FaultKind::crash:
        case FaultKind::power_off:
        case FaultKind::power_off_lost:
        case FaultKind::power_off_torn:
        case FaultKind::freeze:
        case FaultKind::freeze_briefly:
        case FaultKind::stop:
        case FaultKind::start:
            return draw_process(kind);
        case FaultKind::reload:
        case FaultKind::switchover:
        case FaultKind::configure:
        case FaultKind::clear_peer_mac:
        case FaultKind::disk_full:
        case FaultKind::drift:
        case FaultKind::wall_step:
        case FaultKind::inject:
        case FaultKind::mend:
            return draw_host(kind);
    }
    return {};
}

std::vector<Timed> Faults::draw_wire(FaultKind kind) {
    const Duration later = below(3 * lab_.units.loss_interval);
    const std::string node = any_node();
    const Cable which = cable();
    switch (kind) {
        case FaultKind::cut:
            return {{{}, Cut{node, which, scenario::Direction::both, false, ""}}};
        case FaultKind::one_way_cut:
            return {{{}, Cut{node, which, one_way(), false, ""}}};
        case FaultKind::pair_cut: {
            const bool wide = chance_.below(3) == 0;
            const auto direction = chance_.below(2) == 0 ? scenario::Direction::both : one_way();
            const std::string other = wide && node != "vsm-b" ? "vsm-b" : "vsm-a";
            return {{{},
                     Cut{wide && node != other ? node : "vsm-b", which, direction, false,
                         wide && node != other ? other : "vsm-a"}}};
        }
        case FaultKind::partition:
            return {{{}, draw_partition()}};
        case FaultKind::carrier:
            return {{{}, Cut{node, which, scenario::Direction::both, true, ""}},
                    {later, Heal{node, which}}};
        case FaultKind::link:
            return {{{}, Link{node, which, false}}, {later, Link{node, which, true}}};
        case FaultKind::unplug: {
            const Cable one = chance_.below(2) == 0 ? Cable::control : Cable::mgmt;
            const std::string from = supervisor();
            return {{{}, Unplug{from, one}}, {later, Plug{from, one, std::nullopt}}};
        }
        case FaultKind::replace_mac: {
            const Cable one = chance_.below(2) == 0 ? Cable::control : Cable::mgmt;
            const std::string from = supervisor();
            ha::MacAddress mac = mac_of(from, ports_of(one).front());
            mac.octets[3] = static_cast<std::uint8_t>(1 + chance_.below(250));
            cleared_macs_ = true;
            return {{{}, Unplug{from, one}}, {below(lab_.units.heartbeat), Plug{from, one, mac}}};
        }
        default:
            return {{{}, Heal{node, chance_.below(2) == 0 ? Cable::all : which}}};
    }
}

std::vector<Timed> Faults::draw_quality(FaultKind kind) {
    const std::string node = any_node();
    const Cable which = cable();
    const auto direction = chance_.below(2) == 0 ? scenario::Direction::both : one_way();
    switch (kind) {
        case FaultKind::loss:
            return {{{}, scenario::Loss{node, which, percent(80), direction}}};
        case FaultKind::duplicate:
            return {{{}, Duplicate{node, which, percent(60), direction}}};
        case FaultKind::corrupt:
            return {{{}, Corrupt{node, which, percent(40), direction}}};
        default: {
            Delay delay{node, which, {}, {}, kind == FaultKind::reorder, direction};
            const Duration most =
                chance_.below(4) == 0 ? lab_.units.loss_interval : lab_.units.heartbeat / 4;
            delay.delay = below(most);
            delay.jitter = below(most);
            return {{{}, delay}};
        }
    }
}

std::vector<Timed> Faults::draw_process(FaultKind kind) {
    const Duration loss = lab_.units.loss_interval;
    const std::string node = module_or_supervisor();
    const bool again = chance_.below(3) != 0;
    const Duration later =
        chance_.below(2) == 0 ? below(lab_.units.heartbeat) : below(loss * 3 / 2);
    const auto then_start = [&](Action action) {
        std::vector<Timed> steps{{{}, std::move(action)}};
        if (again)
            steps.push_back({later, Start{{node}, std::nullopt}});
        return steps;
    };
    switch (kind) {
        case FaultKind::kill:
            return then_start(Signal{Signal::Kind::kill, {node}});
        case FaultKind::crash:
            return then_start(Signal{Signal::Kind::crash, {node}});
        case FaultKind::stop:
            return then_start(Signal{Signal::Kind::stop, {node}});
        case FaultKind::power_off:
            return then_start(PowerOff{node, PowerOff::Disk::kept});
        case FaultKind::power_off_lost:
            return then_start(PowerOff{node, PowerOff::Disk::lost});
        case FaultKind::power_off_torn:
            return then_start(PowerOff{node, PowerOff::Disk::torn});
        case FaultKind::freeze:
            return {{{}, Signal{Signal::Kind::freeze, {node}}},
                    {loss / 2 + below(2 * loss), Signal{Signal::Kind::thaw, {node}}}};
        case FaultKind::freeze_briefly:
            return {{{}, Signal{Signal::Kind::freeze, {node}}},
                    {below(loss / 2), Signal{Signal::Kind::thaw, {node}}}};
        default:
            return {{{}, Start{{node}, std::nullopt}}};
    }
}

std::vector<Timed> Faults::draw_host(FaultKind kind) {
    switch (kind) {
        case FaultKind::reload:
            return {{{}, command(supervisor(), {kReload})}};
        case FaultKind::switchover:
            // Whichever is active takes it; the other one refuses.
            return {{{}, command("vsm-a", {kSwitchover})}, {{}, command("vsm-b", {kSwitchover})}};
        case FaultKind::configure:
            return draw_changes();
        case FaultKind::clear_peer_mac:
            return {{{}, command(supervisor(), {kClearPeerMac})}};
        case FaultKind::disk_full: {
            const std::string node = supervisor();
            return {{{}, Disk{node, true}},
                    {below(3 * lab_.units.loss_interval), Disk{node, false}}};
        }
        case FaultKind::drift: {
            Clock clock{any_node(), std::nullopt, std::nullopt};
            clock.drift_ppm = static_cast<std::int32_t>(chance_.below(20'001)) - 10'000;
            return {{{}, clock}};
        }
        case FaultKind::wall_step: {
            Clock clock{any_node(), std::nullopt, std::nullopt};
            const std::int64_t minutes = static_cast<std::int64_t>(chance_.below(200'000));
            clock.step = std::chrono::minutes{minutes - 100'000};
            return {{{}, clock}};
        }
        default:
            return {{{}, draw_inject()}};
    }
}

/// One change after the other, each another one, and sometimes the order to save them all.
/// Whichever is active takes them, and two take what they are asked for while they are two.
std::vector<Timed> Faults::draw_changes() {
    std::vector<Timed> changes;
    Duration after{};
    for (std::uint64_t left = 1 + chance_.below(6); left > 0; --left) {
        const bool saves = chance_.below(6) == 0;
        const std::string name = "hostname h" + std::to_string(++last_name_);
        for (const char* const node : {"vsm-a", "vsm-b"}) {
            if (saves)
                changes.push_back({after, command(node, {kCopy})});
            else
                changes.push_back({after, command(node, {kConfigure, name + node})});
        }
        after += below(chance_.below(2) == 0 ? lab_.units.heartbeat : lab_.units.heartbeat / 16);
    }
    return changes;
}

Partition Faults::draw_partition() {
    Partition partition{{{}, {}}, cable()};
    for (const std::string& node : default_nodes(lab_.lab.vems))
        partition.groups[chance_.below(2)].push_back(node);
    for (std::size_t group = 0; group < 2; ++group) {
        auto& lacking = partition.groups[group];
        auto& other = partition.groups[1 - group];
        if (!lacking.empty())
            continue;
        lacking.push_back(other.back());
        other.pop_back();
    }
    return partition;
}

Inject Faults::draw_inject() {
    static constexpr InjectKind kKinds[] = {
        InjectKind::replayed,       InjectKind::reflected,     InjectKind::truncated,
        InjectKind::random,         InjectKind::wrong_length,  InjectKind::wrong_version,
        InjectKind::foreign_domain, InjectKind::unlearnt_mac,  InjectKind::unlearnt_mac,
        InjectKind::wrong_port,     InjectKind::clashing_role, InjectKind::corrupted};
    Inject inject;
    inject.port = chance_.below(3) == 0 ? ha::PortKind::mgmt : ha::PortKind::control;
    inject.to = module_or_supervisor();
    inject.like =
        inject.to == "vsm-a" || (is_module(inject.to) && chance_.below(2) == 0) ? "vsm-b" : "vsm-a";
    // A spoiled frame that no key protects may say anything.
    inject.kind = kKinds[chance_.below(lab_.lab.key ? 12 : 11)];
    static constexpr ha::wire::FrameType kTypes[] = {
        ha::wire::FrameType::hello,          ha::wire::FrameType::heartbeat_request,
        ha::wire::FrameType::hello,          ha::wire::FrameType::heartbeat_response,
        ha::wire::FrameType::leaving,        ha::wire::FrameType::channel_data,
        ha::wire::FrameType::switch_request, ha::wire::FrameType::module_accept};
    if (chance_.below(2) == 0)
        inject.type = kTypes[chance_.below(std::size(kTypes))];
    if (is_module(inject.to))
        inject.port = ha::PortKind::control;
    inject.count = static_cast<unsigned>(1 + chance_.below(3));
    return inject;
}

std::vector<Action> Faults::mend() {
    // With policy sticky a replaced interface stays a stranger's until an operator says otherwise.
    if (!cleared_macs_ || lab_.replaces_macs)
        return {};
    return {command("vsm-a", {kClearPeerMac}), command("vsm-b", {kClearPeerMac})};
}

std::string Faults::supervisor() {
    return chance_.below(2) == 0 ? "vsm-a" : "vsm-b";
}

std::string Faults::any_node() {
    return module_or_supervisor();
}

std::string Faults::module_or_supervisor() {
    if (lab_.lab.vems == 0 || chance_.below(4) != 0)
        return supervisor();
    return default_nodes(lab_.lab.vems)[2 + chance_.below(lab_.lab.vems)];
}

Cable Faults::cable() {
    switch (chance_.below(3)) {
        case 0:
            return Cable::control;
        case 1:
            return Cable::mgmt;
        default:
            return Cable::all;
    }
}

scenario::Direction Faults::one_way() {
    return chance_.below(2) == 0 ? scenario::Direction::in : scenario::Direction::out;
}

Duration Faults::below(Duration limit) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(limit).count();
    return std::chrono::microseconds{
        chance_.below(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 1)))};
}

/// In whole percent, as scenarios are written.
scenario::Chance Faults::percent(unsigned highest) {
    return static_cast<scenario::Chance>(10'000 * (1 + chance_.below(highest)));
}

}  // namespace sim::search
