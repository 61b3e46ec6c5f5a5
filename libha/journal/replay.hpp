// Runs a journal again: a fresh supervisor gets the same inputs at the same times and must give the
// same effects, byte for byte. Pure, like the machine it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "libha/journal/journal.hpp"

namespace ha::journal {

/// The first effect that is another one than recorded.
struct Difference {
    std::size_t effect = 0;               ///< which of the step's, from 0
    std::optional<std::string> recorded;  ///< in words; nothing: there are fewer effects recorded
    std::optional<std::string> given;     ///< likewise: the machine gave fewer
};

/// Compares effect by effect. When the words are the same the bytes are added to them.
std::optional<Difference> compare(const supervisor::Effects& recorded,
                                  const supervisor::Effects& given);

class Replay {
public:
    /// A fresh machine takes the place of the one before.
    void begin(const LifeBegun& life);
    /// Steps the machine; nothing when it did what was recorded. There must be a life.
    std::optional<Difference> step(const Step& step);

    [[nodiscard]] bool has_life() const { return machine_ != nullptr; }
    /// From the beginning of the present life to its last step.
    [[nodiscard]] Duration age() const { return now_ - begun_; }

private:
    std::unique_ptr<supervisor::Supervisor> machine_;
    Instant begun_;
    Instant now_;
};

}  // namespace ha::journal
