// The module by rule: finding a supervisor, following requests, staying, going headless.
#include "test/unit/module/bench.hpp"

using namespace vem::test;
using vem::module::State;
namespace wire = ha::wire;

namespace {

Speaker first() {
    return {1, mac(1), 0x500000001};
}
Speaker second() {
    return {2, mac(2), 0x300000009};
}

wire::Keyring keyring(std::uint8_t fill) {
    wire::Key key;
    key.id = 1;
    key.secret.fill(fill);
    return {{key}};
}

}  // namespace

TEST_CASE("a searching module says hello at once and each interval", "[VEM-1]") {
    Bench bench;
    CHECK(bench.module.next_deadline() == ha::kNever);  // no link: nothing would arrive
    const auto hello = bench.link_up();
    REQUIRE(hello.size() == 1);
    CHECK(hello[0].destination == ha::kBroadcastMac);
    CHECK(std::get<wire::ModuleHello>(hello[0].frame.message).host == host(1));
    CHECK(messages<wire::ModuleHello>(bench.run_until(bench.now + 5s)).size() == 5);

    SECTION("a beacon is answered at once, to its sender, within limits") {
        auto sup = first();
        const auto answer = bench.say(sup, wire::ModuleBeacon{});
        REQUIRE(answer.size() == 1);
        CHECK(answer[0].destination == mac(1));
        std::size_t answers = 0;
        for (int i = 0; i < 500; ++i) {
            answers += bench.say(sup, wire::ModuleBeacon{}).size();
        }
        CHECK(answers < 10);
        CHECK(bench.drops(wire::DropReason::rate_limited) > 400);
    }
    SECTION("without a link it is silent, and speaks again when the link is back") {
        bench.step(vem::module::LinkChanged{true, true, false, mac(3), bench.now});
        CHECK(bench.run_until(bench.now + 10s).empty());
        CHECK(bench.link_up().size() == 1);
    }
}

TEST_CASE("an accept that names this life attaches, remembers the number, and is obeyed once",
          "[VEM-1]") {
    Bench bench;
    auto sup = first();
    bench.link_up();
    bench.say(sup, wire::ModuleAccept{ha::Incarnation{76}, ha::Slot{3}, 1s, {}});
    CHECK(bench.state() == State::searching);
    bench.say(sup, Bench::accept(2));
    CHECK(bench.state() == State::searching);
    bench.say(sup, Bench::accept(5, mac(2)));
    CHECK(bench.state() == State::attached);
    CHECK(bench.remembered == std::vector{ha::Slot{5}});
    CHECK(bench.module.snapshot().other_supervisor_mac == mac(2));

    auto other = second();
    bench.say(other, Bench::accept(9));
    CHECK(bench.supervisor() == 1);
    CHECK(bench.module.snapshot().module == ha::Slot{5});
}

TEST_CASE("heartbeats of its supervisor are answered by number", "[VEM-2]") {
    Bench bench;
    auto sup = first();
    bench.attach(sup);
    const auto sent = bench.say(sup, Bench::beat(41, mac(2)));
    REQUIRE(messages<wire::ModuleHeartbeatReply>(sent).size() == 1);
    const auto reply = messages<wire::ModuleHeartbeatReply>(sent)[0];
    CHECK(reply.number == 41);
    CHECK(reply.names == ha::Incarnation{0x500000001});
    CHECK(reply.module == ha::Slot{3});
    CHECK(bench.module.snapshot().other_supervisor_mac == mac(2));
}

TEST_CASE("fifteen seconds without a heartbeat make headless, any active ends it", "[VEM-3]") {
    Bench bench;
    auto sup = first();
    bench.attach(sup);
    bench.run_until(bench.now + 14999ms);
    CHECK(bench.state() == State::attached);
    const auto sent = bench.run_until(bench.now + 1ms);
    CHECK(bench.state() == State::headless);
    REQUIRE(messages<wire::ModuleHello>(sent).size() == 1);
    CHECK(messages<wire::ModuleHello>(sent)[0].headless);
    CHECK(messages<wire::ModuleHello>(sent)[0].wanted == ha::Slot{3});
    auto other = second();
    CHECK(bench.say(other, wire::ModuleBeacon{}).size() == 1);
    bench.say(other, Bench::accept());
    CHECK(bench.state() == State::attached);
    CHECK(bench.supervisor() == 2);
    CHECK(bench.module.snapshot().headless_times == 1);
}

