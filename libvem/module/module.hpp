// The module's machine (VEM): find an active supervisor, attach, follow switch requests, go
// headless, and say why at every step (BEHAVIOUR VEM-1…VEM-7). Pure. It never decides anything
// about the data traffic of its ports: attachment and headless mode do not touch forwarding
// (VEM-6).
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
    /// From the store: the orders for its ports that it was given last (VEM-8).
    std::vector<ha::wire::PortOrder> remembered_orders;
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
/// What the ports that carry traffic are now, 1, 2, … in this order: the first
/// kMaximumModulePorts of the configuration.
struct PortsChanged {
    std::vector<ha::wire::PortState> ports;
    Instant now;
};
using Input =
    std::variant<FrameReceived, Tick, LinkChanged, StopRequested, KeyringChanged, PortsChanged>;

/// Put a sealed payload on the control port.
struct SendFrame {
    ha::MacAddress destination;
    ha::wire::Bytes payload;
};
/// Remember the module number (best effort; the supervisor's record rules).
struct RememberModule {
    ha::Slot module;
};
/// Remember these orders and carry them out, now and whenever a port is otherwise (VEM-8). Of the
/// ports 1, 2, …; those beyond have none.
struct OrderPorts {
    std::vector<ha::wire::PortOrder> orders;
};
/// Remember this domain: it counts from now on, also after a restart, until another one is
/// configured.
struct RememberDomain {
    ha::DomainId domain{};
};
/// Everything that had to be said has been handed out: the process may end.
struct Stopped {};
/// The same, and another life is to begin at once (SW-6). Ports stay as they are.
struct Restart {
    std::string reason;
};
using Effect = std::variant<SendFrame, RememberModule, OrderPorts, RememberDomain, Stopped, Restart,
                            ha::catalog::Report>;
using Effects = std::vector<Effect>;

enum class State : std::uint8_t {
    searching,  ///< no supervisor yet, or its supervisor left: attaches to any active one
    attached,   ///< has a supervisor
    headless,   ///< its supervisor has been silent for headless_after (VEM-3): attaches to any
                ///< active
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
    std::vector<ha::wire::PortOrder> port_orders;  ///< held, of the ports 1, 2, …
    std::vector<ha::wire::PortState> ports;
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
    /// The gist of a snapshot, for those who look after every step.
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] ha::Slot number() const { return module_; }
    /// Of the supervisor it is, or was last, attached to.
    [[nodiscard]] ha::Incarnation supervisor_incarnation() const { return supervisor_.incarnation; }
    [[nodiscard]] ha::Incarnation incarnation() const { return options_.incarnation; }

