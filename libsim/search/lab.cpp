// See lab.hpp.
#include "libsim/search/lab.hpp"

namespace sim::search {

using namespace sim::scenario;

namespace {

/// Mostly few: what modules do to each other is little, and each costs frames.
unsigned draw_vems(sim::Chance& chance) {
    const auto roll = chance.below(100);
    if (roll < 25)
        return 0;
    if (roll < 60)
        return 1;
    if (roll < 80)
        return 2;
    if (roll < 92)
        return 3;
    return static_cast<unsigned>(4 + chance.below(roll < 98 ? 3 : 13));
}

void draw_timers(sim::Chance& chance, Lab& lab) {
    const auto roll = chance.below(100);
    if (roll < 2) {
        lab.timers = Timers::nx_os;
        lab.multiplier = static_cast<unsigned>(6 + chance.below(10));
        return;
    }
    static constexpr unsigned kHeartbeats[] = {5, 10, 20, 50, 100};
    lab.heartbeat_ms = kHeartbeats[chance.below(5)];
    lab.multiplier = static_cast<unsigned>(3 + (chance.below(2) == 0 ? 0 : chance.below(4)));
    if (roll < 4)
        lab.multiplier = 15;
}

void put(Lab& lab, const std::string& node, std::string_view path, std::string_view value) {
    auto [setting, is_new] = lab.nodes.try_emplace(node, Setting::map());
    setting->second.put(path, Setting::text(value));
}

void draw_policy(sim::Chance& chance, DrawnLab& drawn) {
    const auto roll = chance.below(100);
    for (const std::string node : {"vsm-a", "vsm-b"}) {
        const std::string peer = node == "vsm-a" ? "vsm-b" : "vsm-a";
        if (roll < 20) {
            put(drawn.lab, node, "peer_mac.policy", "replace-when-absent");
        } else if (roll < 30) {
            put(drawn.lab, node, "peer_mac.policy", "static");
            for (const ha::PortKind port : ha::kPortKinds)
                put(drawn.lab, node, "peer_mac." + std::string(to_string(port)),
                    mac_of(peer, port).to_string());
        }
    }
    drawn.replaces_macs = roll < 20;
    drawn.fixed_macs = roll >= 20 && roll < 30;
}

}  // namespace

DrawnLab draw_lab(sim::Chance& chance, std::uint64_t seed) {
    DrawnLab drawn;
    Lab& lab = drawn.lab;
    lab.seed = seed;
    lab.vems = draw_vems(chance);
    draw_timers(chance, lab);
    lab.key = chance.below(3) == 0;
    lab.ready.emplace();
    const auto heartbeat_us = static_cast<unsigned>(
        std::chrono::duration_cast<std::chrono::microseconds>(units_of(lab).heartbeat).count());
    if (chance.below(4) == 0)
        lab.store_jitter_us = static_cast<unsigned>(chance.below(std::uint64_t{4} * heartbeat_us));
    if (chance.below(4) == 0)
        lab.wake_jitter_us = static_cast<unsigned>(chance.below(heartbeat_us / 8));
    draw_policy(chance, drawn);
    if (chance.below(6) == 0)
        for (const std::string node : {"vsm-a", "vsm-b"})
            put(lab, node, "personality", "vsg");
    const auto others = chance.below(100);
    if (others < 6 && !drawn.replaces_macs) {
        drawn.has_stranger = true;
        lab.key = false;  // who proves the key may take the place of an absent peer (BOOT-5)
        put(lab, "vsm-c", "setup.role", chance.below(2) == 0 ? "primary" : "secondary");
    } else if (others < 12) {
        drawn.has_other_domain = true;
        put(lab, "vsm-c", "setup.role", "primary");
        put(lab, "vsm-c", "setup.domain", "200");
        put(lab, "vsm-d", "setup.role", "secondary");
        put(lab, "vsm-d", "setup.domain", "200");
    }
    drawn.units = units_of(lab);
    return drawn;
}

}  // namespace sim::search