TEST_CASE("a stopped module wakes attached when heartbeats waited for it", "[VEM-3][HB-7]") {
    Bench bench;
    auto sup = first();
    bench.attach(sup);
    const auto start = bench.now;
    bench.now = start + 60s;
    const auto payload = sup.frame(Bench::beat(1));
    bench.step(vem::module::FrameReceived{sup.mac, payload, start + 59s, bench.now});
    bench.step(vem::module::Tick{bench.now});
    CHECK(bench.state() == State::attached);
    CHECK(bench.module.next_deadline() == start + 74s);
}

TEST_CASE("a request to switch is followed at once", "[VEM-4]") {
    Bench bench;
    auto old_active = first();
    auto new_active = second();
    bench.attach(old_active, mac(2));
    auto sent = bench.say(new_active, wire::SwitchRequest{1});
    REQUIRE(messages<wire::ModuleHello>(sent).size() == 1);
    CHECK(sent[0].destination == mac(2));
    CHECK(bench.state() == State::attached);
    sent = bench.say(new_active, Bench::accept());
    REQUIRE(messages<wire::ModuleDetach>(sent).size() == 1);
    CHECK(sent[0].destination == mac(1));
    CHECK(messages<wire::ModuleDetach>(sent)[0].reason == wire::DetachReason::switched);
    CHECK(messages<wire::ModuleDetach>(sent)[0].names == ha::Incarnation{0x500000001});
    CHECK(bench.supervisor() == 2);
    CHECK(bench.module.snapshot().switches == 1);

    SECTION("its copies change nothing more") {
        CHECK(bench.say(new_active, wire::SwitchRequest{1}).empty());
        CHECK(bench.supervisor() == 2);
    }
    SECTION("the first one can ask for it back, with a newer number only") {
        bench.say(new_active, Bench::beat(1, mac(1)));
        CHECK(bench.say(old_active, wire::SwitchRequest{1}).size() == 1);
        bench.say(old_active, Bench::accept());
        CHECK(bench.supervisor() == 1);
        bench.say(old_active, Bench::beat(1, mac(2)));
        CHECK(bench.say(new_active, wire::SwitchRequest{1}).empty());
        CHECK(bench.say(new_active, wire::SwitchRequest{2}).size() == 1);
    }
}

TEST_CASE("a request nobody stands behind costs nothing", "[VEM-4][ANY-1]") {
    Bench bench;
    auto sup = first();
    auto ghost = second();
    bench.attach(sup, mac(2));
    bench.say(ghost, wire::SwitchRequest{1});
    bench.run_until(bench.now + 900ms);
    CHECK(messages<wire::ModuleHeartbeatReply>(bench.say(sup, Bench::beat(1, mac(2)))).size() == 1);
    bench.heartbeats(sup, bench.now + 10s, mac(2));
    CHECK(bench.state() == State::attached);
    CHECK(bench.supervisor() == 1);
    CHECK(bench.module.snapshot().switches == 0);
}

TEST_CASE("a request is believed only from an address the supervisor vouches for", "[VEM-4]") {
    Bench bench;
    auto sup = first();
    Speaker spoofer{2, mac(66), 0x900000000};
    bench.attach(sup, mac(2));
    CHECK(bench.say(spoofer, wire::SwitchRequest{1}).empty());
    CHECK(bench.drops(wire::DropReason::unlearnt_mac) == 1);

    SECTION("unless its own has been silent for two intervals") {
        bench.run_until(bench.now + 2s);
        CHECK(bench.say(spoofer, wire::SwitchRequest{2}).size() == 1);
    }
    SECTION("or no other supervisor is known") {
        bench.say(sup, Bench::beat(1));
        CHECK(bench.say(spoofer, wire::SwitchRequest{2}).size() == 1);
    }
    SECTION("an earlier life of the sender is not believed at all") {
        auto other = second();
        bench.say(other, wire::SwitchRequest{1});
        bench.say(other, Bench::accept());
        bench.say(other, Bench::beat(1, mac(1)));
        Speaker earlier{2, mac(2), 0x200000000};
        CHECK(bench.say(earlier, wire::SwitchRequest{9}).empty());
        CHECK(bench.drops(wire::DropReason::stale_incarnation) == 1);
    }
}

