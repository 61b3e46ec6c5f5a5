// Every state of ours × every claim of the peer × every frame type and flag, and every local event:
// what the machine does, compared with a reviewed file. VSM_HA_REWRITE=1 writes it anew; commit
// only differences that you understand.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "libha/redundancy/pair.hpp"
#include "libha/wire/layout.hpp"

using namespace ha;
using namespace ha::redundancy;
using namespace std::chrono_literals;
using wire::ClaimedState;

namespace {

constexpr Incarnation kOurs{0x100000001};
constexpr Incarnation kPeers{0x200000001};
constexpr Incarnation kPeersNext{0x300000001};
constexpr MacAddress kPeerMac{{2, 0, 0, 0, 1, 9}};
const Instant kStart{1000s};

/// "; sends a; sends b; sends a; sends b" of many turns as "; (sends a; sends b) 7 times".
std::string in_one_line(const std::vector<std::string>& did) {
    constexpr std::size_t kMany = 5;
    constexpr std::size_t kTurn = 2;
    std::string text;
    for (std::size_t at = 0; at < did.size();) {
        std::size_t turns = 1;
        while (at + (turns + 1) * kTurn <= did.size() && did[at + turns * kTurn] == did[at] &&
               did[at + turns * kTurn + 1] == did[at + 1])
            ++turns;
        if (turns >= kMany) {
            text += "; (" + did[at] + "; " + did[at + 1] + ") " + std::to_string(turns) + " times";
            at += turns * kTurn;
        } else {
            text += "; " + did[at++];
        }
    }
    return text;
}

/// A pair machine with a peer made of hand-written frames.
struct Bench {
    Pair pair;
    Effects effects;
    Instant now = kStart;
    Role role;
    std::uint64_t sequence = 0;
    MacAddress source = kPeerMac;

    explicit Bench(Role own_role) : pair(options(own_role), kStart), role(own_role) {
        for (const PortKind port : kPortKinds)
            pair.step(LinkChanged{port, true, "", now}, effects);
        pair.step(RevisionChanged{1, now}, effects);
    }
    static Options options(Role own_role) {
        Options options;
        options.role = own_role;
        options.incarnation = kOurs;
        return options;
    }

    void frame(wire::Message message, Incarnation sender = kPeers,
               std::uint8_t version = wire::kVersion) {
        wire::Received received;
        received.frame.slot = other_slot(slot_of(role));
        received.frame.role = role == Role::primary ? Role::secondary : Role::primary;
        received.frame.incarnation = sender;
        received.frame.sequence = ++sequence;
        received.frame.message = std::move(message);
        received.source = source;
        const redundancy::FrameReceived input{received, PortKind::control, now, now};
        if (version == wire::kVersion)
            pair.step(input, effects);
        else
            pair.step(OtherVersionReceived{version, input, now}, effects);
    }
    static wire::SupervisorStatus status(ClaimedState state, Incarnation names = kOurs) {
        wire::SupervisorStatus status;
        status.state = state;
        status.names = names;
        status.heartbeat_interval = 1s;
        status.loss_interval = 15s;
        const bool leads = state == ClaimedState::active || state == ClaimedState::switching_over;
        status.revision = leads ? 1 : 0;
        return status;
    }
    /// "Take over": what a state may say that has no business to say it, too.
    void order(ClaimedState state, Incarnation names, std::uint64_t revision) {
        auto made = status(state, names);
        made.revision = revision;
        made.set(wire::ControlFlag::switch_over);
        made.set(wire::ControlFlag::synchronized);
        frame(wire::HeartbeatRequest{made, 7, {}});
    }
    void gasp(const wire::SupervisorStatus& said, Incarnation of) {
        frame(wire::Leaving{said, of, wire::LeaveReason::crash}, of);
    }
    /// What all versions keep of a frame of another one.
    void other_version(wire::Message message, Incarnation sender = kPeersNext) {
        frame(std::move(message), sender, 2);
    }
    void hello(ClaimedState state) { frame(wire::Hello{status(state), {}}); }
    void wait(Duration duration) {
        const Instant end = now + duration;
        while (pair.next_deadline() <= end) {
            now = std::max(now, pair.next_deadline());
            pair.step(Tick{now}, effects);
        }
        now = end;
    }

