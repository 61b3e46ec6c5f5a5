// The store of records: what is committed comes back, what cannot be trusted is set aside, and what
// cannot be written is told in one sentence (BEHAVIOUR ANY-1, BOOT-5, SYNC-2, VEM-1).
#include "libha/runtime/record_store.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>

#include "libha/runtime/record_file.hpp"
#include "test/support/child_process.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/unit/runtime/record_samples.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace ha::runtime::test;
using ::test::TemporaryDirectory;

struct Folder {
    TemporaryDirectory directory;
    RecordPlace place{directory.path()};

    [[nodiscard]] LoadedRecords load() const {
        LoadedRecords loaded;
        const auto store = RecordStore::open(place, loaded);
        REQUIRE(store);
        return loaded;
    }
    [[nodiscard]] unsigned mode(const std::string& name) const {
        struct stat status {};
        return ::stat((directory.path() + "/" + name).c_str(), &status) == 0
                   ? status.st_mode & 07777U
                   : 0;
    }
};

std::string with_number(std::string bytes, std::size_t offset, std::uint32_t number) {
    std::memcpy(bytes.data() + offset, &number, sizeof(number));
    return bytes;
}

/// Runs in a child of its own mount namespace, where `path` is a small disk in memory.
template <typename What>
int with_small_disk(const std::string& path, const What& what) {
    return ::test::run_in_child([&] {
        if (::unshare(CLONE_NEWNS) != 0 ||
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("none", path.c_str(), "tmpfs", 0, "size=256k") != 0)
            return 77;
        return what();
    });
}

/// In a child: says what does not hold.
int refuse(const char* what, const std::string& detail = {}) {
    std::fprintf(stderr, "does not hold: %s %s\n", what, detail.c_str());
    return 1;
}

}  // namespace

TEST_CASE("records come back after a restart, with private files", "[BOOT-5][VEM-1]") {
    const Folder folder;
    const RecordPlace place{folder.directory.path() + "/a/b"};
    REQUIRE(fill(place, 20));
    LoadedRecords loaded;
    REQUIRE(RecordStore::open(place, loaded));
    CHECK_FALSE(loaded.damage);
    CHECK(loaded.database == after(20));
    CHECK(folder.mode("a/b") == 0700U);
    CHECK(folder.mode("a/b/state.mdb") == 0600U);
    CHECK(folder.mode("a/b/state.mdb-lock") == 0600U);
    CHECK(folder.mode("a/b/state.mdb.new") == 0);
}

TEST_CASE("without a store a supervisor starts fresh and says nothing", "[BOOT-5]") {
    const Folder folder;
    const LoadedRecords loaded = folder.load();
    CHECK_FALSE(loaded.damage);
    CHECK(loaded.database.size() == 0);
    CHECK(folder.load().database.size() == 0);
}

TEST_CASE("a transaction out of bounds changes nothing", "[SYNC-2][ANY-1]") {
    const Folder folder;
    LoadedRecords loaded;
    auto store = RecordStore::open(folder.place, loaded);
    REQUIRE(store);
    REQUIRE(store->commit(transaction(1)));
    records::Changes changes = transaction(2);
    changes.push_back({{records::Space::facts, std::string(401, 'n')}, "value"});
    const auto refused = store->commit(changes);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() ==
          folder.place.path() + ": a record of the space facts has a name of 401 bytes (1..400)");
    store = tl::unexpected(std::string("closed"));
    CHECK(folder.load().database == after(1));
}

TEST_CASE("a transaction may change one record twice, and erase what is not there", "[SYNC-2]") {
    const Folder folder;
    LoadedRecords loaded;
    {
        auto store = RecordStore::open(folder.place, loaded);
        REQUIRE(store);
        const records::Key key{records::Space::facts, "k"};
        REQUIRE(store->commit({{key, "1"}, {key, std::nullopt}, {key, ""}}));
        REQUIRE(store->commit({{{records::Space::modules, "none"}, std::nullopt}}));
    }
    const LoadedRecords again = folder.load();
    CHECK_FALSE(again.damage);
    CHECK(again.database.size() == 1);
}