TEST_CASE("with a key, a proof is what counts", "[VEM-4][ANY-1]") {
    Bench bench{keyring(7)};
    Speaker sup{1, mac(1), 5, keyring(7)};
    bench.attach(sup, mac(2));
    Speaker wrong{2, mac(2), 6, keyring(8)};
    CHECK(bench.say(wrong, wire::SwitchRequest{1}).empty());
    CHECK(bench.drops(wire::DropReason::authentication_failed) == 1);
    Speaker none{2, mac(2), 6};
    CHECK(bench.say(none, wire::SwitchRequest{1}).empty());
    CHECK(bench.drops(wire::DropReason::authentication_missing) == 1);
    Speaker moved{2, mac(44), 6, keyring(7)};
    CHECK(bench.say(moved, wire::SwitchRequest{1}).size() == 1);
}

TEST_CASE("another active's heartbeats and beacons are ignored until headless", "[VEM-5]") {
    Bench bench;
    auto sup = first();
    auto other = second();
    bench.attach(sup, mac(2));
    for (int second_number = 1; second_number < 15; ++second_number) {
        bench.run_until(bench.now + 1s);
        CHECK(bench.say(other, wire::ModuleBeacon{}).empty());
        CHECK(bench.say(other, Bench::beat(1)).empty());
        CHECK(bench.state() == State::attached);
        CHECK(bench.supervisor() == 1);
    }
    bench.run_until(bench.now + 1s);
    CHECK(bench.state() == State::headless);
    CHECK(bench.say(other, wire::ModuleBeacon{}).size() == 1);
    bench.say(other, Bench::accept());
    CHECK(bench.supervisor() == 2);
}

TEST_CASE("a farewell of its supervisor's life makes it search at once", "[HB-8]") {
    Bench bench;
    auto sup = first();
    bench.attach(sup, mac(2));
    const auto leaving = [](std::uint64_t subject) {
        wire::Leaving message;
        message.status.heartbeat_interval = 1s;
        message.status.loss_interval = 15s;
        message.subject = ha::Incarnation{subject};
        message.reason = wire::LeaveReason::reload;
        return message;
    };
    auto other = second();
    bench.say(other, leaving(0x300000009));
    bench.say(sup, leaving(0x400000000));
    Speaker spoofer{1, mac(66), 0x500000001};
    bench.say(spoofer, leaving(0x500000001));
    CHECK(bench.state() == State::attached);
    CHECK(bench.drops(wire::DropReason::unlearnt_mac) == 1);
    const auto sent = bench.say(sup, leaving(0x500000001));
    CHECK(bench.state() == State::searching);
    CHECK(messages<wire::ModuleHello>(sent).size() == 1);
    CHECK(bench.module.snapshot().reason == "supervisor 1 reloads");
}

TEST_CASE("a restarted or forgetful supervisor hears from its module at once", "[VEM-2]") {
    Bench bench;
    auto sup = first();
    bench.attach(sup);
    Speaker restarted{1, mac(1), 0x600000000};
    SECTION("a newer life beacons") {
        CHECK(messages<wire::ModuleHello>(bench.say(restarted, wire::ModuleBeacon{})).size() == 1);
        bench.say(restarted, Bench::accept());
        CHECK(bench.module.snapshot().supervisor_incarnation == ha::Incarnation{0x600000000});
    }
    SECTION("not attached") {
        const wire::ModuleDetach detach{ha::Incarnation{77}, host(1),
                                        wire::DetachReason::not_attached};
        CHECK(messages<wire::ModuleHello>(bench.say(sup, detach)).size() == 1);
        CHECK(bench.say(sup, detach).empty());
    }
    SECTION("it lives, but has removed this module") {
        bench.run_until(bench.now + 3s);
        CHECK(messages<wire::ModuleHello>(bench.say(sup, wire::ModuleBeacon{})).size() == 1);
    }
}

