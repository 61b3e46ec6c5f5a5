// See record_store.hpp.
#include "libha/runtime/record_store.hpp"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <map>
#include <mutex>
#include <set>

#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/files.hpp"
#include "libha/runtime/record_file.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kSmallestMap = std::size_t{1} << 20U;
constexpr mdb_mode_t kMode = 0600;

/// What LMDB answered. LMDB's own codes are negative, the others are errno.
struct Failure {
    int code = 0;
    std::string text;
};

using Result = tl::expected<void, Failure>;

tl::unexpected<Failure> failure(int code, const std::string& path) {
    // LMDB calls a write that was cut short an input/output error, also when the disk is full.
    struct statvfs space {};
    if (code == EIO && ::statvfs(path.c_str(), &space) == 0 && space.f_bavail == 0)
        code = ENOSPC;
    const std::string reason = code > 0 ? describe_error(code) : ::mdb_strerror(code);
    return tl::unexpected(Failure{code, path + ": " + reason});
}

tl::unexpected<Failure> too_large(const std::string& path, std::size_t limit) {
    return tl::unexpected(Failure{
        MDB_MAP_FULL, path + ": more than the " + std::to_string(limit) + " bytes it may grow to"});
}

MDB_val value_of(std::string_view bytes) {
    return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB only reads it
}

