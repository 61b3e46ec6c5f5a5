// The inside of Supervisor: which machine gets which input, and what their effects become. Private
// to this folder.
#pragma once

#include "libha/redundancy/pair.hpp"
#include "libha/replication/snapshot_transfer.hpp"
#include "libha/supervisor/supervisor.hpp"

namespace ha::supervisor {

class Supervisor::Implementation {
public:
    Implementation(Options options, Instant now);
    void step(const Input& input, Effects& effects);
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] Brief brief() const;
    [[nodiscard]] vem::registry::Attachment attachment(Slot module) const {
        return registry_.attachment(module);
    }

private:
    void on(const FrameReceived& input);
    void on(const FramesDropped& input);
    void on(const Tick& input);
    void on(const LinkChanged& input);
    void on(const StoreCompleted& input);
    void on(const StopRequested& input);
    void on(const ReloadRequested& input);
    void on(const ClearPeerMac& input);
    void on(const KeyringChanged& input);
    void on(const Stalled& input);

    void feed(const redundancy::Input& input);
    void feed(const vem::registry::Input& input);
    void carry_out(const redundancy::SendMessage& effect);
    void carry_out(const redundancy::StateChanged& effect);
    void carry_out(const redundancy::PeerKnowledgeChanged& effect);
    void carry_out(const redundancy::StayedActive& effect);
    void carry_out(const redundancy::Resigned& effect);
    void carry_out(const redundancy::Dropped& effect);
    void carry_out(const vem::registry::SendMessage& effect);
    void carry_out(const vem::registry::RecordsChanged& effect);
    void carry_out(const vem::registry::Dropped& effect);
    void carry_out(const catalog::Report& effect);

    // replication.cpp
    void on_state_page(const wire::Received& received, const wire::StatePage& page, PortKind port);
    void on_state_page_ack(const wire::Received& received, const wire::StatePageAck& ack,
                           PortKind port);
    void change_state();
    void start_transfer();
    void run_transfer();
    [[nodiscard]] replication::ReplicatedState replicated_state() const;
    void persist();

    void route(const wire::Received& received, const FrameReceived& input);
    void send(PortKind port, const MacAddress& destination, const wire::Message& message);
    void count_drop(PortKind port, wire::DropReason reason, std::uint64_t count = 1);
    void tell_facts();
    void tell_other_supervisor();
    [[nodiscard]] bool usable(PortKind port) const;

    Options options_;
    Instant now_;
    Instant started_;
    bool begun_ = false;
    Effects* effects_ = nullptr;

    wire::Receiver gate_;
    redundancy::Pair pair_;
    vem::registry::Registry registry_;
    replication::SnapshotSender sender_;
    replication::SnapshotReceiver receiver_;

    std::array<PortSnapshot, kPortCount> ports_;
    std::array<std::uint64_t, kPortCount> sequences_{};
    /// What the log has not been told yet of frames that were refused.
    struct Rejections {
        std::uint64_t unreported = 0;
        std::optional<Instant> reported_at;
    };
    std::array<std::array<Rejections, wire::kDropReasonCount>, kPortCount> rejections_{};
    bool holds_address_ = false;
    bool begun_active_ = false;
    MacAddress told_other_supervisor_;
    std::uint16_t told_module_count_ = 0;

    static constexpr Duration kStallLogInterval = std::chrono::seconds{10};
    std::optional<Instant> stall_logged_at_;
    Duration longest_stall_{};

    // The replicated state and its store.
    PersistentState written_;  ///< what the disk says once all that was asked for is written
    std::uint64_t revision_ = 0;
    std::uint64_t configuration_maker_ = 0;
    std::uint64_t configuration_revision_ = 0;
    std::optional<Instant> configured_at_;
    std::uint64_t records_revision_ = 0;  ///< of the registry, waiting to become durable
    std::uint64_t token_ = 0;
    struct Storing {
        std::uint64_t token = 0;
        std::uint64_t records_revision = 0;
        std::uint64_t applied_revision = 0;  ///< on a standby
        records::Changes changes;
    };
    std::optional<Storing> storing_;
    bool store_again_ = false;
    records::Changes unwritten_;  ///< the disk refused them: to go first the next time
    bool store_failed_ = false;
};

}  // namespace ha::supervisor
