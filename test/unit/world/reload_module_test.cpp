// `reload module N` from the operator of the active: of a module, of the standby, of itself (SW-6).
#include "test/unit/world/pair_and_module.hpp"

using namespace ha;
using namespace std::chrono_literals;
using redundancy::PairState;
using sim::NodeIndex;
using sim::test::kA;
using sim::test::kB;
using sim::test::kModule;
using vem::registry::Attachment;

namespace {

/// Keeps what operators were answered.
struct Answers final : sim::Observer {
    using sim::Observer::on_effects;
    void on_effects(NodeIndex /*node*/, const supervisor::Effects& effects) override {
        for (const supervisor::Effect& effect : effects)
            if (const auto* completed = std::get_if<supervisor::ChangeCompleted>(&effect))
                errors.push_back(completed->error);
    }
    std::vector<std::string> errors;
};

/// A pair and module 3 with one port that is down by order.
struct Domain : sim::test::PairAndModule {
    Answers answers;

    Domain() : PairAndModule(1) {
        world.add_observer(answers);
        start();
        wait([&] { return is(kA, PairState::active_ha) && online() && life(kModule) != 0; });
    }
    [[nodiscard]] bool online() const {
        const auto* supervisor = world.supervisor(kA);
        return supervisor != nullptr && supervisor->attachment(Slot{3}) == Attachment::online;
    }
    [[nodiscard]] std::uint64_t life(NodeIndex node) const {
        if (const auto* module = world.module(node))
            return static_cast<std::uint64_t>(module->incarnation());
        if (const auto* supervisor = world.supervisor(node))
            return static_cast<std::uint64_t>(supervisor->brief().incarnation);
        return 0;
    }
    /// The answer.
    std::string reload(NodeIndex node, unsigned module) {
        const std::size_t before = answers.errors.size();
        ask(node, "reload module " + std::to_string(module),
            supervisor::ReloadModule{Slot{static_cast<std::uint8_t>(module)}});
        wait([&] { return answers.errors.size() > before; });
        return answers.errors.back();
    }
};

}  // namespace

TEST_CASE("a module is reloaded: removed, added again under its number, its ports untouched",
          "[world][SW-6][VEM-7]") {
    Domain domain;
    domain.world.set_module_port(kModule, 1, false, true);
    const auto before = domain.life(kModule);
    CHECK(domain.reload(kA, 3).empty());
    domain.wait([&] { return domain.online() && domain.life(kModule) > before; });
    CHECK_FALSE(domain.world.module_ports(kModule).at(0).admin_up);
    CHECK(domain.told(kA, catalog::MessageId::module_removed) == 1);
    CHECK(domain.told(kModule, catalog::MessageId::module_reloading) == 1);
    const auto after = domain.life(kModule);
    domain.world.run_for(2s);
    CHECK(domain.life(kModule) == after);  // once
}

TEST_CASE("an order that is lost is said again, as often as a heartbeat may be missed",
          "[world][SW-6]") {
    Domain domain;
    const auto before = domain.life(kModule);
    domain.world.cut(kModule, PortKind::control, sim::Direction::in);
    CHECK(domain.reload(kA, 3).empty());
    domain.world.run_for(100ms);
    CHECK(domain.life(kModule) == before);
    domain.world.heal(kModule, PortKind::control);
    domain.wait([&] { return domain.online() && domain.life(kModule) > before; });
}

TEST_CASE("the standby is reloaded and comes back", "[world][SW-6]") {
    Domain domain;
    const auto before = domain.life(kB);
    CHECK(domain.reload(kA, 2).empty());
    CHECK(domain.told(kA, catalog::MessageId::supervisor_reset) == 1);
    domain.wait([&] {
        return domain.life(kB) > before && domain.is(kA, PairState::active_ha) &&
               domain.is(kB, PairState::standby_ha);
    });
    CHECK(domain.told(kA, catalog::MessageId::module_removed) == 0);
}

TEST_CASE("what cannot be reloaded is refused, and nothing happens", "[world][SW-6][ANY-1]") {
    Domain domain;
    const auto lives = [&] {
        return std::vector{domain.life(kA), domain.life(kB), domain.life(kModule)};
    };
    const auto before = lives();
    CHECK(domain.reload(kA, 1) ==
          "Module 1 is this supervisor: use 'reload', or 'system switchover'");
    CHECK(domain.reload(kA, 4) == "Module 4 is not present");
    CHECK(domain.reload(kB, 3) == "Modules are reloaded by the active supervisor only");
    domain.world.run_for(2s);
    CHECK(lives() == before);
    domain.world.kill(kB);
    domain.wait([&] { return domain.is(kA, PairState::active_alone); });
    CHECK(domain.reload(kA, 2) == "Module 2 is not present");
}