TEST_CASE("the store grows to its bound and then says so", "[ANY-1]") {
    const Folder folder;
    RecordPlace place = folder.place;
    place.maximum_size = std::size_t{4} << 20U;
    LoadedRecords loaded;
    auto store = RecordStore::open(place, loaded);
    REQUIRE(store);
    const auto record = [](unsigned number, std::size_t size) {
        return records::Changes{
            {{records::Space::accounting, records::sequence_name(number)}, std::string(size, 'x')}};
    };
    unsigned number = 0;
    tl::expected<void, std::string> stored;
    records::Database expected;
    while ((stored = store->commit(record(number, 500'000)))) {
        expected.apply(record(number, 500'000));
        REQUIRE(++number < 9);
    }
    CHECK(number >= 6);
    CHECK(stored.error().find(place.path()) == 0);
    CHECK(stored.error().find(": more than the 4194304 bytes it may grow to") != std::string::npos);
    // What is full can be emptied again, and is then as good as before.
    records::Changes emptied;
    for (unsigned gone = 1; gone < number; ++gone)
        emptied.push_back({record(gone, 0).front().key, std::nullopt});
    REQUIRE(store->commit(emptied));
    REQUIRE(store->commit(record(77, 500'000)));
    expected.apply(emptied);
    expected.apply(record(77, 500'000));
    store = tl::unexpected(std::string("closed"));
    CHECK(folder.load().database == expected);
}

TEST_CASE("a store that cannot be trusted is set aside with the reason", "[ANY-1]") {
    const Folder folder;
    REQUIRE(fill(folder.place, 6));
    const std::string good = folder.directory.read("state.mdb");
    const std::string text(100'000, '#');
    std::string newer = good;
    // The seal begins with its magic; the version follows.
    for (std::size_t at = newer.find("vsm-recs"); at != std::string::npos;
         at = newer.find("vsm-recs", at + 1))
        newer[at + 11] = 2;
    const auto [bytes, fault] = GENERATE_COPY(table<std::string, std::string>({
        {"", "the file is empty"},
        {"x", "the file is not one of this program's"},
        {text, "the file is not one of this program's"},
        {good.substr(0, 16 + 60), "the file is cut short"},
        {good.substr(0, 4096), "the file is not one of this program's"},
        {good.substr(0, 8192), "page 2 is not where a page can be"},
        {good.substr(0, 4096) + good.substr(0, 4096),
         "the two descriptions of the file contradict each other"},
        {newer, "the file has format version 2, this program reads 1"},
        {with_number(good, 16 + 4, 2), "the file has data format 2, this program reads 1"},
        {good + std::string(std::size_t{64} << 20U, '\0'), "is longer than 67108864 bytes"},
    }));
    INFO(fault);
    folder.directory.write("state.mdb", bytes);
    LoadedRecords loaded = folder.load();
    REQUIRE(loaded.damage);
    CHECK(loaded.damage->fault == fault);
    CHECK(loaded.damage->path == folder.place.path());
    CHECK(loaded.damage->kept_as == folder.place.path() + ".damaged-1");
    CHECK(folder.directory.read("state.mdb.damaged-1") == bytes);
    CHECK(loaded.database.size() == 0);
    CHECK_FALSE(folder.load().damage);
    CHECK(fill(folder.place, 3));
    CHECK(folder.load().database == after(3));
}

TEST_CASE("a store of a newer program is set aside and named", "[ANY-1]") {
    const Seal seal{7, 3, {}};
    std::string bytes = to_bytes(seal);
    CHECK(parse_seal(bytes) == seal);
    bytes[11] = 2;
    CHECK(parse_seal(bytes).error() == "the file has format version 2, this program reads 1");
    bytes[11] = 1;
    bytes[20] = 1;
    CHECK(parse_seal(bytes).error() == "the seal of the records is damaged");
    CHECK(parse_seal("vsm-reco").error() == "the file is not one of this program's");
}

TEST_CASE("a last transaction that power cut off is undone and told, once", "[ANY-1][SYNC-2]") {
    const Folder folder;
    REQUIRE(fill(folder.place, 5));
    LoadedRecords loaded;
    {
        // In a fresh file: its next transaction is the one whose pages get lost.
        auto store = RecordStore::open(folder.place, loaded);
        REQUIRE(store);
        const std::string fresh = folder.directory.read("state.mdb");
        REQUIRE(store->commit(transaction(6)));
        store = tl::unexpected(std::string("closed"));
        const std::string later = folder.directory.read("state.mdb");
        folder.directory.write("state.mdb", later.substr(0, 8192) + fresh.substr(8192));
    }
    {
        auto store = RecordStore::open(folder.place, loaded);
        REQUIRE(store);
        CHECK_FALSE(loaded.damage);
        CHECK_FALSE(loaded.torn.empty());
        CHECK(loaded.database == after(5));
    }
    const LoadedRecords again = folder.load();
    CHECK(again.torn.empty());
    CHECK(again.database == after(5));
}

TEST_CASE("a folder or a link in place of the store is not in its way", "[ANY-1]") {
    const Folder folder;
    std::filesystem::create_directory(folder.place.path());
    CHECK(folder.load().damage->fault == "is not a regular file");
    std::filesystem::remove(folder.place.path());
    const std::string victim = folder.directory.write("victim", "precious");
    std::filesystem::create_symlink(victim, folder.place.path());
    std::filesystem::create_symlink(victim, folder.place.path() + ".new");
    CHECK(folder.load().damage->fault == "is a symbolic link");
    CHECK(folder.directory.read("victim") == "precious");
    CHECK_FALSE(folder.load().damage);
}

TEST_CASE("damaged stores do not fill the disk", "[ANY-1]") {
    const Folder folder;
    for (int i = 0; i < 20; ++i) {
        folder.directory.write("state.mdb", "broken " + std::to_string(i));
        REQUIRE(folder.load().damage);
    }
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.directory.path()))
        count += entry.path().string().find(".damaged-") != std::string::npos ? 1 : 0;
    CHECK(count == kDamagedFilesKept);
    CHECK(folder.directory.read("state.mdb.damaged-20") == "broken 19");
}

TEST_CASE("a place is opened once in a process, and again when it is closed", "[ANY-2]") {
    const Folder folder;
    LoadedRecords loaded;
    {
        const auto first = RecordStore::open(folder.place, loaded);
        REQUIRE(first);
        const auto second = RecordStore::open(folder.place, loaded);
        REQUIRE_FALSE(second);
        CHECK(second.error() == folder.place.path() + ": is open already in this process");
    }
    CHECK(RecordStore::open(folder.place, loaded));
}

TEST_CASE("a store whose file is taken away writes another", "[ANY-1]") {
    const Folder folder;
    LoadedRecords loaded;
    auto store = RecordStore::open(folder.place, loaded);
    REQUIRE(store);
    REQUIRE(store->commit(transaction(1)));
    std::filesystem::remove(folder.place.path());
    REQUIRE(store->commit(transaction(2)));
    CHECK(store->mended() == "was removed or replaced");
    std::filesystem::remove_all(folder.directory.path());
    std::ofstream(folder.directory.path()) << "in the way";
    const auto refused = store->commit(transaction(3));
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == folder.directory.path() + ": is not a folder");
    std::filesystem::remove(folder.directory.path());
    REQUIRE(store->commit(transaction(3)));
    store = tl::unexpected(std::string("closed"));
    CHECK(folder.load().database == after(3));
}

TEST_CASE("a store whose files are cut while it is open writes another, and says so", "[ANY-1]") {
    // In a child: a map that is read beyond the end of its file ends the process.
    const Folder folder;
    const std::string cut = GENERATE("state.mdb", "state.mdb-lock");
    const auto size = GENERATE(std::uintmax_t{0}, std::uintmax_t{100}, std::uintmax_t{4096},
                               std::uintmax_t{8192}, std::uintmax_t{20000});
    INFO(cut << " cut to " << size << " bytes");
    const int status = ::test::run_in_child([&] {
        LoadedRecords loaded;
        auto store = RecordStore::open(folder.place, loaded);
        for (unsigned number = 1; number <= 8; ++number) {
            const std::string file = folder.directory.path() + "/" + cut;
            const bool shorter = number > 2 && size < std::filesystem::file_size(file);
            if (number > 2)
                std::filesystem::resize_file(file, size);
            if (!store->commit(transaction(number)))
                return refuse("the commit is made");
            if (shorter == store->mended().empty())
                return refuse("what happened is told, once", store->mended());
        }
        return 0;
    });
    CHECK(status == 0);
    CHECK(folder.load().database == after(8));
}

TEST_CASE("a folder that cannot be written is told in one sentence", "[ANY-1]") {
    LoadedRecords loaded;
    const auto store = RecordStore::open({"/proc/self/none"}, loaded);
    REQUIRE_FALSE(store);
    CHECK(store.error() == "/proc/self/none: no such file or directory");
    CHECK_FALSE(loaded.damage);
}

TEST_CASE("a full disk costs the transaction alone, and heals", "[ANY-1][SYNC-2]") {
    const Folder folder;
    const int status = with_small_disk(folder.directory.path(), [&] {
        LoadedRecords loaded;
        auto store = RecordStore::open(folder.place, loaded);
        if (!store || !store->commit(transaction(1)))
            return refuse("a small disk is enough");
        const std::string filler = folder.directory.write("filler", std::string(1 << 20, 'x'));
        unsigned number = 2;
        tl::expected<void, std::string> stored;
        while (number < 100 && (stored = store->commit(transaction(number))))
            ++number;
        if (stored || stored.error() != folder.place.path() + ": no space left on device")
            return refuse("the error names the file and the reason", stored ? "" : stored.error());
        stored = store->commit(transaction(number));
        if (stored || stored.error().find(": no space left on device") == std::string::npos)
            return refuse("it goes on telling", stored ? "" : stored.error());
        std::filesystem::remove(filler);
        const auto file = read_record_file(folder.directory.read("state.mdb"));
        if (!file || !(file->database == after(number - 1)))
            return refuse("the store holds what it held", file ? "" : file.error());
        if (!store->commit(transaction(number)))
            return refuse("it heals");
        folder.directory.write("filler", std::string(1 << 20, 'x'));
        store = tl::unexpected(std::string("closed"));
        store = RecordStore::open(folder.place, loaded);
        if (!store || loaded.damage || !(loaded.database == after(number)))
            return refuse("a full disk does not keep a supervisor from its records",
                          store ? "" : store.error());
        std::filesystem::remove(filler);
        return store->commit(transaction(number + 1)) ? 0 : refuse("it heals after a restart");
    });
    if (status == 77)
        WARN("SKIPPED: a small disk can be mounted by root only");
    else
        CHECK(status == 0);
}

TEST_CASE("a disk that became read-only is told in one sentence", "[ANY-1]") {
    const Folder folder;
    const int status = with_small_disk(folder.directory.path(), [&] {
        if (!fill(folder.place, 3))
            return refuse("a small disk is enough");
        const char* const path = folder.directory.path().c_str();
        if (::mount(nullptr, path, nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
            return 77;
        LoadedRecords loaded;
        const auto store = RecordStore::open(folder.place, loaded);
        if (store || store.error() != folder.place.path() + ".new: read-only file system")
            return refuse("the error names the file and the reason", store ? "" : store.error());
        return loaded.database == after(3) ? 0 : refuse("what is there can still be read");
    });
    if (status == 77)
        WARN("SKIPPED: a small disk can be mounted by root only");
    else
        CHECK(status == 0);
}
