// All records of a supervisor in memory, in the order of their keys. Decides nothing about who may
// change what, and stores nothing: its owner has the same changes written to disk.
#pragma once

#include <map>

#include "libha/records/record.hpp"

namespace ha::records {

class Database {
public:
    /// The changes must be within bounds (fault_of()).
    void apply(const Changes& changes);
    /// Null when there is no such record. Valid until the next apply().
    [[nodiscard]] const std::string* find(const Key& key) const;
    [[nodiscard]] std::size_t size() const { return records_.size(); }
    [[nodiscard]] std::size_t size(Space space) const;

    using Records = std::map<Key, std::string>;
    /// The records of one space in the order of their names.
    struct View {
        Records::const_iterator first;
        Records::const_iterator last;
        [[nodiscard]] Records::const_iterator begin() const { return first; }
        [[nodiscard]] Records::const_iterator end() const { return last; }
        [[nodiscard]] bool empty() const { return first == last; }
    };
    [[nodiscard]] View of(Space space) const;
    [[nodiscard]] const Records& all() const { return records_; }

    /// What makes an empty database like this one.
    [[nodiscard]] Changes everything() const;
    /// What makes the space `to` hold what `from` holds, and nothing else.
    [[nodiscard]] Changes copy(Space from, Space to) const;
    /// What empties the space.
    [[nodiscard]] Changes clear(Space space) const;
    /// What makes the replicated spaces equal to those of `other` and leaves the rest alone: a
    /// standby that takes in the whole of its active.
    [[nodiscard]] Changes replicate(const Database& other) const;

    friend bool operator==(const Database&, const Database&) = default;

private:
    Records records_;
};

}  // namespace ha::records
