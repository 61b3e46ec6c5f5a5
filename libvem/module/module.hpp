// The module's machine (VEM): find an active supervisor, attach, follow switch requests, go headless,
// and say why at every step (BEHAVIOUR VEM-1…VEM-7). Pure. It never decides anything about the data
// traffic of its ports: attachment and headless mode do not touch forwarding (VEM-6).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libha/base/identity.hpp"
#include "libha/base/time.hpp"
#include "libha/base/uuid.hpp"
#include "libha/catalog/catalog.hpp"
#include "libha/wire/codec.hpp"
#include "libha/wire/receiver.hpp"

namespace vem::module {

using ha::Duration;
using ha::Instant;

struct Options {
    ha::DomainId domain{1};
    ha::Uuid host;
    std::string host_name;
    ha::Incarnation incarnation = ha::kNoIncarnation;
    ha::wire::Keyring keyring;
    ha::Slot remembered_module = ha::kNoSlot;  ///< from the store
    Duration heartbeat_interval{std::chrono::seconds{1}};
    Duration headless_after{std::chrono::seconds{15}};  ///< VEM-3
};

/// A payload received on the control port, as bytes: the machine holds the gate itself.
struct FrameReceived {
    ha::MacAddress source;
    ha::wire::ByteView payload;  ///< valid during step()
    Instant received_at;         ///< never later than now
    Instant now;
};
struct Tick {
    Instant now;
};
struct LinkChanged {
    bool present = false;  ///< the interface exists
    bool admin_up = false;
    bool carrier = false;
    ha::MacAddress mac;
    Instant now;
};
/// SIGTERM: say goodbye, then Stopped.
struct StopRequested {
    Instant now;
};
/// SIGHUP with another keyring.
struct KeyringChanged {
    ha::wire::Keyring keyring;
    Instant now;
};
using Input = std::variant<FrameReceived, Tick, LinkChanged, StopRequested, KeyringChanged>;

/// Put a sealed payload on the control port.
struct SendFrame {
    ha::MacAddress destination;
    ha::wire::Bytes payload;
};
/// Remember the module number (best effort; the supervisor's record rules).
struct RememberModule {
    ha::Slot module;
};
/// Everything that had to be said has been handed out: the process may end.
struct Stopped {};
using Effect = std::variant<SendFrame, RememberModule, Stopped, ha::catalog::Report>;
using Effects = std::vector<Effect>;

enum class State : std::uint8_t {
    searching,  ///< no supervisor yet, or its supervisor left: attaches to any active one
    attached,   ///< has a supervisor
    headless,   ///< its supervisor has been silent for headless_after (VEM-3): attaches to any active
    stopped,
};
std::string_view to_string(State state);

struct Snapshot {
    State state = State::searching;
    std::string reason;
    Instant since;
    ha::Slot module = ha::kNoSlot;
    ha::Slot supervisor = ha::kNoSlot;  ///< attached to, or last attached to
    ha::MacAddress supervisor_mac;
    ha::Incarnation supervisor_incarnation = ha::kNoIncarnation;
    ha::MacAddress other_supervisor_mac;  ///< its standby's, zero: none
    Instant last_heard;                   ///< of the supervisor
    Instant attached_since;
    ha::DomainId domain{};
    ha::Uuid host;
    std::string host_name;
    LinkChanged link;
    std::map<ha::wire::DropReason, std::uint64_t> drops;
    std::uint64_t frames_received = 0;
    std::uint64_t frames_sent = 0;
    std::uint64_t switches = 0;
    std::uint64_t headless_times = 0;
};

class Module {
public:
    Module(Options options, Instant now);
    void step(const Input& input, Effects& effects);
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Snapshot snapshot() const;

private:
    // (the implementer's)
};

}  // namespace vem::module
