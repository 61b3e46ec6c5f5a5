// What happened in a world, in order: frames with what became of them, state changes with their
// reasons, processes, log lines, and what the scenario did. Text and pictures are made of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libsim/play/player.hpp"
#include "libsim/world/world.hpp"

namespace sim::timeline {

/// Somebody for whom a frame was meant.
struct Receiver {
    NodeIndex node = kNoNode;
    std::string lost;  ///< why it did not arrive, empty: it did
    friend bool operator==(const Receiver&, const Receiver&) = default;
};

struct Entry {
    enum class Kind : std::uint8_t {
        frame,
        state,    ///< `text` is the new state, `detail` where from and why
        log,      ///< any other line of a log
        process,  ///< `text` is what happened to it
        action,   ///< of the scenario
        heading,
    };
    Kind kind = Kind::frame;
    Instant at;
    NodeIndex node = kNoNode;  ///< sender, or who it is about; kNoNode: a stranger, or nobody
    std::string text;          ///< of a frame: its type
    std::string detail;        ///< of a frame: its key fields
    PortKind port = PortKind::control;
    bool is_broadcast = false;
    ha::MacAddress destination;
    std::vector<Receiver> receivers;
    // Of the same frames that are told as one.
    std::size_t count = 1;
    Instant until;
};

class Recorder : public Observer, public play::Witness {
public:
    /// Before the play; the world must outlive what is asked of this.
    void watch(World& world) {
        world_ = &world;
        world.add_observer(*this);
    }

    /// Everything, in order.
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    /// Where the first step begins.
    [[nodiscard]] std::size_t beginning() const { return beginning_; }
    [[nodiscard]] const World& world() const { return *world_; }
    /// Title of a picture.
    std::string name;
    std::string description;

    void on_sent(const Frame& frame) override;
    void on_arrived(const Frame& frame) override;
    void on_lost(const Frame& frame, Loss why) override;
    void on_process(NodeIndex node, ProcessState state, const std::string& what) override;
    void on_begin(Instant at) override;
    void on_heading(Instant at, const std::string& words) override;
    void on_action(Instant at, const std::string& words) override;
    void on_log(Instant at, NodeIndex node, const std::string& line) override;

private:
    Entry& add(Entry::Kind kind, Instant at, NodeIndex node, std::string text);
    Entry& add_frame(const Frame& frame);
    Entry& entry_of(const Frame& frame);

    const World* world_ = nullptr;
    std::vector<Entry> entries_;
    std::size_t beginning_ = 0;
    std::map<const void*, std::size_t> on_the_way_;  ///< payloads of frames
};

/// Equal frames that repeat while nothing else happens are one entry with a count, at the place of
/// the first. Begins at `from`.
std::vector<Entry> folded(const std::vector<Entry>& entries, std::size_t from);

}  // namespace sim::timeline
