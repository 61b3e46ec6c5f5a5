// The registry by rule: numbers, attachment, loss, announcements, and what strangers cannot do.
#include "libvem/registry/registry.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace vem::registry;
using namespace std::chrono_literals;
using ha::Incarnation;
using ha::MacAddress;
using ha::Slot;
using ha::Uuid;
using ha::catalog::MessageId;
using ha::catalog::Report;
namespace wire = ha::wire;

namespace {

constexpr Incarnation kUs{0x0000000500000001};
const MacAddress kModuleMac{{2, 0, 0, 0, 0, 3}};
const MacAddress kStrangerMac{{2, 0, 0, 0, 0, 99}};

Uuid host(unsigned number) {
    Uuid uuid;
    uuid.octets[0] = 0xaa;
    uuid.octets[14] = static_cast<std::uint8_t>(number >> 8U);
    uuid.octets[15] = static_cast<std::uint8_t>(number);
    return uuid;
}

template <typename T>
std::vector<T> messages(const Effects& effects) {
    std::vector<T> found;
    for (const auto& effect : effects) {
        const auto* send = std::get_if<SendMessage>(&effect);
        if (send != nullptr && std::holds_alternative<T>(send->message)) {
            found.push_back(std::get<T>(send->message));
        }
    }
    return found;
}
std::vector<wire::DropReason> drops(const Effects& effects) {
    std::vector<wire::DropReason> found;
    for (const auto& effect : effects) {
        if (const auto* dropped = std::get_if<Dropped>(&effect)) {
            found.push_back(dropped->reason);
        }
    }
    return found;
}
unsigned reports(const Effects& effects, MessageId id) {
    return static_cast<unsigned>(std::count_if(effects.begin(), effects.end(), [&](const auto& e) {
        const auto* report = std::get_if<Report>(&e);
        return report != nullptr && report->id == id;
    }));
}
std::vector<std::uint64_t> changes(const Effects& effects) {
    std::vector<std::uint64_t> found;
    for (const auto& effect : effects) {
        if (const auto* changed = std::get_if<RecordsChanged>(&effect)) {
            found.push_back(changed->revision);
        }
    }
    return found;
}

/// A registry, its time, and what a module would say to it.
struct Bench {
    Registry registry{Options{kUs, 1s, 6, 3}};
    ha::Instant now{100s};

    Effects step(const Input& input) {
        Effects effects;
        registry.step(input, effects);
        return effects;
    }
    /// Runs all ticks due until `until`; answers are the caller's business.
    Effects run_until(ha::Instant until) {
        Effects all;
        while (registry.next_deadline() <= until) {
            now = std::max(now, registry.next_deadline());
            auto effects = step(Tick{now});
            all.insert(all.end(), effects.begin(), effects.end());
            REQUIRE(registry.next_deadline() > now);  // a deadline in the past would spin
        }
        now = until;
        return all;
    }
    Effects frame(wire::Message message, MacAddress source, Incarnation incarnation) {
        wire::Frame frame;
        frame.incarnation = incarnation;
        frame.message = std::move(message);
        return step(FrameReceived{{frame, source, false}, now, now});
    }
    Effects hello(unsigned number, MacAddress source = kModuleMac, std::uint64_t incarnation = 10,
                  unsigned wanted = 0) {
        return frame(wire::ModuleHello{host(number), "host-" + std::to_string(number),
                                       Slot{static_cast<std::uint8_t>(wanted)}, false},
                     source, Incarnation{incarnation});
    }
    Effects reply(unsigned number, unsigned module, std::uint32_t beat,
                  MacAddress source = kModuleMac, std::uint64_t incarnation = 10,
                  Incarnation names = kUs) {
        return frame(wire::ModuleHeartbeatReply{names, host(number),
                                                Slot{static_cast<std::uint8_t>(module)}, beat},
                     source, Incarnation{incarnation});
    }
    void activate() { step(Activated{false, now}); }
    /// Host `number` attached as the module it gets.
    Slot attach(unsigned number, MacAddress source = kModuleMac, std::uint64_t incarnation = 10) {
        auto effects = hello(number, source, incarnation);
        for (const auto revision : changes(effects)) {
            effects = step(RecordsDurable{revision, now});
        }
        const auto accepts = messages<wire::ModuleAccept>(effects);
        REQUIRE(accepts.size() == 1);
        REQUIRE(accepts[0].names == Incarnation{incarnation});
        const auto beats = messages<wire::ModuleHeartbeat>(effects);
        REQUIRE(beats.size() == 1);
        reply(number, ha::number(accepts[0].module), beats[0].number, source, incarnation);
        return accepts[0].module;
    }
    [[nodiscard]] ModuleSnapshot module(unsigned slot) const {
        const auto snapshot = registry.snapshot();
        const auto found =
            std::find_if(snapshot.modules.begin(), snapshot.modules.end(),
                         [&](const auto& item) { return ha::number(item.record.module) == slot; });
        REQUIRE(found != snapshot.modules.end());
        return *found;
    }
};

}  // namespace

