// Commits changes to a store on a thread of its own, so that a slow disk delays nobody. Relates to
// RecordStore, which it owns, and to the supervisor's Persist effect, whose tokens it answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "libha/records/record.hpp"
#include "libha/runtime/record_store.hpp"

namespace ha::runtime {

class Log;

/// In order: no transaction becomes durable before one that was submitted earlier. Transactions
/// that wait are committed together, as one. When a commit fails, its changes are kept and tried
/// again with the next submission, so a later success speaks for the failed ones as well. What is
/// kept is bounded by the number of different records.
class RecordWriter {
public:
    /// Called on the writer's thread, once a token and in their order; must not throw. `error` is
    /// empty when this transaction and every earlier one is durable, or one sentence.
    using Completion = std::function<void(std::uint64_t token, const std::string& error)>;

    /// Called on the writer's thread before the completion, with RecordStore::mended(); must not
    /// throw.
    using Mended = std::function<void(const std::string& interference)>;

    RecordWriter(RecordStore store, Completion completion, Mended mended);
    /// Writes what waits and what was kept, then ends the thread.
    ~RecordWriter();
    RecordWriter(const RecordWriter&) = delete;
    RecordWriter& operator=(const RecordWriter&) = delete;

    /// From any thread. Changes out of bounds (records::fault_of) are answered with their fault and
    /// never tried again: they could not be stored by any later commit either.
    void submit(std::uint64_t token, records::Changes changes);
    /// Waits until everything submitted has been answered.
    void flush();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// Reports it to the log, which must outlive the writer, as state_file_replaced.
RecordWriter::Mended report_mended(Log& log, const RecordPlace& place);

}  // namespace ha::runtime