private:
    /// One life of one supervisor, as its frames show it.
    struct Supervisor {
        ha::Slot slot = ha::kNoSlot;
        ha::MacAddress mac;
        ha::Incarnation incarnation = ha::kNoIncarnation;
        [[nodiscard]] bool same_place(const Supervisor& other) const {
            return slot == other.slot && mac == other.mac;
        }
        friend bool operator==(const Supervisor&, const Supervisor&) = default;
    };
    /// On the way to a supervisor. The module leaves its own only when the other has accepted it,
    /// so a request nobody stands behind changes nothing (VEM-4).
    struct Joining {
        Supervisor target;
        Instant began;
        Instant next_hello;
        Instant give_up;
        bool is_switch = false;  ///< away from another one, at its request
    };
    /// The last switch request acted upon of one place: its copies and older ones change nothing.
    struct Acted {
        Supervisor sender;
        std::uint32_t number = 0;
    };
    /// So many events an interval and no more: what strangers may make us do.
    struct Budget {
        Instant window;
        unsigned used = 0;
        bool take(Instant now, Duration interval, unsigned limit);
    };
    /// A frame that passed the gate, with its sender and times.
    struct Heard {
        Supervisor from;
        bool authenticated = false;
        Instant received_at;
        Instant now;
    };

    void on(const FrameReceived& input, Effects& effects);
    void on(const Tick& input, Effects& effects);
    void on(const LinkChanged& input, Effects& effects);
    void on(const StopRequested& input, Effects& effects);
    void on(const KeyringChanged& input, Effects& effects);
    void on(const PortsChanged& input, Effects& effects);

    void take(const Heard& heard, const ha::wire::ModuleBeacon& beacon, Effects& effects);
    void take(const Heard& heard, const ha::wire::SwitchRequest& request, Effects& effects);
    void take(const Heard& heard, const ha::wire::ModuleAccept& accept, Effects& effects);
    void take(const Heard& heard, const ha::wire::ModuleHeartbeat& heartbeat, Effects& effects);
    void take(const Heard& heard, const ha::wire::ModuleDetach& detach, Effects& effects);
    void take(const Heard& heard, const ha::wire::Leaving& leaving, Effects& effects);

    // ports.cpp
    void take_orders(const ha::wire::PortOrders& orders, Effects& effects);
    void reply(Effects& effects);

    void follow_to(ha::DomainId domain, const Heard& heard, Effects& effects);
    void reload(const Heard& heard, Effects& effects);
    void attach(const Heard& heard, const ha::wire::ModuleAccept& accept, Effects& effects);
    void join(const Supervisor& target, bool is_switch, const std::string& reason, Instant now,
              Effects& effects);
    void search(const std::string& event, const std::string& reason, Instant now, Effects& effects);
    void go_headless(Instant now, Effects& effects);
    void give_up_joining(Instant now, Effects& effects);
    void enter(State state, const std::string& event, const std::string& reason, Instant now,
               Effects& effects);
    void tell_differing_interval(Effects& effects);
    /// The longer of both sides' heartbeat intervals, and the silence that makes headless.
    [[nodiscard]] Duration pace() const;
    [[nodiscard]] Duration headless_after() const;
    [[nodiscard]] bool believes_request(const Heard& heard) const;
    bool is_new_request(const Heard& heard, std::uint32_t number);
    void answer_with_hello(const Heard& heard, Effects& effects);
    void say_hello(const ha::MacAddress& destination, Effects& effects);
    void send(const ha::MacAddress& destination, ha::wire::Message message, Effects& effects);
    void drop(ha::wire::DropReason reason);

    [[nodiscard]] bool seeks() const {
        return state_ == State::searching || state_ == State::headless;
    }
    [[nodiscard]] bool can_send() const {
        return link_.present && link_.admin_up && link_.carrier && !link_.mac.is_zero();
    }

    Options options_;
    ha::wire::Receiver receiver_;
    State state_ = State::searching;
    std::string reason_;
    Instant since_;
    ha::Slot module_ = ha::kNoSlot;
    Supervisor supervisor_;  ///< attached to, or last attached to
    ha::MacAddress other_supervisor_mac_;
    Instant last_heard_;  ///< receive time of the supervisor's last heartbeat or accept
    Instant attached_since_;
    Duration supervisor_interval_{};  ///< h as the supervisor that accepted us said
    std::optional<Joining> joining_;
    std::vector<Acted> acted_;  ///< newest last, at most kMaximumActed
    Instant next_hello_;
    std::uint32_t answered_ =
        0;  ///< number of its last heartbeat answered, 0: none of this attachment
    std::vector<ha::wire::PortOrder> orders_;  ///< held
    Supervisor orders_from_;                   ///< who gave orders_number_
    std::uint32_t orders_number_ = 0;
    std::vector<ha::wire::PortState> ports_;
    Budget reports_;
    LinkChanged link_;
    std::uint64_t sequence_ = 0;
    Budget hellos_;
    Budget replies_;
    Supervisor interval_told_for_;  ///< whose differing interval has been reported
    std::map<ha::wire::DropReason, std::uint64_t> drops_;
    std::uint64_t frames_received_ = 0;
    std::uint64_t frames_sent_ = 0;
    std::uint64_t switches_ = 0;
    std::uint64_t headless_times_ = 0;
};

}  // namespace vem::module
