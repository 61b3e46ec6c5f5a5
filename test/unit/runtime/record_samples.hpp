// Numbered transactions for the tests of the store: each changes several records, some of them
// too long for one page, so that half a transaction would be seen.
#pragma once

#include <string>

#include "libha/records/database.hpp"
#include "libha/runtime/record_store.hpp"

namespace ha::runtime::test {

/// The transaction of that number, from 1.
inline records::Changes transaction(unsigned number) {
    const std::string text = std::to_string(number);
    records::Changes changes{
        {{records::Space::facts, "last"}, text},
        {{records::Space::modules, "module " + std::to_string(number % 7)}, "of " + text},
        {{records::Space::accounting, records::sequence_name(number)}, "by " + text},
        {{records::Space::running_configuration, "line " + std::to_string(number % 3)},
         std::string(1000 + 900 * (number % 8), static_cast<char>('a' + number % 26))},
    };
    if (number > 4)
        changes.push_back(
            {{records::Space::accounting, records::sequence_name(number - 4)}, std::nullopt});
    return changes;
}

/// What the transactions from 1 to `last` leave.
inline records::Database after(unsigned last) {
    records::Database database;
    for (unsigned number = 1; number <= last; ++number)
        database.apply(transaction(number));
    return database;
}

/// A store with the transactions from 1 to `last`, closed again. False when that failed.
inline bool fill(const RecordPlace& place, unsigned last) {
    LoadedRecords loaded;
    auto store = RecordStore::open(place, loaded);
    for (unsigned number = 1; store && number <= last; ++number)
        if (!store->commit(transaction(number)))
            return false;
    return store.has_value();
}

}  // namespace ha::runtime::test
