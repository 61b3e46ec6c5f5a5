// Two registries and some modules on one virtual wire: virtual time, seeded delay and loss, cuts by
// direction. The registries stand for whole supervisors: records are stored after a while and
// replicated to the one that is not active.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "test/unit/module/bench.hpp"

namespace vem::test {

class VirtualWire {
public:
    static constexpr std::size_t kSupervisors = 2;

    VirtualWire(std::size_t modules, std::uint64_t seed, double loss)
        : random_(seed), loss_(loss), modules_(modules) {
        for (std::size_t index = 0; index < kSupervisors; ++index) {
            boot_supervisor(index);
        }
        for (std::size_t index = 0; index < modules; ++index) {
            boot_module(index);
        }
    }

    // What a test does to the world.
    void activate(std::size_t index, bool announce) {
        supervisors_[index].active = true;
        step_registry(index, registry::Activated{announce, now_});
        tell_other_supervisor();
    }
    void announce(std::size_t index) { step_registry(index, registry::Announce{now_}); }
    /// Crash and return as a standby of the other, knowing what is stored.
    void restart_supervisor(std::size_t index) {
        boot_supervisor(index);
        replicate(1 - index);
        tell_other_supervisor();
    }
    void restart_module(std::size_t index) { boot_module(index); }
    void cut(std::size_t from, std::size_t to) { cuts_.insert({from, to}); }
    void cut_both(std::size_t a, std::size_t b) {
        cut(a, b);
        cut(b, a);
    }
    void heal() { cuts_.clear(); }
    void set_loss(double loss) { loss_ = loss; }

    void run_for(ha::Duration duration) {
        const auto end = now_ + duration;
        while (true) {
            auto next = end;
            if (!events_.empty()) {
                next = std::min(next, events_.begin()->first);
            }
            for (const auto& supervisor : supervisors_) {
                next = std::min(next, supervisor.registry->next_deadline());
            }
            for (const auto& module : module_list_) {
                next = std::min(next, module->next_deadline());
            }
            if (next >= end) {
                now_ = end;
                return;
            }
            now_ = std::max(now_, next);
            step_due();
            check_numbers();
        }
    }

    [[nodiscard]] std::size_t node_of_module(std::size_t index) const {
        return kSupervisors + index;
    }
    [[nodiscard]] module::Snapshot module(std::size_t index) const {
        return module_list_[index]->snapshot();
    }
    [[nodiscard]] const registry::Registry& registry(std::size_t index) const {
        return *supervisors_[index].registry;
    }
    /// Every module attached to supervisor `index`, and counted there.
    [[nodiscard]] bool all_with(std::size_t index) const {
        return registry(index).online_count() == modules_ &&
               std::all_of(module_list_.begin(), module_list_.end(), [&](const auto& item) {
                   const auto snapshot = item->snapshot();
                   return snapshot.state == module::State::attached &&
                          ha::number(snapshot.supervisor) == index + 1 &&
                          snapshot.supervisor_incarnation == supervisors_[index].incarnation;
               });
    }

private:
    struct Node {
        std::unique_ptr<registry::Registry> registry;
        std::unique_ptr<ha::wire::Receiver> receiver;
        ha::Incarnation incarnation{};
        std::uint64_t sequence = 0;
        bool active = false;
    };

    void boot_supervisor(std::size_t index) {
        auto& node = supervisors_[index];
        node.incarnation = next_life();
        node.registry =
            std::make_unique<registry::Registry>(registry::Options{node.incarnation, 1s, 6, 3});
        node.receiver =
            std::make_unique<ha::wire::Receiver>(ha::DomainId{100}, ha::wire::Keyring{});
        node.sequence = 0;
        node.active = false;
    }
    void boot_module(std::size_t index) {
        auto options = Bench::options({});
        options.host = host(static_cast<unsigned>(index) + 1);
        options.host_name = "host-" + std::to_string(index + 1);
        options.incarnation = next_life();
        options.remembered_module = remembered_[index];
        auto fresh = std::make_unique<module::Module>(options, now_);
        if (index < module_list_.size()) {
            module_list_[index] = std::move(fresh);
        } else {
            module_list_.push_back(std::move(fresh));
        }
        step_module(index,
                    module::LinkChanged{true, true, true, address(node_of_module(index)), now_});
    }
    ha::Incarnation next_life() { return ha::Incarnation{++lives_ << 32U}; }
    static ha::MacAddress address(std::size_t node) { return mac(static_cast<unsigned>(node) + 1); }

    void step_due() {
        while (!events_.empty() && events_.begin()->first <= now_) {
            const auto event = events_.begin()->second;
            events_.erase(events_.begin());
            event();
        }
        for (std::size_t index = 0; index < kSupervisors; ++index) {
            if (registry(index).next_deadline() <= now_) {
                step_registry(index, registry::Tick{now_});
                REQUIRE(registry(index).next_deadline() > now_);
            }
        }
        for (std::size_t index = 0; index < modules_; ++index) {
            if (module_list_[index]->next_deadline() <= now_) {
                step_module(index, module::Tick{now_});
                REQUIRE(module_list_[index]->next_deadline() > now_);
            }
        }
    }

