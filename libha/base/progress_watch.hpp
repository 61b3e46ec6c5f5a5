// Decides when a process may tell its service manager that it is well: when every part of it that
// matters has shown progress since it was told last. Pure: told the time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libha/base/time.hpp"

namespace ha {

class ProgressWatch {
public:
    /// `parts` are names for those who look after it. A part that has shown nothing when feeds() is
    /// asked `patience` times in a row is worth a line: whoever asks was running meanwhile.
    ProgressWatch(std::vector<std::string> parts, unsigned patience, Instant now)
        : patience_(patience) {
        for (std::string& name : parts) {
            parts_.push_back({std::move(name), now});
        }
    }

    /// Part number `part` did something that it only does when it gets on.
    void progressed(std::size_t part, Instant now) {
        parts_.at(part).seen = now;
        parts_.at(part).fresh = true;
    }

    /// Part number `part` is to act at `deadline`, kNever when it has nothing to do. It gets on
    /// unless it should have acted longer than `grace` ago.
    void waits_until(std::size_t part, Instant deadline, Duration grace, Instant now) {
        if (deadline >= now || now - deadline <= grace) {
            progressed(part, now);
        }
    }

    /// Whether the service manager may be told now. Once for each time that all have progressed.
    bool feeds() {
        const bool all = std::ranges::all_of(parts_, &Part::fresh);
        for (Part& part : parts_) {
            part.missed = part.fresh ? 0 : part.missed + 1;
            part.fresh = part.fresh && !all;
        }
        return all;
    }

    /// A part that has just lost the patience: its name and how long it has shown nothing.
    [[nodiscard]] std::optional<std::pair<std::string, Duration>> stuck(Instant now) const {
        for (const Part& part : parts_) {
            if (part.missed == patience_) {
                return std::pair{part.name, now - part.seen};
            }
        }
        return std::nullopt;
    }

private:
    struct Part {
        std::string name;
        Instant seen;         ///< when it progressed last
        bool fresh = false;   ///< it has since the service manager was told last
        unsigned missed = 0;  ///< so often in a row it had not when that was asked
    };

    std::vector<Part> parts_;
    unsigned patience_;
};

}  // namespace ha
