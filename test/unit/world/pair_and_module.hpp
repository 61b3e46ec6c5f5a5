// A pair with 50 ms heartbeats and module 3, in a world, as an operator and an onlooker have it.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "libsim/world/world.hpp"

namespace sim::test {

inline constexpr NodeIndex kA = 0;  ///< the primary
inline constexpr NodeIndex kB = 1;
inline constexpr NodeIndex kModule = 2;

struct PairAndModule {
    World world{WorldOptions{}};
    std::uint64_t ticket = 0;

    /// `ports`: of the module. Nothing is started.
    explicit PairAndModule(std::size_t ports) {
        using namespace std::chrono_literals;
        for (const NodeIndex node : {kA, kB}) {
            SupervisorSettings settings;
            settings.options.pair.role = node == kA ? ha::Role::primary : ha::Role::secondary;
            settings.options.pair.domain = ha::DomainId{100};
            settings.options.pair.heartbeat_interval = 50ms;
            settings.options.pair.loss_interval = 150ms;
            for (const PortKind port : ha::kPortKinds)
                settings.interfaces[ha::index_of(port)].mac = mac(node, port);
            world.add_supervisor(node == kA ? "vsm-a" : "vsm-b", settings);
        }
        ModuleSettings settings;
        settings.options.domain = ha::DomainId{100};
        settings.options.host.octets[0] = 7;
        settings.options.host_name = "host-3";
        settings.options.heartbeat_interval = 50ms;
        settings.options.headless_after = 750ms;
        settings.control.mac = mac(kModule, PortKind::control);
        settings.ports = ports;
        world.add_module("vem-3", settings);
    }
    void start() {
        for (const NodeIndex node : {kA, kB, kModule})
            world.start(node);
    }
    static ha::MacAddress mac(NodeIndex node, PortKind port) {
        return {{2, 0, 0, 0, static_cast<std::uint8_t>(ha::index_of(port) + 1),
                 static_cast<std::uint8_t>(node + 1)}};
    }
    /// Fails with what everybody logged.
    void wait(const std::function<bool()>& condition) {
        const bool held = world.run_until(condition, std::chrono::seconds{10});
        std::string told;
        for (const NodeIndex node : {kA, kB, kModule})
            for (const LogEntry& entry : world.log(node))
                told += world.name(node) + " " + ha::catalog::render(entry.report) + "\n";
        INFO(told);
        REQUIRE(held);
    }
    [[nodiscard]] bool is(NodeIndex node, ha::redundancy::PairState state) const {
        const auto* supervisor = world.supervisor(node);
        return supervisor != nullptr && supervisor->brief().state == state;
    }
    [[nodiscard]] std::size_t told(NodeIndex node, ha::catalog::MessageId id) const {
        const auto& log = world.log(node);
        return static_cast<std::size_t>(std::ranges::count_if(
            log, [id](const LogEntry& entry) { return entry.report.id == id; }));
    }
    /// What an operator of `node` asks for, in words and as the supervisor takes it.
    template <typename Change>
    void ask(NodeIndex node, const std::string& command, Change change) {
        ha::supervisor::ChangeRequested asked;
        asked.ticket = ++ticket;
        asked.by = {"admin", "console0"};
        asked.command = command;
        asked.change = std::move(change);
        world.request(node, asked);
    }
};

}  // namespace sim::test
