// See state_store.hpp.
#include "libha/runtime/state_store.hpp"

#include <sodium.h>

#include <utility>

#include "libha/base/boots.hpp"
#include "libha/runtime/clock.hpp"

namespace ha::runtime {

LoadedState begin_life(const RecordPlace& place, WallTime now) {
    LoadedState loaded;
    LoadedRecords records;
    auto store = RecordStore::open(place, records);
    loaded.state = supervisor::StoredState(std::move(records.database));
    loaded.damage = std::move(records.damage);
    loaded.torn = std::move(records.torn);
    const auto boots = next_boot(loaded.state.state().boots, now);
    const auto counted = loaded.state.count_boot(boots);
    if (!store) {
        loaded.fault = store.error();
        return loaded;
    }
    if (const auto stored = store->commit(counted); !stored)
        loaded.fault = stored.error();
    loaded.store = std::move(*store);
    return loaded;
}

Incarnation new_incarnation(std::uint32_t boots) {
    return make_incarnation(boots, wall_now(), randombytes_random());
}

}  // namespace ha::runtime