TEST_CASE("only an active supervisor talks to modules", "[VEM-2]") {
    Bench bench;
    CHECK(bench.registry.next_deadline() == ha::kNever);
    CHECK(bench.hello(1).empty());
    bench.activate();
    CHECK(messages<wire::ModuleBeacon>(bench.run_until(bench.now + 10s)).size() == 10);
    bench.attach(1);
    bench.step(Deactivated{bench.now});
    CHECK(bench.registry.next_deadline() == ha::kNever);
    CHECK(bench.registry.online_count() == 0);
    CHECK(bench.registry.records().size() == 1);
}

TEST_CASE("a number is told only once it is durable, and belongs to its host", "[VEM-1]") {
    Bench bench;
    bench.activate();
    auto effects = bench.hello(1, kModuleMac, 10, 7);
    REQUIRE(changes(effects) == std::vector<std::uint64_t>{1});
    CHECK(messages<wire::ModuleAccept>(effects).empty());
    CHECK(bench.module(7).attachment == Attachment::storing);
    effects = bench.step(RecordsDurable{1, bench.now});
    REQUIRE(messages<wire::ModuleAccept>(effects).size() == 1);
    CHECK(messages<wire::ModuleAccept>(effects)[0].module == Slot{7});

    SECTION("the wanted number when it is free, the lowest free one otherwise") {
        CHECK(bench.attach(2, kStrangerMac) == Slot{3});
        bench.hello(3, MacAddress{{2, 0, 0, 0, 0, 5}}, 10, 7);
        CHECK(bench.module(4).record.host == host(3));
    }
    SECTION("a known host is accepted at once under its number after a restart of everything") {
        Bench other;
        other.step(RecordsLoaded{bench.registry.records(), other.now});
        other.activate();
        effects = other.hello(1, kModuleMac, 10, 30);
        CHECK(changes(effects).empty());
        REQUIRE(messages<wire::ModuleAccept>(effects).size() == 1);
        CHECK(messages<wire::ModuleAccept>(effects)[0].module == Slot{7});
    }
}

TEST_CASE("numbers got from the active are promised after a takeover once they are on this disk",
          "[VEM-1][SYNC-2]") {
    Bench bench;
    bench.step(RecordsLoaded{{{host(1), Slot{3}, "host-1"}}, bench.now});
    bench.step(RecordsLoaded{
        {{host(1), Slot{3}, "host-1"}, {host(2), Slot{4}, "host-2"}}, bench.now, false});
    const std::uint64_t revision = bench.registry.records_revision();
    bench.activate();
    CHECK(messages<wire::ModuleAccept>(bench.hello(1)).size() == 1);
    CHECK(messages<wire::ModuleAccept>(bench.hello(2)).empty());
    const auto effects = bench.step(RecordsDurable{revision, bench.now});
    REQUIRE(messages<wire::ModuleAccept>(effects).size() == 1);
    CHECK(messages<wire::ModuleAccept>(effects)[0].module == Slot{4});
}

TEST_CASE("a module is online when it has answered, not when it was accepted", "[VEM-1]") {
    Bench bench;
    bench.activate();
    bench.step(RecordsLoaded{{{host(1), Slot{3}, "host-1"}}, bench.now});
    const auto effects = bench.hello(1);
    CHECK(bench.module(3).attachment == Attachment::storing);
    CHECK(bench.registry.online_count() == 0);
    CHECK(drops(bench.reply(1, 3, 9)) == std::vector{wire::DropReason::not_for_us});
    CHECK(bench.registry.online_count() == 0);
    CHECK(reports(bench.reply(1, 3, messages<wire::ModuleHeartbeat>(effects)[0].number),
                  MessageId::module_online) == 1);
    CHECK(bench.module(3).attachment == Attachment::online);

    SECTION("a hello that nobody stands behind is forgotten quietly") {
        Bench ghost;
        ghost.activate();
        ghost.step(RecordsLoaded{{{host(1), Slot{3}, "host-1"}}, ghost.now});
        ghost.hello(1);
        CHECK(reports(ghost.run_until(ghost.now + 6s), MessageId::module_removed) == 0);
        CHECK(ghost.module(3).attachment == Attachment::absent);
    }
}

