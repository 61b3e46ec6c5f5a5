// A whole supervisor and a whole module on one cable: the frames of each are understood by the
// other.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "libha/supervisor/supervisor.hpp"
#include "libvem/module/module.hpp"

namespace {

using namespace std::chrono_literals;
using namespace ha;

const MacAddress kSupervisorMac{{2, 0, 0, 0, 0, 1}};
const MacAddress kModuleMac{{2, 0, 0, 0, 0, 3}};

supervisor::Options supervisor_options(const wire::Keyring& keyring) {
    supervisor::Options options;
    options.pair.role = Role::primary;
    options.pair.domain = DomainId{100};
    options.pair.incarnation = Incarnation{0x700000001};
    options.keyring = keyring;
    return options;
}
vem::module::Options module_options(const wire::Keyring& keyring) {
    vem::module::Options options;
    options.domain = DomainId{100};
    options.host.octets[3] = 9;
    options.host_name = "host-a";
    options.incarnation = Incarnation{0x100000001};
    options.keyring = keyring;
    return options;
}

struct Cable {
    explicit Cable(const wire::Keyring& keyring)
        : supervisor(supervisor_options(keyring), now), module(module_options(keyring), now) {
        supervisor::LinkState link;
        link.present = link.admin_up = link.carrier = true;
        link.mac = kSupervisorMac;
        to_supervisor(supervisor::LinkChanged{PortKind::control, link, now});
        to_module(vem::module::LinkChanged{true, true, true, kModuleMac, now});
    }
    void to_supervisor(const supervisor::Input& input) {
        supervisor::Effects effects;
        supervisor.step(input, effects);
        for (const auto& effect : effects) {
            if (const auto* send = std::get_if<supervisor::SendFrame>(&effect);
                send != nullptr && send->port == PortKind::control)
                flights.push_back({true, send->payload});
            if (const auto* persist = std::get_if<supervisor::Persist>(&effect))
                stores.push_back(persist->token);
            exited = exited || std::holds_alternative<supervisor::Exit>(effect);
        }
    }
    void to_module(const vem::module::Input& input) {
        vem::module::Effects effects;
        module.step(input, effects);
        for (const auto& effect : effects)
            if (const auto* send = std::get_if<vem::module::SendFrame>(&effect))
                flights.push_back({false, send->payload});
    }
    void run(Duration duration) {
        const Instant end = now + duration;
        while (true) {
            while (!flights.empty() || !stores.empty()) {
                if (!stores.empty()) {
                    const auto token = stores.front();
                    stores.pop_front();
                    to_supervisor(supervisor::StoreCompleted{token, true, now});
                } else if (const auto flight = flights.front(); flight.from_supervisor) {
                    flights.pop_front();
                    to_module(vem::module::FrameReceived{kSupervisorMac, flight.payload, now, now});
                } else {
                    flights.pop_front();
                    to_supervisor(supervisor::FrameReceived{PortKind::control, kModuleMac,
                                                            flight.payload, now, now});
                }
            }
            const Instant next = std::min(supervisor.next_deadline(), module.next_deadline());
            if (next > end)
                break;
            now = std::max(now, next);
            if (supervisor.next_deadline() <= now)
                to_supervisor(supervisor::Tick{now});
            if (module.next_deadline() <= now)
                to_module(vem::module::Tick{now});
        }
        now = end;
    }

    struct Flight {
        bool from_supervisor;
        wire::Bytes payload;
    };
    Instant now{1000s};
    std::deque<Flight> flights;
    std::deque<std::uint64_t> stores;
    bool exited = false;
    supervisor::Supervisor supervisor;
    vem::module::Module module;
};

wire::Keyring one_key() {
    wire::Key key;
    key.id = 4;
    key.secret.fill(0x5a);
    return {{key}};
}

}  // namespace

TEST_CASE("a module attaches to a supervisor that became active and stays attached",
          "[VEM-1][VEM-2]") {
    Cable cable{GENERATE(wire::Keyring{}, one_key())};
    cable.run(5s);
    CHECK(cable.module.snapshot().state == vem::module::State::attached);
    CHECK(cable.module.snapshot().module == Slot{3});
    cable.run(300s);
    const auto modules = cable.supervisor.snapshot().modules.modules;
    REQUIRE(modules.size() == 1);
    CHECK(modules[0].attachment == vem::registry::Attachment::online);
    CHECK(modules[0].removals == 0);
    CHECK(cable.module.snapshot().headless_times == 0);
}

TEST_CASE("a planned stop of the supervisor sets its modules searching at once", "[HB-8]") {
    Cable cable{{}};
    cable.run(5s);
    cable.to_supervisor(supervisor::StopRequested{cable.now});
    cable.run(0s);
    CHECK(cable.exited);
    CHECK(cable.module.snapshot().state == vem::module::State::searching);
}

TEST_CASE("a planned stop of a module removes it at once", "[HB-8]") {
    Cable cable{{}};
    cable.run(5s);
    cable.to_module(vem::module::StopRequested{cable.now});
    cable.run(0s);
    CHECK(cable.supervisor.snapshot().modules.modules.at(0).reason == "stopped");
}
