// What the invariants know of a run: who lives, who is whose peer, whether frames can pass, and
// since when. Plain data, filled by Watch and by nobody else. All times are the world's.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libsim/world/world.hpp"

namespace sim::invariants {

using ha::redundancy::PairState;

/// A supervisor, as its present or last life shows itself.
struct SupervisorFacts {
    bool known = false;  ///< it has been started once
    ha::DomainId domain{};
    ha::Role role = ha::Role::standalone;
    ha::redundancy::PeerMacPolicy policy = ha::redundancy::PeerMacPolicy::sticky;
    bool authenticated = false;
    Duration heartbeat_interval{};
    Duration loss_interval{};
    Duration address_lease{};

    bool lives = false;  ///< there is a machine: not so while it restarts
    bool runs = false;   ///< it lives and is not frozen
    ProcessState process = ProcessState::not_started;
    Instant process_since;
    ha::Incarnation incarnation = ha::kNoIncarnation;
    Instant began;  ///< this life
    /// The newest life so far. A disk that is full or lost its count may let a later one count
    /// back: what its peer makes of it is bounded by T, and not held against anybody.
    ha::Incarnation newest = ha::kNoIncarnation;
    [[nodiscard]] bool counts_back() const { return incarnation < newest; }
    PairState state = PairState::discovering;
    Instant state_since;
    Instant active_since;         ///< when it last became active
    ha::supervisor::Brief brief;  ///< after its latest step
    bool has_address = false;
    /// What it holds durably; null in tests that need none.
    const ha::supervisor::StoredState* stored = nullptr;
    bool disk_full = false;        ///< now
    bool disk_was_full = false;    ///< at some moment of the life before, or when this one began
    bool write_failed = false;     ///< the disk was full at some moment of this life
    std::uint64_t disks_torn = 0;  ///< how often its disk lost what it held
    ha::wire::Keyring keyring;
    std::array<ha::MacAddress, ha::kPortCount> macs{};  ///< of its interfaces
    ha::redundancy::PeerMacs learnt{};                  ///< of its peer; zero: none

    [[nodiscard]] bool is_active() const { return runs && ha::redundancy::is_active(state); }
    [[nodiscard]] bool is_standby() const { return runs && ha::redundancy::is_standby(state); }
};

struct ModuleFacts {
    bool known = false;
    ha::DomainId domain{};
    ha::Uuid host;
    Duration headless_after{};
    bool runs = false;
    Instant began;
    ha::Incarnation incarnation = ha::kNoIncarnation;
    vem::module::State state = vem::module::State::searching;
    ha::Incarnation supervisor = ha::kNoIncarnation;
    ha::Slot number = ha::kNoSlot;
};

/// A primary and a secondary of one domain: the first that were started. Others are strangers.
struct PairFacts {
    ha::DomainId domain{};
    std::array<NodeIndex, 2> members{kNoNode, kNoNode};
    Duration heartbeat_interval{};  ///< the longer of both
    Duration loss_interval{};
    /// On some port frames pass both ways, none lost by chance, while both run and take them for
    /// those of their peer: since when.
    std::optional<Instant> path_since;
    /// The longest a frame takes from one to the other, on that port.
    Duration delay{};
    /// The longest a frame takes between them on any port, working or not; and what it was before
    /// cables changed last.
    Duration lag{};
    Duration lag_before{};
    Instant lag_changed_at;
    [[nodiscard]] Duration lag_lately(Instant now) const {
        const bool over = now - lag_changed_at > lag_before + loss_interval;
        return over ? lag : std::max(lag, lag_before);
    }
    /// Their keys allow them to take each other's frames.
    bool understood = true;
    /// So do the MACs that they have learnt.
    bool recognized = true;
    /// Nothing is wrong with the members, their cables and disks and those of their modules, and
    /// nobody asked them for anything: since when.
    std::optional<Instant> well_since;
    /// One active and one standby in HA, and every module of the domain attached: since when.
    std::optional<Instant> whole_since;

    [[nodiscard]] bool is_complete() const {
        return members[0] != kNoNode && members[1] != kNoNode;
    }
};

/// The records of one revision of one active life, as its pages showed them.
struct Violation {
    std::string invariant;  ///< its id
    Instant at;
    std::string what;
};

struct Facts {
    Instant now;
    std::vector<std::string> names;            ///< by node
    std::vector<SupervisorFacts> supervisors;  ///< by node; those of modules stay unknown
    std::vector<ModuleFacts> modules;          ///< by node
    std::vector<PairFacts> pairs;
    /// What an active kept at the end of a step, by its incarnation and revision.
    std::map<std::pair<ha::Incarnation, std::uint64_t>, ha::records::Database> revisions;
    bool spoiled = false;      ///< a wire changes what it carries
    bool readdressed = false;  ///< an interface got another MAC
    bool injected = false;     ///< somebody else put a frame on the network
    bool strangers = false;    ///< a supervisor that is nobody's peer has been started
    bool stranger_runs = false;
    /// Timers fire up to this late, of the world's options.
    Duration wake_jitter{};
    Duration restart_delay{};
    Duration store_delay{};  ///< the longest
    std::vector<Violation> violations;
    /// The longest time something took that an invariant bounds, by its id and as its bound was.
    struct Worst {
        Duration took{};
        Duration bound{};
        /// Measured by what was allowed.
        [[nodiscard]] bool is_worse_than(const Worst& other) const;
    };
    std::map<std::string, Worst> worst;

    /// The pair `node` is a member of; null for strangers and modules.
    [[nodiscard]] const PairFacts* pair_of(NodeIndex node) const;
    /// kNoNode for strangers.
    [[nodiscard]] NodeIndex partner_of(NodeIndex node) const;
    /// The module that lives under this incarnation; null when none does.
    [[nodiscard]] const ModuleFacts* module_of(ha::Incarnation incarnation) const;
    [[nodiscard]] bool knows(NodeIndex node) const {
        return node < supervisors.size() && supervisors[node].known;
    }
    void violate(const char* invariant, std::string what);
    /// Something took `took` where `bound` is allowed: remembers the worst, relative to its bound.
    void measure(const char* invariant, Duration took, Duration bound);
};

/// "12.5 ms".
std::string in_ms(Duration duration);

}  // namespace sim::invariants