TEST_CASE("six heartbeats missed remove a module, the next hello brings it back", "[VEM-2]") {
    Bench bench;
    bench.activate();
    REQUIRE(bench.attach(1) == Slot{3});
    auto effects = bench.run_until(bench.now + 5999ms);
    CHECK(messages<wire::ModuleHeartbeat>(effects).size() == 5);
    CHECK(reports(effects, MessageId::module_removed) == 0);
    effects = bench.run_until(bench.now + 1ms);
    CHECK(reports(effects, MessageId::module_removed) == 1);
    CHECK(bench.module(3).reason == "6 heartbeats missed");
    CHECK(bench.registry.online_count() == 0);
    CHECK(bench.attach(1) == Slot{3});
    CHECK(bench.module(3).insertions == 2);
    CHECK(bench.module(3).removals == 1);
}

TEST_CASE("answers read late count from when they were received", "[VEM-2][HB-7]") {
    Bench bench;
    bench.activate();
    bench.attach(1);
    const auto attached = bench.now;
    bench.run_until(attached + 5s);
    wire::Frame frame;
    frame.incarnation = Incarnation{10};
    frame.message = wire::ModuleHeartbeatReply{kUs, host(1), Slot{3}, 2};
    bench.now = attached + 5900ms;
    bench.step(FrameReceived{{frame, kModuleMac, false}, attached + 1s, bench.now});
    CHECK(reports(bench.run_until(attached + 6999ms), MessageId::module_removed) == 0);
    CHECK(reports(bench.run_until(attached + 7s), MessageId::module_removed) == 1);
}

TEST_CASE("a stopped process does not remove the modules it did not ask", "[VEM-2][HB-7]") {
    Bench bench;
    bench.activate();
    bench.attach(1);
    bench.now += 60s;
    CHECK(reports(bench.step(Tick{bench.now}), MessageId::module_removed) == 0);
    CHECK(bench.registry.online_count() == 1);
    CHECK(reports(bench.run_until(bench.now + 6s), MessageId::module_removed) == 1);
}

TEST_CASE("silence in which frames were lost on our side removes nobody", "[VEM-2][HB-7]") {
    Bench bench;
    bench.activate();
    bench.attach(1);
    bench.run_until(bench.now + 5s);
    bench.step(Stalled{4s, bench.now});
    CHECK(reports(bench.run_until(bench.now + 4999ms), MessageId::module_removed) == 0);
    CHECK(reports(bench.run_until(bench.now + 1ms), MessageId::module_removed) == 1);
}

TEST_CASE("a switch request goes out three times, an interval apart, under one number", "[VEM-4]") {
    Bench bench;
    auto effects = bench.step(Activated{true, bench.now});
    CHECK(messages<wire::SwitchRequest>(effects).size() == 1);
    auto more = bench.run_until(bench.now + 10s);
    effects.insert(effects.end(), more.begin(), more.end());
    const auto requests = messages<wire::SwitchRequest>(effects);
    REQUIRE(requests.size() == 3);
    CHECK(std::all_of(requests.begin(), requests.end(), [](auto r) { return r.number == 1; }));
    effects = bench.step(Announce{bench.now});
    REQUIRE(messages<wire::SwitchRequest>(effects).size() == 1);
    CHECK(messages<wire::SwitchRequest>(effects)[0].number == 2);

    Bench booted;
    booted.activate();
    CHECK(messages<wire::SwitchRequest>(booted.run_until(booted.now + 5s)).empty());
}

TEST_CASE("a restarted agent is removed and added again", "[VEM-7]") {
    Bench bench;
    bench.activate();
    REQUIRE(bench.attach(1) == Slot{3});
    bench.now += 100ms;
    const auto effects = bench.hello(1, kModuleMac, 11);
    CHECK(reports(effects, MessageId::module_removed) == 1);
    REQUIRE(messages<wire::ModuleAccept>(effects).size() == 1);
    bench.reply(1, 3, messages<wire::ModuleHeartbeat>(effects)[0].number, kModuleMac, 11);
    CHECK(bench.module(3).attachment == Attachment::online);
    CHECK(drops(bench.hello(1, kModuleMac, 10)) ==
          std::vector{wire::DropReason::stale_incarnation});
    CHECK(drops(bench.reply(1, 3, 2, kModuleMac, 10)) ==
          std::vector{wire::DropReason::stale_incarnation});
    CHECK(bench.module(3).attachment == Attachment::online);
}

TEST_CASE("a clone of a host never disturbs the attached module", "[VEM-1][ANY-1]") {
    Bench bench;
    bench.activate();
    bench.attach(1);
    unsigned reported = 0;
    for (unsigned i = 0; i < 1000; ++i) {
        const auto effects = bench.hello(1, kStrangerMac, 99);
        CHECK(drops(effects) == std::vector{wire::DropReason::unlearnt_mac});
        CHECK(messages<wire::ModuleAccept>(effects).empty());
        reported += reports(effects, MessageId::module_rejected);
    }
    CHECK(reported == 1);
    CHECK(drops(bench.reply(1, 3, 1, kStrangerMac)) == std::vector{wire::DropReason::unlearnt_mac});
    CHECK(drops(bench.frame(wire::ModuleDetach{kUs, host(1), wire::DetachReason::stopping},
                            kStrangerMac, Incarnation{10})) ==
          std::vector{wire::DropReason::unlearnt_mac});
    CHECK(bench.module(3).attachment == Attachment::online);
    CHECK(bench.module(3).mac == kModuleMac);
}

