// A module on the bench: its time, what supervisors say to it, and what it answers, decoded.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libvem/module/module.hpp"
#include "libvem/registry/registry.hpp"

namespace vem::test {

using namespace std::chrono_literals;

inline ha::MacAddress mac(unsigned number) {
    return ha::MacAddress{{2, 0, 0, 0, 1, static_cast<std::uint8_t>(number)}};
}
inline ha::Uuid host(unsigned number) {
    ha::Uuid uuid;
    uuid.octets[0] = 0xaa;
    uuid.octets[15] = static_cast<std::uint8_t>(number);
    return uuid;
}

/// One life of a supervisor that a test speaks for.
struct Speaker {
    unsigned slot;
    ha::MacAddress mac;
    std::uint64_t incarnation;
    ha::wire::Keyring keyring{};
    std::uint64_t sequence = 0;
    ha::DomainId domain{100};

    ha::wire::Bytes frame(ha::wire::Message message) {
        ha::wire::Frame out;
        out.domain = domain;
        out.slot = ha::Slot{static_cast<std::uint8_t>(slot)};
        out.role = slot == 1   ? ha::Role::primary
                   : slot == 2 ? ha::Role::secondary
                               : ha::Role::standalone;
        out.incarnation = ha::Incarnation{incarnation};
        out.sequence = ++sequence;
        out.message = std::move(message);
        auto payload = ha::wire::encode(out);
        ha::wire::seal(payload, mac, keyring);
        return payload;
    }
};

struct Sent {
    ha::MacAddress destination;
    ha::wire::Frame frame;
};

class Bench {
public:
    explicit Bench(ha::wire::Keyring keyring = {}, ha::Instant start = ha::Instant{100s})
        : now(start), module(options(std::move(keyring)), start) {}

    static module::Options options(ha::wire::Keyring keyring) {
        module::Options options;
        options.domain = ha::DomainId{100};
        options.host = host(1);
        options.host_name = "host-1";
        options.incarnation = ha::Incarnation{77};
        options.keyring = std::move(keyring);
        return options;
    }
    /// Steps and keeps what came out; returns what was sent.
    std::vector<Sent> step(const module::Input& input) {
        module::Effects effects;
        module.step(input, effects);
        std::vector<Sent> sent;
        for (const auto& effect : effects) {
            if (const auto* send = std::get_if<module::SendFrame>(&effect)) {
                const auto frame = ha::wire::decode(send->payload);
                REQUIRE(frame.has_value());
                sent.push_back({send->destination, *frame});
            } else if (const auto* report = std::get_if<ha::catalog::Report>(&effect)) {
                reports.push_back(*report);
            } else if (const auto* remember = std::get_if<module::RememberModule>(&effect)) {
                remembered.push_back(remember->module);
            } else if (const auto* order = std::get_if<module::OrderPorts>(&effect)) {
                ordered.push_back(order->orders);
            } else if (const auto* domain = std::get_if<module::RememberDomain>(&effect)) {
                domains.push_back(domain->domain);
            } else if (const auto* again = std::get_if<module::Restart>(&effect)) {
                restarts.push_back(again->reason);
            } else {
                stopped = true;
            }
        }
        return sent;
    }
    std::vector<Sent> link_up() { return step(module::LinkChanged{true, true, true, mac(3), now}); }
    std::vector<Sent> say(Speaker& speaker, ha::wire::Message message) {
        const auto payload = speaker.frame(std::move(message));
        return step(module::FrameReceived{speaker.mac, payload, now, now});
    }
    std::vector<Sent> run_until(ha::Instant until) {
        std::vector<Sent> all;
        while (module.next_deadline() <= until) {
            now = std::max(now, module.next_deadline());
            for (auto& sent : step(module::Tick{now})) {
                all.push_back(sent);
            }
            REQUIRE(module.next_deadline() > now);  // a deadline in the past would spin
        }
        now = until;
        return all;
    }
    static ha::wire::ModuleAccept accept(unsigned number = 3, ha::MacAddress other = {}) {
        return {ha::Incarnation{77}, ha::Slot{static_cast<std::uint8_t>(number)}, 1s, other};
    }
    static ha::wire::ModuleHeartbeat beat(std::uint32_t number, ha::MacAddress other = {}) {
        return {ha::Incarnation{77}, ha::Slot{3}, number, other};
    }
    void attach(Speaker& speaker, ha::MacAddress other = {}) {
        link_up();
        say(speaker, accept(3, other));
        REQUIRE(state() == module::State::attached);
    }
    /// Heartbeats of `speaker` each second until `until`.
    void heartbeats(Speaker& speaker, ha::Instant until, ha::MacAddress other = {}) {
        while (now + 1s <= until) {
            run_until(now + 1s);
            say(speaker, beat(++beats, other));
        }
    }
    [[nodiscard]] module::State state() const { return module.snapshot().state; }
    [[nodiscard]] unsigned supervisor() const { return ha::number(module.snapshot().supervisor); }
    [[nodiscard]] std::uint64_t drops(ha::wire::DropReason reason) const {
        const auto all = module.snapshot().drops;
        const auto found = all.find(reason);
        return found == all.end() ? 0 : found->second;
    }

    ha::Instant now;
    module::Module module;
    std::vector<ha::catalog::Report> reports;
    std::vector<ha::Slot> remembered;
    std::vector<std::string> restarts;
    std::vector<std::vector<ha::wire::PortOrder>> ordered;
    std::vector<ha::DomainId> domains;  ///< remembered
    std::uint32_t beats = 0;
    bool stopped = false;
};

template <typename T>
std::vector<T> messages(const std::vector<Sent>& sent) {
    std::vector<T> found;
    for (const auto& item : sent) {
        if (const auto* message = std::get_if<T>(&item.frame.message)) {
            found.push_back(*message);
        }
    }
    return found;
}

}  // namespace vem::test
