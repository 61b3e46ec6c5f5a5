// `reload module N` as the module sees it: its own supervisor may, in the life it speaks to, and
// nobody else (SW-6, VEM-7).
#include "test/unit/module/bench.hpp"

using namespace vem::test;
using ha::catalog::MessageId;
using ha::wire::DetachReason;
using ha::wire::DropReason;
using ha::wire::ModuleDetach;
using vem::module::State;

namespace {

Speaker active() {
    return {1, mac(1), 0x500000001};
}
ModuleDetach reload(std::uint64_t names = 77) {
    return {ha::Incarnation{names}, host(1), DetachReason::reload};
}

}  // namespace

TEST_CASE("the module says goodbye and begins anew", "[SW-6][VEM-7]") {
    Bench bench;
    Speaker supervisor = active();
    bench.attach(supervisor);
    const auto sent = bench.say(supervisor, reload());
    const auto farewells = messages<ModuleDetach>(sent);
    REQUIRE(farewells.size() == 2);
    CHECK(farewells[0] ==
          ModuleDetach{ha::Incarnation{0x500000001}, host(1), DetachReason::reload});
    CHECK(bench.restarts == std::vector<std::string>{"supervisor 1 ordered a reload"});
    CHECK(bench.state() == State::stopped);
    CHECK(bench.ordered.empty());  // no port is touched (VEM-6)
    CHECK(bench.say(supervisor, reload()).empty());
}

TEST_CASE("an order that was recorded, or comes from elsewhere, is not obeyed", "[SW-6][ANY-1]") {
    Bench bench;
    Speaker supervisor = active();
    bench.attach(supervisor);
    SECTION("it names another life of the module") {
        bench.say(supervisor, reload(76));
    }
    SECTION("it is a copy of an earlier frame") {
        Speaker same = supervisor;
        bench.say(same, Bench::beat(1));
        bench.say(supervisor, reload());  // the same sequence number
        CHECK(bench.drops(DropReason::replayed) == 1);
    }
    SECTION("it comes from the other supervisor") {
        Speaker other{2, mac(2), 0x500000002};
        bench.say(other, reload());
    }
    SECTION("it comes from an earlier life of the supervisor") {
        Speaker earlier{1, mac(1), 0x400000001};
        bench.say(earlier, reload());
    }
    SECTION("it comes from a life of the supervisor that has not accepted the module") {
        Speaker later{1, mac(1), 0x600000001};
        bench.say(later, reload());
    }
    SECTION("another host is meant") {
        bench.say(supervisor, ModuleDetach{ha::Incarnation{77}, host(2), DetachReason::reload});
    }
    CHECK(bench.restarts.empty());
    CHECK(bench.state() == State::attached);
}

TEST_CASE("with a key, an order without a proof is not obeyed", "[SW-6][ANY-1]") {
    ha::wire::Keyring keyring;
    keyring.keys.push_back({1, {}});
    Bench bench{keyring};
    Speaker supervisor = active();
    supervisor.keyring = keyring;
    bench.attach(supervisor);
    Speaker thief{1, mac(1), 0x500000001};
    thief.sequence = 100;
    bench.say(thief, reload());
    CHECK(bench.restarts.empty());
    CHECK(bench.drops(DropReason::authentication_missing) == 1);
    bench.say(supervisor, reload());
    CHECK(bench.restarts.size() == 1);
}

TEST_CASE("a module without a supervisor is nobody's to reload", "[SW-6]") {
    Bench bench;
    Speaker supervisor = active();
    bench.link_up();
    bench.say(supervisor, reload());
    CHECK(bench.restarts.empty());
}