TEST_CASE("a goodbye removes at once, and only in the name of the attached life", "[VEM-4][HB-8]") {
    Bench bench;
    bench.activate();
    bench.attach(1);
    const wire::ModuleDetach switched{kUs, host(1), wire::DetachReason::switched};
    CHECK(drops(bench.frame(switched, kModuleMac, Incarnation{9})) ==
          std::vector{wire::DropReason::stale_incarnation});
    CHECK(drops(bench.frame(
              wire::ModuleDetach{Incarnation{4}, host(1), wire::DetachReason::stopping}, kModuleMac,
              Incarnation{10})) == std::vector{wire::DropReason::not_for_us});
    CHECK(bench.registry.online_count() == 1);
    const auto effects = bench.frame(switched, kModuleMac, Incarnation{10});
    CHECK(reports(effects, MessageId::module_removed) == 1);
    CHECK(bench.module(3).reason == "switched to another supervisor");
}

TEST_CASE("a reply for no attachment is told to say hello, within limits", "[VEM-2][ANY-1]") {
    Bench bench;
    bench.activate();
    CHECK(drops(bench.reply(1, 3, 1, kModuleMac, 10, Incarnation{7})) ==
          std::vector{wire::DropReason::not_for_us});
    std::size_t told = 0;
    for (unsigned i = 0; i < 200; ++i) {
        for (const auto& detach : messages<wire::ModuleDetach>(bench.reply(i, 3, 1))) {
            CHECK(detach.reason == wire::DetachReason::not_attached);
            CHECK(detach.names == Incarnation{10});
            ++told;
        }
    }
    CHECK(told > 0);
    CHECK(told <= 16);
}

TEST_CASE("a flood of hosts fills the table and no more", "[VEM-1][ANY-1]") {
    Bench bench;
    bench.activate();
    std::size_t refused = 0;
    std::size_t reported = 0;
    for (unsigned i = 1; i <= 2000; ++i) {
        const auto effects = bench.hello(i);
        for (const auto& detach : messages<wire::ModuleDetach>(effects)) {
            CHECK(detach.reason == wire::DetachReason::table_full);
            ++refused;
        }
        reported += reports(effects, MessageId::module_rejected);
    }
    CHECK(bench.registry.records().size() == 64);
    CHECK(refused > 0);
    CHECK(refused <= 16);
    CHECK(reported == 1);
    SECTION("made-up hosts keep nobody out for good, and no module loses its number to one") {
        bench.run_until(bench.now + 6s);
        const MacAddress real{{2, 0, 0, 0, 7, 7}};
        const auto number = bench.attach(5000, real);
        for (unsigned i = 6000; i <= 8000; ++i) {
            bench.hello(i);
        }
        bench.run_until(bench.now + 60s);  // it goes off, too
        for (unsigned i = 9000; i <= 11000; ++i) {
            bench.hello(i);
        }
        CHECK(bench.module(ha::number(number)).record.host == host(5000));
        CHECK(bench.registry.records().size() == 64);
    }
    SECTION("one module is accepted at most once in half an interval") {
        Bench quiet;
        quiet.activate();
        quiet.attach(1);
        CHECK(drops(quiet.hello(1)) == std::vector{wire::DropReason::rate_limited});
        quiet.now += 500ms;
        CHECK(messages<wire::ModuleAccept>(quiet.hello(1)).size() == 1);
    }
}

TEST_CASE("a damaged table is used as far as it is sound", "[VEM-1][ANY-1]") {
    Bench bench;
    bench.step(RecordsLoaded{{{host(1), Slot{3}, "a"},
                              {host(1), Slot{4}, "same host"},
                              {host(2), Slot{3}, "same number"},
                              {host(3), Slot{2}, "a supervisor's"},
                              {Uuid{}, Slot{9}, "nil"}},
                             bench.now});
    REQUIRE(bench.registry.records().size() == 1);
    CHECK(bench.registry.records()[0].host_name == "a");
}

TEST_CASE("the modules learn the other supervisor's address", "[VEM-4]") {
    Bench bench;
    bench.activate();
    bench.attach(1);
    const MacAddress standby{{2, 0, 0, 0, 1, 2}};
    bench.step(OtherSupervisorChanged{standby, bench.now});
    const auto effects = bench.run_until(bench.now + 1s);
    CHECK(messages<wire::ModuleHeartbeat>(effects).at(0).other_supervisor == standby);
    CHECK(messages<wire::ModuleBeacon>(effects).at(0).other_supervisor == standby);
}
