// The durable home of a database of records, on LMDB. A transaction is on disk whole or not at all.
// Relates to records::Database, whose copy on disk it is, to record_file.hpp, which reads what is
// found there, and to record_writer.hpp, which commits on a thread of its own; knows nothing of
// what the records mean.
//
// What a disk gives back is never handed to LMDB, which believes it: opening reads the file, checks
// every bit that matters, and writes a fresh file that then takes the place of the old one in one
// step. The same happens after a commit that failed, from memory: what a disk holds after an error
// is unknown, and a fresh file is not.
//
// That the file is checked when it is read is also why a commit needs one flush instead of LMDB's
// two: a transaction whose pages did not all reach the disk before its description is recognised,
// and the one before it is whole, for LMDB reuses no page of it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "libha/records/database.hpp"
#include "libha/runtime/file_store.hpp"

namespace ha::runtime {

/// Where a store lives: `directory`/`name`.mdb, beside it `name`.mdb-lock for readers of other
/// processes.
struct RecordPlace {
    std::string directory;
    std::string name = "state";
    /// What the file may grow to, in bytes.
    std::size_t maximum_size = std::size_t{64} << 20U;
    [[nodiscard]] std::string file() const { return name + ".mdb"; }
    [[nodiscard]] std::string path() const { return directory + "/" + file(); }
};

struct LoadedRecords {
    records::Database database;
    std::optional<Damage> damage;
    /// Empty, or what is wrong with the last transaction: it was cut off by a loss of power, and
    /// `database` is what it was before. One sentence.
    std::string torn;
};

/// To be used by one thread at a time, in the process that opened it: not after a fork. That no
/// other process writes is seen to by InstanceLock.
class RecordStore {
public:
    /// Never refuses because of what is on disk: a file that cannot be trusted or is of another
    /// format is set aside as NAME.mdb.damaged-N and told in `loaded.damage`, and an empty store is
    /// begun. A full disk is not refused either: the first commit tries again and says so.
    /// The error, one sentence, is about a folder that cannot be written or a place that is open
    /// already in this process; `loaded` then still holds what could be read.
    static tl::expected<RecordStore, std::string> open(const RecordPlace& place,
                                                       LoadedRecords& loaded);
    ~RecordStore();
    RecordStore(RecordStore&&) noexcept;
    RecordStore& operator=(RecordStore&&) noexcept;

    /// All or nothing, durable when it returns. The error is one sentence, and the store then holds
    /// what it held; only a crash before the next commit may bring back the changes that were told
    /// to have failed, whole (the disk took them and could not say so).
    tl::expected<void, std::string> commit(const records::Changes& changes);

    /// What somebody else had done to the files, so that the last commit wrote them anew: "was cut
    /// from 32768 to 0 bytes". Empty: nothing.
    [[nodiscard]] const std::string& mended() const;

private:
    class Implementation;
    explicit RecordStore(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
