// Fills a supervisor's store, which must not be in use, with checkpoints of services, so that a
// benchmark can have a standby take over a state of any size.
//
//   fill-records DIRECTORY COUNT BYTES MIB
#include <cstdio>
#include <cstdlib>
#include <string>

#include "libha/runtime/record_store.hpp"

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: fill-records DIRECTORY COUNT BYTES MIB\n");
        return 2;
    }
    using namespace ha;
    const auto number = [argv](int at) { return std::strtoull(argv[at], nullptr, 10); };
    const runtime::RecordPlace place{argv[1], "state", number(4) << 20U};
    runtime::LoadedRecords loaded;
    auto store = runtime::RecordStore::open(place, loaded);
    if (!store) {
        std::fprintf(stderr, "fill-records: %s\n", store.error().c_str());
        return 1;
    }
    records::Changes changes;
    for (unsigned long long record = 0; record < number(2); ++record) {
        // Not to be told from one another by a compressing disk.
        std::string value(number(3), '\0');
        for (std::size_t at = 0; at < value.size(); ++at)
            value[at] = static_cast<char>((record * 31 + at * 7919) >> (at % 8));
        changes.push_back(
            {{records::Space::checkpoints, "service/" + std::to_string(record)}, std::move(value)});
    }
    if (const auto committed = store->commit(changes); !committed) {
        std::fprintf(stderr, "fill-records: %s\n", committed.error().c_str());
        return 1;
    }
    return 0;
}