    /// Brings the machine into a state the way it gets there in life.
    void reach(PairState state) {
        switch (state) {
            case PairState::standalone:
            case PairState::discovering:
                return;
            case PairState::waiting:
                return hello(ClaimedState::initializing);
            case PairState::active_alone:
                return wait(3s);
            case PairState::active_syncing:
                reach(PairState::active_alone);
                pair.step(RevisionChanged{2, now}, effects);
                return frame(wire::HeartbeatResponse{status(ClaimedState::standby_syncing), 0});
            case PairState::active_ha: {
                reach(PairState::active_syncing);
                auto caught_up = status(ClaimedState::standby_syncing);
                caught_up.applied_revision = 2;
                return frame(wire::HeartbeatResponse{caught_up, 1});
            }
            case PairState::active_arbitrating:
                reach(PairState::active_alone);
                return hello(ClaimedState::active);
            case PairState::switching_over:
                reach(PairState::active_ha);
                return pair.step(SwitchoverRequested{now}, effects);
            case PairState::standby_syncing:
                return hello(ClaimedState::active);
            case PairState::standby_ha: {
                reach(PairState::standby_syncing);
                pair.step(RevisionChanged{1, now}, effects);
                auto confirmed = status(ClaimedState::active);
                confirmed.set(wire::ControlFlag::synchronized);
                return frame(wire::HeartbeatRequest{confirmed, 1, {}});
            }
            case PairState::leaving:
                return pair.step(StopRequested{wire::LeaveReason::stop, now}, effects);
        }
    }

