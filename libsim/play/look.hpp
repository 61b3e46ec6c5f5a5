// Looking at a stage on behalf of an expectation: whether it holds at this moment, and what is
// seen. Cheap where machines can be asked directly; a command is only rendered where an expectation
// is about one. Private to this folder.
#pragma once

#include <optional>
#include <string>

#include "libsim/play/stage.hpp"

namespace sim::play {

/// Where counts and searches of an expectation begin.
struct Beginnings {
    std::size_t frames = 0;          ///< a mark of the capture
    std::vector<std::size_t> lines;  ///< of each node's log, by NodeIndex
};

/// One subject, prepared for being looked at often. The expectation must outlive it.
class Look {
public:
    Look(const scenario::Expectation& expectation, Stage& stage, const Beginnings& action);

    [[nodiscard]] bool holds();
    /// What is seen now, in words.
    [[nodiscard]] std::string seen();
    /// Something may have changed since the last holds().
    [[nodiscard]] bool is_stale() const;

private:
    struct Seen {
        bool holds = false;
        std::string words;
    };
    bool holds_now(const scenario::StatusIs& status);
    bool holds_now(const scenario::ModuleIs& module);
    bool holds_now(const scenario::CommandShows& shown);
    bool holds_now(const scenario::LogHas& log);
    bool holds_now(const scenario::AddressIs& address);
    bool holds_now(const scenario::ProcessIs& process);
    bool holds_now(const scenario::FramesSeen& frames);
    bool holds_now(const scenario::PingLost& ping);
    bool holds_now(const scenario::DomainWhole& whole);
    std::string words_now(const scenario::StatusIs& status);
    std::string words_now(const scenario::ModuleIs& module);
    std::string words_now(const scenario::CommandShows& shown);
    std::string words_now(const scenario::LogHas& log);
    std::string words_now(const scenario::AddressIs& address);
    std::string words_now(const scenario::ProcessIs& process);
    std::string words_now(const scenario::FramesSeen& frames);
    std::string words_now(const scenario::PingLost& ping);
    std::string words_now(const scenario::DomainWhole& whole);

    Seen ask(const scenario::CommandShows& shown);
    bool has_line(const Actor& actor, const std::string& words);
    [[nodiscard]] std::size_t held_addresses() const;

    const scenario::Expectation& expectation_;
    Stage& stage_;
    Actor* actor_ = nullptr;  ///< the node it is about; null: it is about more than one
    std::optional<std::uint64_t> looked_at_;
    std::optional<Capture::Wanted> wanted_;
    std::size_t first_frame_ = 0;
    std::vector<std::size_t> next_line_;  ///< not looked at yet, by NodeIndex
    std::string line_;                    ///< found in a log
};

/// "node 3 answers …": what keeps a domain from being whole, empty when nothing does.
std::string what_is_not_whole(const Stage& stage);

}  // namespace sim::play
