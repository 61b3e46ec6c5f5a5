// Keeps what others can cause at will from filling the log.
#pragma once

#include <optional>

#include "libha/base/time.hpp"

namespace ha::runtime {

/// Lines about something that others cause at will: one in ten seconds.
class RareLines {
public:
    bool allows(Instant now) {
        if (last_ && now - *last_ < std::chrono::seconds{10}) {
            return false;
        }
        last_ = now;
        return true;
    }

private:
    std::optional<Instant> last_;
};

}  // namespace ha::runtime
