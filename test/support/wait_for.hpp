// Waiting for what another thread or process brings about, with a limit.
#pragma once

#include <poll.h>

#include <chrono>

namespace test {

/// False when the condition has not become true within the limit.
template <typename Condition>
bool wait_for(const Condition& condition,
              std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        ::poll(nullptr, 0, 2);  // poll: the condition
    }
    return true;
}

}  // namespace test