TEST_CASE("a module follows its own supervisor to another domain, and nobody else", "[OPS-1]") {
    Bench bench;
    auto own = first();
    auto other = second();
    bench.attach(own);
    auto call = Bench::beat(0);
    call.new_domain = ha::DomainId{200};
    SECTION("another active, or another life, calls in vain") {
        CHECK(bench.say(other, call).empty());
        auto late = own;
        late.incarnation -= 1;
        bench.say(late, call);
        auto stranger = call;
        stranger.names = ha::Incarnation{78};
        bench.say(own, stranger);
        CHECK(bench.domains.empty());
        CHECK(bench.state() == State::attached);
        CHECK(ha::number(bench.module.snapshot().domain) == 100);
        return;
    }
    const auto sent = bench.say(own, call);
    REQUIRE(messages<wire::ModuleHello>(sent).size() == 1);
    CHECK(sent.front().frame.domain == ha::DomainId{200});
    CHECK(bench.domains == std::vector{ha::DomainId{200}});
    CHECK(bench.state() == State::searching);
    // Calls are repeated in the old domain; they are heard no more.
    bench.say(own, call);
    CHECK(bench.drops(wire::DropReason::foreign_domain) == 1);
    own.domain = ha::DomainId{200};
    bench.say(own, Bench::accept());
    CHECK(bench.state() == State::attached);
    CHECK(bench.domains.size() == 1);
    bench.say(own, call);  // there already
    CHECK(bench.state() == State::attached);
}

TEST_CASE("a stop says goodbye and ends", "[HB-8]") {
    Bench bench;
    auto sup = first();
    bench.attach(sup);
    const auto sent = bench.step(vem::module::StopRequested{bench.now});
    REQUIRE(messages<wire::ModuleDetach>(sent).size() == 1);
    CHECK(messages<wire::ModuleDetach>(sent)[0].reason == wire::DetachReason::stopping);
    CHECK(bench.stopped);
    CHECK(bench.module.next_deadline() == ha::kNever);
    CHECK(bench.say(sup, Bench::beat(1)).empty());
}

TEST_CASE("frames that are not for modules, or from no supervisor, change nothing", "[ANY-1]") {
    Bench bench;
    auto sup = first();
    bench.attach(sup);
    const auto before = bench.module.snapshot();
    Speaker peer{4, mac(4), 1};
    peer.slot = 0;
    bench.say(peer, wire::ModuleHeartbeatReply{ha::Incarnation{77}, host(2), ha::Slot{4}, 1});
    CHECK(bench.drops(wire::DropReason::not_for_us) == 1);
    const wire::Bytes rubbish{1, 2, 3};
    bench.step(vem::module::FrameReceived{mac(9), rubbish, bench.now, bench.now});
    auto payload = sup.frame(wire::SwitchRequest{1});
    bench.step(vem::module::FrameReceived{mac(3), payload, bench.now, bench.now});
    CHECK(bench.drops(wire::DropReason::own_frame) == 1);
    CHECK(bench.module.snapshot().supervisor_incarnation == before.supervisor_incarnation);
    CHECK(bench.state() == State::attached);
}

TEST_CASE("timers that differ are told once and never make headless between beats", "[VEM-3]") {
    auto options = Bench::options({});
    options.heartbeat_interval = 50ms;
    options.headless_after = 750ms;
    Bench bench;
    bench.module = vem::module::Module{options, bench.now};
    auto sup = first();
    bench.attach(sup);
    bench.heartbeats(sup, bench.now + 20s);
    CHECK(bench.state() == State::attached);
    CHECK(std::count_if(bench.reports.begin(), bench.reports.end(), [](const auto& report) {
              return report.id == ha::catalog::MessageId::interval_differs;
          }) == 1);
}

TEST_CASE("discovery that everybody hears is no drop", "[VEM-5]") {
    Bench bench;
    Speaker one{1, mac(1), 0x500000001};
    Speaker module{0, mac(30), 0x900000001};
    bench.attach(one);
    wire::SupervisorStatus status;
    status.heartbeat_interval = 1s;
    status.loss_interval = 15s;
    CHECK(bench.say(one, wire::Hello{status, {}}).empty());
    CHECK(bench.say(module, wire::ModuleHello{host(2), "host-2", ha::kNoSlot, false}).empty());
    CHECK(bench.module.snapshot().drops.empty());
    // What nobody should send to a module still counts.
    bench.say(one, wire::StateApplied{ha::Incarnation{1}, 1});
    CHECK(bench.drops(wire::DropReason::not_for_us) == 1);
}
