#include "test/unit/journal/samples.hpp"

#include <limits>

namespace ha::journal::samples {
namespace {

using namespace supervisor;
using namespace std::chrono_literals;

constexpr MacAddress kMac{{0x02, 0xff, 0x00, 0x80, 0x7f, 0x01}};
constexpr Instant kNow{std::chrono::hours{24 * 365 * 10} + 1ns};
constexpr auto kMax64 = std::numeric_limits<std::uint64_t>::max();

wire::Keyring keyring() {
    wire::Keyring ring;
    ring.keys.resize(2);
    ring.keys[0].id = 255;
    ring.keys[0].secret.fill(0xa5);
    ring.keys[1].id = 1;
    return ring;
}

PersistentState state() {
    PersistentState state;
    state.boots = std::numeric_limits<std::uint32_t>::max();
    state.peer_macs = {kMac, kBroadcastMac};
    state.peer_incarnation = Incarnation{kMax64};
    state.configuration_maker = kMax64;
    state.configuration_revision = 23;
    Uuid host;
    host.octets.fill(0xfe);
    state.modules = {{host, Slot{kFirstModuleNumber}, ""},
                     {Uuid{}, Slot{kLastModuleNumber}, std::string("\xff\x00 name", 7)}};
    state.administrative_role = Role::standalone;
    return state;
}

}  // namespace

Options unusual_options() {
    Options options;
    options.pair.role = Role::secondary;
    options.pair.domain = DomainId{kDomainIdMaximum};
    options.pair.incarnation = Incarnation{0x1234567890abcdef};
    options.pair.personality = redundancy::Personality::vsg;
    options.pair.peer_mac_policy = redundancy::PeerMacPolicy::fixed;
    options.pair.authenticated = true;
    options.pair.heartbeat_interval = 333333333ns;
    options.pair.loss_interval = 10s;
    options.pair.peer_macs = {kBroadcastMac, kMac};
    options.pair.peer_incarnation = Incarnation{24};
    options.modules.incarnation = Incarnation{25};
    options.modules.heartbeat_interval = 2s;
    options.modules.missed_limit = 65536;
    options.modules.switch_request_copies = 0;
    options.keyring = keyring();
    options.stored = StoredState(state());
    options.backlog_limit = kMax64;
    return options;
}

std::vector<Input> all_inputs() {
    static const wire::Bytes kPayload(wire::kMaximumPayload, 0xff);
    return {
        FrameReceived{PortKind::mgmt, kMac, kPayload, kNow - 5ns, kNow},
        FramesDropped{PortKind::mgmt, wire::DropReason::rate_limited, kMax64, kNow},
        Tick{Instant{-1ns}, WallTime{1347389957250ms}},
        LinkChanged{
            PortKind::control, {true, false, true, kMac, "eth\"0", std::string(300, 'r')}, kNow},
        StoreCompleted{kMax64, true, kNow},
        StopRequested{Instant{}},
        ReloadRequested{kNow},
        ClearPeerMac{kNow},
        KeyringChanged{keyring(), kNow},
        ChangeRequested{kMax64,
                        {"admin", "console0"},
                        "hostname \x1b",
                        ConfigurationLine{"", "hostname x"},
                        WallTime{5ms},
                        kNow},
        Stalled{15min, kNow},
        SwitchoverRequested{kNow},
        LossIntervalChanged{30s, kNow},
        RoleRequested{Role::secondary, kNow},
        ClearKeptLog{records::Space::accounting_of_remote, kNow},
        ConsoleRequested{8, "admin", "show clock", kNow},
        ConsoleAnswered{9, {1, "output", "error"}, kNow}};
}

Effects all_effects() {
    return {SendFrame{PortKind::mgmt, kMac, wire::Bytes(300, 0x00)},
            Persist{65535, changes_between({}, state())},
            ChangeCompleted{kMax64, "No space"},
            ConfigurationChanged{},
            HoldAddress{},
            AnnounceAddress{},
            ReleaseAddress{},
            Restart{"because"},
            Exit{},
            catalog::Report{catalog::MessageId::configuration_refused, {"", "two"}},
            ConsoleCompleted{8, {1, "output", "error"}, "failure"},
            RunConsole{9, "admin", "show clock"}};
}

wire::Bytes journal_of_all() {
    wire::Bytes bytes = encode(LifeBegun{"0.1.0", "vsm-a", WallTime{1ms}, unusual_options(), kNow});
    for (const Input& input : all_inputs()) {
        const wire::Bytes step = encode(step_of(input, all_effects()));
        bytes.insert(bytes.end(), step.begin(), step.end());
    }
    const wire::Bytes gap = encode(Gap{"the disk was slow"});
    bytes.insert(bytes.end(), gap.begin(), gap.end());
    return bytes;
}

std::vector<Record> records_of(wire::ByteView bytes) {
    std::vector<Record> records;
    while (!bytes.empty()) {
        const auto framed = unframe(bytes);
        if (!framed || !*framed)
            return {};
        auto record = decode((*framed)->body);
        if (!record)
            return {};
        records.push_back(std::move(*record));
        bytes = bytes.subspan((*framed)->size);
    }
    return records;
}

}  // namespace ha::journal::samples