    void step_registry(std::size_t index, const registry::Input& input) {
        registry::Effects effects;
        supervisors_[index].registry->step(input, effects);
        for (const auto& effect : effects) {
            if (const auto* send = std::get_if<registry::SendMessage>(&effect)) {
                auto& node = supervisors_[index];
                Speaker speaker{static_cast<unsigned>(index) + 1,
                                address(index),
                                static_cast<std::uint64_t>(node.incarnation),
                                {},
                                node.sequence};
                const auto payload = speaker.frame(send->message);
                node.sequence = speaker.sequence;
                transmit(index, send->destination, payload);
            } else if (const auto* changed = std::get_if<registry::RecordsChanged>(&effect)) {
                const auto life = supervisors_[index].incarnation;
                after(delay() * 5, [this, index, life, revision = changed->revision] {
                    if (supervisors_[index].incarnation == life) {
                        replicate(index);
                        step_registry(index, registry::RecordsDurable{revision, now_});
                    }
                });
            }
        }
    }
    void step_module(std::size_t index, const module::Input& input) {
        module::Effects effects;
        module_list_[index]->step(input, effects);
        for (const auto& effect : effects) {
            if (const auto* send = std::get_if<module::SendFrame>(&effect)) {
                transmit(node_of_module(index), send->destination, send->payload);
            } else if (const auto* remember = std::get_if<module::RememberModule>(&effect)) {
                remembered_[index] = remember->module;
            }
        }
    }
    void replicate(std::size_t from) {
        if (!supervisors_[1 - from].active) {
            step_registry(1 - from, registry::RecordsLoaded{registry(from).records(), now_});
        }
    }
    void tell_other_supervisor() {
        for (std::size_t index = 0; index < kSupervisors; ++index) {
            const bool has_standby = supervisors_[index].active && !supervisors_[1 - index].active;
            step_registry(index, registry::OtherSupervisorChanged{
                                     has_standby ? address(1 - index) : ha::MacAddress{}, now_});
        }
    }

    ha::Duration delay() {
        return std::chrono::microseconds{std::uniform_int_distribution<int>{50, 2000}(random_)};
    }
    bool lost() { return std::uniform_real_distribution<>{0, 1}(random_) < loss_; }
    void after(ha::Duration duration, std::function<void()> what) {
        events_.emplace(now_ + duration, std::move(what));
    }
    void transmit(std::size_t from, const ha::MacAddress& destination,
                  const ha::wire::Bytes& payload) {
        for (std::size_t to = 0; to < kSupervisors + modules_; ++to) {
            const bool wanted = destination == ha::kBroadcastMac || destination == address(to);
            if (to == from || !wanted || cuts_.contains({from, to}) || lost()) {
                continue;
            }
            // A good wire keeps the order, a bad one does not.
            auto& latest = latest_arrival_[{from, to}];
            const auto arrival = loss_ > 0 ? now_ + delay() : std::max(latest, now_ + delay());
            latest = arrival;
            events_.emplace(arrival, [this, from, to, payload] { deliver(from, to, payload); });
        }
    }
    void deliver(std::size_t from, std::size_t to, const ha::wire::Bytes& payload) {
        if (to >= kSupervisors) {
            step_module(to - kSupervisors,
                        module::FrameReceived{address(from), payload, now_, now_});
            return;
        }
        const auto received = supervisors_[to].receiver->receive(payload, ha::PortKind::control,
                                                                 address(from), address(to));
        if (received && from >= kSupervisors) {
            step_registry(to, registry::FrameReceived{*received, now_, now_});
        }
    }

    /// VEM-1: a number belongs to the host that had it first, whatever happens.
    void check_numbers() {
        for (const auto& supervisor : supervisors_) {
            for (const auto& record : supervisor.registry->records()) {
                const auto owner = owners_.emplace(record.module, record.host).first->second;
                REQUIRE(owner == record.host);
            }
        }
    }

    std::mt19937_64 random_;
    double loss_;
    std::size_t modules_;
    ha::Instant now_{100s};
    std::uint64_t lives_ = 0;
    std::array<Node, kSupervisors> supervisors_;
    std::vector<std::unique_ptr<module::Module>> module_list_;
    std::map<std::size_t, ha::Slot> remembered_;
    std::multimap<ha::Instant, std::function<void()>> events_;
    std::set<std::pair<std::size_t, std::size_t>> cuts_;
    std::map<std::pair<std::size_t, std::size_t>, ha::Instant> latest_arrival_;
    std::map<ha::Slot, ha::Uuid> owners_;
};

}  // namespace vem::test