class Environment {
public:
    Environment() = default;
    ~Environment() {
        if (handle_ != nullptr)
            ::mdb_env_close(handle_);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

    /// `flags` beside those of every environment; `map_size` in bytes.
    Result open(const std::string& path, unsigned flags, std::size_t map_size) {
        path_ = path;
        int code = ::mdb_env_create(&handle_);
        if (code == 0)
            code = ::mdb_env_set_mapsize(handle_, map_size);
        if (code == 0)
            code = ::mdb_env_open(handle_, path.c_str(), MDB_NOSUBDIR | MDB_NOSYNC | flags, kMode);
        map_size_ = map_size;
        remember_sizes();
        return code == 0 ? Result{} : failure(code, path);
    }

    /// Doubles the map, or more for `room` bytes, within the limit.
    Result grow(std::size_t room, std::size_t limit) {
        if (map_size_ >= limit)
            return too_large(path_, limit);
        const std::size_t larger = std::min(limit, std::max(2 * map_size_, std::bit_ceil(room)));
        if (const int code = ::mdb_env_set_mapsize(handle_, larger); code != 0)
            return failure(code, path_);
        map_size_ = larger;
        return {};
    }

    /// Makes durable what LMDB has left to the kernel.
    int flush() {
        const int code = ::mdb_env_sync(handle_, 1);
        remember_sizes();
        return code;
    }

    /// What somebody else has done to the files since then; empty: nothing. What goes to a removed
    /// file is lost, and reading a map beyond the end of its file ends the process (SIGBUS).
    [[nodiscard]] std::string interference() const {
        int file = -1;
        struct stat held {};
        struct stat found {};
        if (::mdb_env_get_fd(handle_, &file) != 0 || ::fstat(file, &held) != 0 ||
            ::lstat(path_.c_str(), &found) != 0 || held.st_ino != found.st_ino ||
            held.st_dev != found.st_dev)
            return "was removed or replaced";
        if (held.st_size < data_size_)
            return "was cut from " + std::to_string(data_size_) + " to " +
                   std::to_string(held.st_size) + " bytes";
        if (size_of_file(path_ + "-lock") < lock_size_)
            return "its lock was removed or cut";
        return {};
    }

    [[nodiscard]] MDB_env* handle() const { return handle_; }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    void remember_sizes() {
        data_size_ = size_of_file(path_);
        lock_size_ = size_of_file(path_ + "-lock");
    }

    /// 0 when there is none.
    static off_t size_of_file(const std::string& path) {
        struct stat status {};
        return ::stat(path.c_str(), &status) == 0 ? status.st_size : 0;
    }

    MDB_env* handle_ = nullptr;
    std::string path_;
    std::size_t map_size_ = 0;
    off_t data_size_ = 0;
    off_t lock_size_ = 0;
};

/// What changes, each key once: a value, or nothing for a record that goes.
using Difference = std::map<records::Key, std::optional<std::string_view>>;

/// Of changes that outlive it. The later of two changes of a key wins.
Difference difference_of(const records::Changes& changes) {
    Difference difference;
    for (const records::Change& change : changes)
        difference.insert_or_assign(change.key, change.value);
    return difference;
}

/// The seal of what `image` is after the change; its transaction is not set yet.
Seal seal_after(const records::Database& image, Seal seal, const Difference& difference) {
    for (const auto& [key, value] : difference) {
        if (const std::string* const old = image.find(key)) {
            seal.sum.remove(key, *old);
            --seal.count;
        }
        if (value) {
            seal.sum.add(key, *value);
            ++seal.count;
        }
    }
    return seal;
}

int put(MDB_txn* transaction, MDB_dbi tree, std::string_view key, std::string_view value) {
    MDB_val stored_key = value_of(key);
    MDB_val stored_value = value_of(value);
    return ::mdb_put(transaction, tree, &stored_key, &stored_value, 0);
}

int erase(MDB_txn* transaction, MDB_dbi tree, std::string_view key) {
    MDB_val stored_key = value_of(key);
    const int code = ::mdb_del(transaction, tree, &stored_key, nullptr);
    return code == MDB_NOTFOUND ? 0 : code;
}

/// One transaction: the change and the seal that goes with it. LMDB leaves pages and description to
/// the kernel (MDB_NOSYNC), and one flush makes both durable, in whatever order (record_file.cpp).
Result write_once(Environment& environment, const Difference& difference, Seal& seal) {
    MDB_txn* transaction = nullptr;
    if (const int code = ::mdb_txn_begin(environment.handle(), nullptr, 0, &transaction); code != 0)
        return failure(code, environment.path());
    MDB_dbi tree = 0;
    int code = ::mdb_dbi_open(transaction, nullptr, 0, &tree);
    for (auto entry = difference.begin(); code == 0 && entry != difference.end(); ++entry) {
        const std::string key = stored_key(entry->first);
        const std::optional<std::string_view>& value = entry->second;
        code = value ? put(transaction, tree, key, *value) : erase(transaction, tree, key);
    }
    seal.transaction = ::mdb_txn_id(transaction);
    if (code == 0)
        code = put(transaction, tree, kSealKey, to_bytes(seal));
    if (code != 0) {
        ::mdb_txn_abort(transaction);
        return failure(code, environment.path());
    }
    code = ::mdb_txn_commit(transaction);
    if (code == 0)
        code = environment.flush();
    return code == 0 ? Result{} : failure(code, environment.path());
}

/// Bytes of the names and values alone.
std::size_t content_size(const Difference& difference) {
    std::size_t size = 0;
    for (const auto& [key, value] : difference)
        size += key.name.size() + (value ? value->size() : 0);
    return size;
}

/// The same, in a map that grows as long as it may.
Result write(Environment& environment, const Difference& difference, Seal& seal,
             std::size_t limit) {
    while (true) {
        auto written = write_once(environment, difference, seal);
        if (written || written.error().code != MDB_MAP_FULL)
            return written;
        if (auto grown = environment.grow(2 * content_size(difference), limit); !grown)
            return grown;
    }
}

/// The stores of this process: LMDB forbids to open one twice.
class OpenPlace {
public:
    explicit OpenPlace(std::string path) : path_(std::move(path)) {
        const std::scoped_lock lock(mutex());
        taken_ = all().insert(path_).second;
    }
    ~OpenPlace() {
        const std::scoped_lock lock(mutex());
        if (taken_)
            all().erase(path_);
    }
    OpenPlace(const OpenPlace&) = delete;
    OpenPlace& operator=(const OpenPlace&) = delete;
    [[nodiscard]] bool taken() const { return taken_; }

private:
    static std::mutex& mutex() {
        static std::mutex one;
        return one;
    }
    static std::set<std::string>& all() {
        static std::set<std::string> paths;
        return paths;
    }
    std::string path_;
    bool taken_ = false;
};

}  // namespace

class RecordStore::Implementation {
public:
    explicit Implementation(const RecordPlace& place) : place_(place), open_(place.path()) {}

    [[nodiscard]] bool alone() const { return open_.taken(); }

    void load(LoadedRecords& loaded) {
        const auto content = read_file(place_.path(), place_.maximum_size, Links::refuse);
        if (!content) {
            if (content.error().code != ENOENT)
                loaded.damage = set_aside(place_.directory, place_.file(), content.error().text);
            return;
        }
        auto file = read_record_file(content->bytes);
        if (!file) {
            loaded.damage = set_aside(place_.directory, place_.file(), file.error());
            return;
        }
        image_ = std::move(file->database);
        seal_ = file->seal;
        loaded.database = image_;
        loaded.torn = std::move(file->torn);
    }

