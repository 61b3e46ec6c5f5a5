// A whole domain in virtual time: two supervisors on a control and a mgmt wire, and modules on
// control. Seeded delay and loss, cuts between any two nodes by direction, crashes and restarts.
// Relates to virtual_pair.hpp, which tells the stories of the pair alone. It must never look inside
// the machines: only inputs, effects and snapshots.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "libha/supervisor/supervisor.hpp"
#include "libvem/module/module.hpp"

namespace test {

class VirtualDomain {
public:
    static constexpr std::size_t kSupervisors = 2;

    VirtualDomain(std::size_t modules, std::uint64_t seed, ha::wire::Keyring keyring);

    void boot(std::size_t node);  ///< 0 and 1: supervisors, 2 and up: modules; ends what ran there
    void crash(std::size_t node);
    void stop(std::size_t node);  ///< as asked: says goodbye
    [[nodiscard]] bool runs(std::size_t node) const;
    void cut(std::size_t from, std::size_t to, ha::PortKind port) {
        cuts_.insert({from, to, port});
    }
    void heal();
    void set_loss(double loss) { loss_ = loss; }

    void run_for(ha::Duration duration);
    bool run_until(const std::function<bool()>& condition, ha::Duration limit);

    [[nodiscard]] std::size_t nodes() const { return kSupervisors + modules_.size(); }
    [[nodiscard]] ha::supervisor::Snapshot supervisor(std::size_t index) const;
    [[nodiscard]] vem::module::Snapshot module(std::size_t index) const;
    /// One active, one standby in HA, and every module attached to the active and counted there.
    [[nodiscard]] bool is_whole() const;
    /// For a failing seed: who was what.
    [[nodiscard]] std::string describe() const;

private:
    struct Supervisor {
        std::unique_ptr<ha::supervisor::Supervisor> machine;
        ha::supervisor::StoredState stored;
        ha::Incarnation incarnation{};
    };
    struct Module {
        std::unique_ptr<vem::module::Module> machine;
        ha::Slot remembered = ha::kNoSlot;
        std::uint32_t boots = 0;
    };

    void boot_supervisor(std::size_t index);
    void boot_module(std::size_t index);
    void step(std::size_t index, const ha::supervisor::Input& input);
    void step(std::size_t index, const vem::module::Input& input);
    void carry_out(std::size_t index, const ha::supervisor::Effect& effect);
    void transmit(std::size_t from, ha::PortKind port, const ha::MacAddress& destination,
                  const ha::wire::Bytes& payload);
    void deliver(std::size_t from, std::size_t to, ha::PortKind port,
                 const ha::wire::Bytes& payload);
    void after(ha::Duration duration, std::function<void()> what);
    ha::Instant next_event() const;
    void step_due();
    [[nodiscard]] std::size_t active() const;
    static ha::MacAddress address(std::size_t node, ha::PortKind port);

    std::mt19937_64 random_;
    ha::wire::Keyring keyring_;
    double loss_ = 0;
    ha::Instant now_{std::chrono::seconds{1000}};
    std::array<Supervisor, kSupervisors> supervisors_;
    std::vector<Module> modules_;
    std::multimap<ha::Instant, std::function<void()>> events_;
    std::set<std::tuple<std::size_t, std::size_t, ha::PortKind>> cuts_;
    std::map<std::tuple<std::size_t, std::size_t, ha::PortKind>, ha::Instant> latest_arrival_;
};

}  // namespace test
