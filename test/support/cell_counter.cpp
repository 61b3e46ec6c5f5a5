// In coverage builds only: counts how often each cell of the state table is executed. The linker
// puts it between the pair and the table (--wrap), so the product has no part in it. What a process
// counted is appended at its end to the file that VSM_HA_CELLS names; scripts/coverage adds it up.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>

#include "libha/redundancy/state_table.hpp"

using namespace ha::redundancy;

// The linker's names of ha::redundancy::cell() and of what takes its place.
extern "C" const Cell& __real__ZN2ha10redundancy4cellENS0_9PairStateENS0_9PairEventE(PairState,
                                                                                     PairEvent);
extern "C" const Cell& __wrap__ZN2ha10redundancy4cellENS0_9PairStateENS0_9PairEventE(PairState,
                                                                                     PairEvent);

namespace {

class Counter {
public:
    Counter() = default;
    ~Counter() {
        const char* file = std::getenv("VSM_HA_CELLS");
        if (file == nullptr)
            return;
        std::ofstream out(file, std::ios::app);
        for (std::size_t index = 0; index < kCellCount; ++index) {
            const Cell& cell = state_table()[index];
            out << to_string(cell.state) << '\t' << to_string(cell.event) << '\t'
                << to_string(cell.verdict) << '\t' << counts_[index] << '\n';
        }
    }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    void count(const Cell& cell) {
        ++counts_[static_cast<std::size_t>(&cell - state_table().data())];
    }

private:
    std::array<std::uint64_t, kCellCount> counts_{};
};

Counter counter;

}  // namespace

const Cell& __wrap__ZN2ha10redundancy4cellENS0_9PairStateENS0_9PairEventE(PairState state,
                                                                          PairEvent event) {
    const Cell& cell = __real__ZN2ha10redundancy4cellENS0_9PairStateENS0_9PairEventE(state, event);
    counter.count(cell);
    return cell;
}