    /// Writes all records and the change into a fresh file, which then takes the old one's place.
    Result begin_file(const Difference& difference) {
        environment_.reset();
        if (const auto made = make_directory(place_.directory, 0700); !made)
            return tl::unexpected(Failure{made.error().code, made.error().text});
        Difference all = difference;
        for (const auto& [key, value] : image_.all())
            all.try_emplace(key, value);
        const std::size_t size = content_size(all);
        if (size > place_.maximum_size)
            return too_large(place_.path(), place_.maximum_size);
        const std::size_t map_size =
            std::min(std::max(kSmallestMap, std::bit_ceil(2 * size)), place_.maximum_size);
        Seal seal = seal_after(image_, seal_, difference);
        const std::string temporary = place_.path() + ".new";
        ::unlink(temporary.c_str());
        auto written = write_fresh(temporary, all, seal, map_size);
        if (written)
            written = take_place(temporary, map_size);
        if (!written) {
            ::unlink(temporary.c_str());
            environment_.reset();
            return written;
        }
        seal_ = seal;
        return {};
    }

    tl::expected<void, std::string> commit(const records::Changes& changes) {
        if (std::string fault = records::fault_of(changes); !fault.empty())
            return tl::unexpected(place_.path() + ": " + fault);
        const Difference difference = difference_of(changes);
        mended_.clear();
        std::string interference = environment_ ? environment_->interference() : "";
        const bool usable = environment_ && interference.empty();
        if (auto written = usable ? add(difference) : begin_file(difference); !written)
            return tl::unexpected(std::move(written.error().text));
        image_.apply(changes);
        mended_ = std::move(interference);
        return {};
    }

    [[nodiscard]] const std::string& mended() const { return mended_; }

private:
    Result add(const Difference& difference) {
        Seal seal = seal_after(image_, seal_, difference);
        auto written = write(*environment_, difference, seal, place_.maximum_size);
        // A fresh file has no free pages: what does not fit into this one may fit there.
        if (!written && written.error().code == MDB_MAP_FULL)
            return begin_file(difference);
        if (!written) {
            environment_.reset();  // what the file holds now is unknown: the next one is fresh
            return written;
        }
        seal_ = seal;
        return {};
    }

    Result write_fresh(const std::string& path, const Difference& all, Seal& seal,
                       std::size_t map_size) const {
        Environment fresh;
        if (auto opened = fresh.open(path, MDB_NOLOCK, map_size); !opened)
            return opened;
        return write(fresh, all, seal, place_.maximum_size);
    }

    Result take_place(const std::string& temporary, std::size_t map_size) {
        const FileDescriptor folder(
            ::open(place_.directory.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW));
        if (!folder.valid())
            return failure(errno, place_.directory);
        // A lock belongs to one file: who still reads the old one keeps the old lock.
        ::unlink((place_.path() + "-lock").c_str());
        if (::rename(temporary.c_str(), place_.path().c_str()) != 0)
            return failure(errno, place_.path());
        if (::fsync(folder.get()) != 0)
            return failure(errno, place_.directory);
        environment_ = std::make_unique<Environment>();
        return environment_->open(place_.path(), 0, map_size);
    }

    RecordPlace place_;
    OpenPlace open_;
    records::Database image_;  ///< what the file holds, or is to hold
    Seal seal_;
    std::unique_ptr<Environment> environment_;  ///< null until a fresh file could be written
    std::string mended_;
};

RecordStore::RecordStore(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
RecordStore::~RecordStore() = default;
RecordStore::RecordStore(RecordStore&&) noexcept = default;
RecordStore& RecordStore::operator=(RecordStore&&) noexcept = default;

tl::expected<RecordStore, std::string> RecordStore::open(const RecordPlace& place,
                                                         LoadedRecords& loaded) {
    loaded = {};
    // First: a folder that is none is not a store that is damaged.
    if (const auto made = make_directory(place.directory, 0700); !made)
        return tl::unexpected(made.error().text);
    auto implementation = std::make_unique<Implementation>(place);
    if (!implementation->alone())
        return tl::unexpected(place.path() + ": is open already in this process");
    implementation->load(loaded);
    if (const auto begun = implementation->begin_file({});
        !begun && begun.error().code != ENOSPC && begun.error().code != EDQUOT)
        return tl::unexpected(begun.error().text);
    return RecordStore(std::move(implementation));
}

tl::expected<void, std::string> RecordStore::commit(const records::Changes& changes) {
    return implementation_->commit(changes);
}

const std::string& RecordStore::mended() const {
    return implementation_->mended();
}

}  // namespace ha::runtime