    /// "active-alone; sends heartbeat-request reset-yourself; drops not-for-us; restarts".
    std::string outcome() const {
        std::vector<std::string> did;
        for (const Effect& effect : effects) {
            std::string text;
            if (const auto* sent = std::get_if<redundancy::SendMessage>(&effect)) {
                text += std::string(to_string(wire::type_of(sent->message))) + " on " +
                        std::string(to_string(sent->port));
                if (const auto* request = std::get_if<wire::HeartbeatRequest>(&sent->message)) {
                    text += request->status.has(wire::ControlFlag::reset_yourself)
                                ? " reset-yourself"
                                : "";
                    text +=
                        request->status.has(wire::ControlFlag::switch_over) ? " switch-over" : "";
                    text += request->arbitration ? " arbitration" : "";
                } else if (const auto* response =
                               std::get_if<wire::HeartbeatResponse>(&sent->message)) {
                    text += response->status.has(wire::ControlFlag::reset_me) ? " reset-me" : "";
                }
            } else if (const auto* dropped = std::get_if<redundancy::Dropped>(&effect)) {
                text += "drops " + std::string(to_string(dropped->reason));
            } else if (const auto* report = std::get_if<catalog::Report>(&effect)) {
                if (report->id == catalog::MessageId::switchover_refused)
                    text += "refuses";
            } else if (std::holds_alternative<AdministrativeRoleChanged>(effect)) {
                text += "will be " + std::string(to_string(pair.administrative_role()));
            } else if (std::holds_alternative<StayedActive>(effect)) {
                text += "announces again";
            } else if (const auto* resigned = std::get_if<Resigned>(&effect)) {
                text += resigned->why == wire::LeaveReason::stop ? "exits" : "restarts";
            }
            if (!text.empty())
                did.push_back(std::move(text));
        }
        return std::string(to_string(pair.state())) + in_one_line(did);
    }
};

struct Stimulus {
    std::string name;
    std::function<void(Bench&)> apply;
};

wire::Arbitration arbitration_of_peer(bool echo) {
    wire::Arbitration part;
    part.mine.number = 1;
    part.mine.module_count = 5;
    if (echo)
        part.yours.emplace();  // never what we froze: the machine must not take it for an answer
    return part;
}

/// What is not the gasp of the peer's present life to ours; and more than one of it.
void add_gasps(const std::function<void(std::string, std::function<void(Bench&)>)>& add) {
    constexpr auto kActive = ClaimedState::active;
    add("dying gasp of a life before",
        [](Bench& bench) { bench.gasp(Bench::status(kActive), Incarnation{1}); });
    add("dying gasp of a life never met",
        [](Bench& bench) { bench.gasp(Bench::status(kActive), kPeersNext); });
    add("dying gasp that does not name us",
        [](Bench& bench) { bench.gasp(Bench::status(kActive, kNoIncarnation), kPeers); });
    add("dying gasp for another life of ours",
        [](Bench& bench) { bench.gasp(Bench::status(kActive, Incarnation{77}), kPeers); });
    add("dying gasp that another life says", [](Bench& bench) {
        bench.frame(
            wire::Leaving{Bench::status(kActive), Incarnation{5}, wire::LeaveReason::crash});
    });
    add("dying gasp from another MAC", [](Bench& bench) {
        bench.source.octets[5] = 77;
        bench.gasp(Bench::status(kActive), kPeers);
    });
    add("dying gasp, three times", [](Bench& bench) {
        for (int copy = 0; copy < 3; ++copy)
            bench.gasp(Bench::status(kActive), kPeers);
    });
    add("dying gasp, then what was sent before", [](Bench& bench) {
        bench.gasp(Bench::status(kActive), kPeers);
        bench.frame(wire::HeartbeatRequest{Bench::status(kActive), 7, {}});
    });
}

/// Supervisors in the peer's place whose frames are of another wire version.
void add_other_versions(const std::function<void(std::string, std::function<void(Bench&)>)>& add) {
    for (const auto state : {ClaimedState::initializing, ClaimedState::waiting,
                             ClaimedState::active, ClaimedState::standby_ha}) {
        const std::string who =
            "other version, claims state " + std::to_string(static_cast<int>(state));
        add(who, [state](Bench& bench) {
            bench.other_version(wire::Hello{Bench::status(state, kNoIncarnation), {}});
        });
        add(who + ", then silence for 16 s", [state](Bench& bench) {
            bench.other_version(wire::Hello{Bench::status(state), {}});
            bench.wait(16s);
        });
        add(who + ", for 20 s", [state](Bench& bench) {
            for (int second = 0; second < 20; ++second) {
                bench.other_version(wire::Hello{Bench::status(state), {}});
                bench.wait(1s);
            }
        });
    }
    add("other version, active, then leaving", [](Bench& bench) {
        const auto status = Bench::status(ClaimedState::active);
        bench.other_version(wire::Hello{status, {}});
        bench.other_version(wire::Leaving{status, kPeersNext, wire::LeaveReason::stop});
        bench.wait(3s);
    });
    add("other version, of the peer's life", [](Bench& bench) {
        bench.other_version(wire::Hello{Bench::status(ClaimedState::active), {}}, kPeers);
    });
    add("other version, from another MAC", [](Bench& bench) {
        bench.source.octets[5] = 77;
        bench.other_version(wire::Hello{Bench::status(ClaimedState::active), {}});
    });
}

std::vector<Stimulus> stimuli() {
    std::vector<Stimulus> all;
    const auto add = [&](std::string name, std::function<void(Bench&)> apply) {
        all.push_back({std::move(name), std::move(apply)});
    };
    for (const auto& [state, name] :
         {std::pair{ClaimedState::initializing, "initializing"},
          std::pair{ClaimedState::waiting, "waiting"}, std::pair{ClaimedState::active, "active"},
          std::pair{ClaimedState::standby_syncing, "standby-syncing"},
          std::pair{ClaimedState::standby_ha, "standby-ha"},
          std::pair{ClaimedState::switching_over, "switching-over"}}) {
        const std::string who = std::string("peer ") + name;
        add(who + ": hello", [state = state](Bench& bench) { bench.hello(state); });
        add(who + ": hello that does not name us", [state = state](Bench& bench) {
            bench.frame(wire::Hello{Bench::status(state, kNoIncarnation), {}});
        });
        add(who + ": hello of a new life", [state = state](Bench& bench) {
            bench.frame(wire::Hello{Bench::status(state), {}}, kPeersNext);
        });
        add(who + ": hello of an old life", [state = state](Bench& bench) {
            bench.frame(wire::Hello{Bench::status(state, kNoIncarnation), {}}, Incarnation{1});
        });
        add(who + ": request", [state = state](Bench& bench) {
            bench.frame(wire::HeartbeatRequest{Bench::status(state), 7, {}});
        });
        add(who + ": response", [state = state](Bench& bench) {
            bench.frame(wire::HeartbeatResponse{Bench::status(state), 7});
        });
        add(who + ": request with reset-yourself", [state = state](Bench& bench) {
            auto status = Bench::status(state);
            status.set(wire::ControlFlag::reset_yourself);
            bench.frame(wire::HeartbeatRequest{status, 7, {}});
        });
        add(who + ": reset-yourself for another life", [state = state](Bench& bench) {
            auto status = Bench::status(state, Incarnation{77});
            status.set(wire::ControlFlag::reset_yourself);
            bench.frame(wire::HeartbeatRequest{status, 7, {}});
        });
        add(who + ": response with reset-me", [state = state](Bench& bench) {
            auto status = Bench::status(state);
            status.set(wire::ControlFlag::reset_me);
            bench.frame(wire::HeartbeatResponse{status, 7});
        });
        add(who + ": request with switch-over, then a tick", [state = state](Bench& bench) {
            bench.order(state, kOurs, 1);
            bench.pair.step(Tick{bench.now}, bench.effects);
        });
        add(who + ": request with switch-over, a heartbeat interval ago",
            [state = state](Bench& bench) {
                bench.order(state, kOurs, 1);
                bench.now += 1s;
                bench.pair.step(Tick{bench.now}, bench.effects);
            });
        add(who + ": request with switch-over, taken back", [state = state](Bench& bench) {
            bench.order(state, kOurs, 1);
            bench.hello(ClaimedState::active);
            bench.pair.step(Tick{bench.now}, bench.effects);
        });
        add(who + ": switch-over for another life, then a tick", [state = state](Bench& bench) {
            bench.order(state, Incarnation{77}, 1);
            bench.pair.step(Tick{bench.now}, bench.effects);
        });
        add(who + ": switch-over at another revision, then a tick", [state = state](Bench& bench) {
            bench.order(state, kOurs, 2);
            bench.pair.step(Tick{bench.now}, bench.effects);
        });
        add(who + ": request with synchronized", [state = state](Bench& bench) {
            auto status = Bench::status(state);
            status.set(wire::ControlFlag::synchronized);
            bench.frame(wire::HeartbeatRequest{status, 7, {}});
        });
        for (const bool echo : {false, true})
            add(who + (echo ? ": arbitration with a wrong echo" : ": arbitration"),
                [state = state, echo](Bench& bench) {
                    bench.frame(
                        wire::HeartbeatRequest{Bench::status(state), 7, arbitration_of_peer(echo)});
                });
        add(who + ": leaving", [state = state](Bench& bench) {
            bench.frame(wire::Leaving{Bench::status(state), kPeers, wire::LeaveReason::stop});
        });
        add(who + ": leaving for another life", [state = state](Bench& bench) {
            bench.frame(
                wire::Leaving{Bench::status(state), Incarnation{5}, wire::LeaveReason::stop});
        });
        add(who + ": dying gasp",
            [state = state](Bench& bench) { bench.gasp(Bench::status(state), kPeers); });
    }
    add_gasps(add);
    add_other_versions(add);
    add("tick at once", [](Bench& bench) { bench.pair.step(Tick{bench.now}, bench.effects); });
    add("silence for 16 s", [](Bench& bench) { bench.wait(16s); });
    add("stop requested", [](Bench& bench) {
        bench.pair.step(StopRequested{wire::LeaveReason::stop, bench.now}, bench.effects);
    });
    add("reload requested", [](Bench& bench) {
        bench.pair.step(StopRequested{wire::LeaveReason::reload, bench.now}, bench.effects);
    });
    add("out of sync", [](Bench& bench) {
        bench.pair.step(OutOfSync{"test", bench.now}, bench.effects);
    });
    add("reload of the standby requested",
        [](Bench& bench) { bench.pair.step(StandbyReloadRequested{bench.now}, bench.effects); });
    add("control link lost", [](Bench& bench) {
        bench.pair.step(LinkChanged{PortKind::control, false, "no carrier", bench.now},
                        bench.effects);
    });
    add("switchover requested",
        [](Bench& bench) { bench.pair.step(SwitchoverRequested{bench.now}, bench.effects); });
    add("switchover requested while a change is under way", [](Bench& bench) {
        bench.pair.step(RevisionChanged{9, bench.now}, bench.effects);
        bench.pair.step(SwitchoverRequested{bench.now}, bench.effects);
    });
    add("not complete in 28 s", [](Bench& bench) {
        for (int second = 0; second < 28; ++second) {
            bench.wait(1s);
            bench.hello(ClaimedState::standby_ha);
        }
        bench.wait(1s);
    });
    for (const Role role : {Role::standalone, Role::primary, Role::secondary})
        add("role " + std::string(to_string(role)) + " requested", [role](Bench& bench) {
            bench.pair.step(RoleRequested{role, bench.now}, bench.effects);
        });
    add("loss interval of 6 s, then silence for 7 s", [](Bench& bench) {
        bench.pair.step(LossIntervalChanged{6s, bench.now}, bench.effects);
        bench.wait(7s);
    });
    add("clear peer-mac",
        [](Bench& bench) { bench.pair.step(ClearPeerMac{bench.now}, bench.effects); });
    return all;
}

std::string matrix() {
    std::string text = "# role state | stimulus | outcome; see pair_matrix_test.cpp\n";
    for (const Role role : {Role::standalone, Role::primary, Role::secondary}) {
        for (std::size_t index = 0; index < kPairStateCount; ++index) {
            const auto state = static_cast<PairState>(index);
            const bool possible = role == Role::standalone ? state == PairState::standalone
                                                           : state != PairState::standalone;
            if (!possible || (role == Role::primary && state == PairState::waiting))
                continue;
            for (const Stimulus& stimulus : stimuli()) {
                Bench bench(role);
                bench.reach(state);
                REQUIRE(bench.pair.state() == state);
                bench.effects.clear();
                stimulus.apply(bench);
                text += std::string(to_string(role)) + " " + std::string(to_string(state)) + " | " +
                        stimulus.name + " | " + bench.outcome() + "\n";
                // Nothing may ask to be woken in the past for ever.
                const Instant due = bench.pair.next_deadline();
                bench.now = std::max(bench.now, due == kNever ? bench.now : due);
                bench.pair.step(Tick{bench.now}, bench.effects);
                REQUIRE(bench.pair.next_deadline() > bench.now);
            }
        }
    }
    return text;
}

}  // namespace

TEST_CASE("Every state meets every frame and event", "[table][ANY-1][ROLE-5][LOSS-2][LOSS-3]") {
    const std::string path = VSM_HA_SOURCE_DIR "/test/table/pair_matrix.txt";
    const std::string found = matrix();
    if (std::getenv("VSM_HA_REWRITE") != nullptr)
        std::ofstream(path) << found;
    std::ifstream file(path);
    std::stringstream reviewed;
    reviewed << file.rdbuf();
    // Line by line, so that a difference is readable.
    std::istringstream found_lines(found);
    std::string expected_line;
    std::string found_line;
    while (std::getline(reviewed, expected_line)) {
        REQUIRE(std::getline(found_lines, found_line));
        CHECK(found_line == expected_line);
    }
    CHECK_FALSE(std::getline(found_lines, found_line));
}
