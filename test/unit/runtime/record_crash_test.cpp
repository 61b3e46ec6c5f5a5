// The store of records through the end of its process at every instant, through the loss of power
// at every point of a write, and through wrong bits (BEHAVIOUR ANY-1, SYNC-2).
#include <fcntl.h>

#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <random>

#include "libha/runtime/record_file.hpp"
#include "libha/runtime/record_store.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/traced_child.hpp"
#include "test/unit/runtime/record_mixtures.hpp"
#include "test/unit/runtime/record_samples.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace ha::runtime::test;
using ::test::TemporaryDirectory;

constexpr unsigned kBefore = 5;  ///< transactions of the life before
constexpr unsigned kLast = 9;

/// Opens the store, commits the transactions after kBefore, and tells each that is acknowledged.
int commit_all(const RecordPlace& place, int acknowledged) {
    LoadedRecords loaded;
    auto store = RecordStore::open(place, loaded);
    if (!store)
        return 1;
    for (unsigned number = kBefore + 1; number <= kLast; ++number) {
        if (!store->commit(transaction(number)))
            return 1;
        const auto told = static_cast<char>(number);
        if (::write(acknowledged, &told, 1) != 1)
            return 1;
    }
    return 0;
}

struct Death {
    bool traced = true;     ///< false: this machine lets nobody trace a child
    bool finished = false;  ///< the child ended by itself, before it was to be killed
    unsigned acknowledged = kBefore;
};

/// Runs commit_all() in a child and kills it when it enters (even) or leaves (odd) a system call,
/// the `limit`-th such stop.
Death kill_at(const RecordPlace& place, unsigned limit) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    ::test::TracedChild child([&] { return commit_all(place, pipe[1]); });
    for (unsigned calls = 0; child.is_stopped(); ++calls) {
        if (calls == limit)
            child.kill();
        else
            child.go_on();
    }
    Death death{child.is_traced(), child.has_finished(), kBefore};
    ::close(pipe[1]);
    for (char told = 0; ::read(pipe[0], &told, 1) == 1;)
        death.acknowledged = static_cast<unsigned>(told);
    ::close(pipe[0]);
    return death;
}

/// The number of the transaction whose outcome `database` is.
std::optional<unsigned> transaction_of(const records::Database& database) {
    for (unsigned number = 0; number <= kLast; ++number)
        if (database == after(number))
            return number;
    return std::nullopt;
}

/// The description that the transaction of this number writes.
std::string_view description_of(const std::string& file, unsigned number) {
    return std::string_view(file).substr(number % 2 == 0 ? kPage : 0, kSector);
}

/// The bytes of a store after each of the transactions up to `last`.
std::vector<std::string> states_on_disk(unsigned last) {
    const TemporaryDirectory folder;
    LoadedRecords loaded;
    auto store = RecordStore::open({folder.path()}, loaded);
    REQUIRE(store);
    std::vector<std::string> states{folder.read("state.mdb")};
    for (unsigned number = 1; number <= last; ++number) {
        REQUIRE(store->commit(transaction(number)));
        states.push_back(folder.read("state.mdb"));
    }
    return states;
}

}  // namespace

TEST_CASE("killed at any instant, a store holds all that was acknowledged, and no half",
          "[ANY-1][SYNC-2]") {
    std::string life_before;
    {
        const TemporaryDirectory folder;
        REQUIRE(fill({folder.path()}, kBefore));
        life_before = folder.read("state.mdb");
    }
    unsigned deaths = 0;
    bool finished = false;
    // After one call is before the next: every other stop is enough.
    for (unsigned limit = 1; !finished; limit += 2) {
        const TemporaryDirectory folder;
        const RecordPlace place{folder.path()};
        folder.write("state.mdb", life_before);
        const Death death = kill_at(place, limit);
        if (!death.traced) {
            WARN("SKIPPED: this machine lets nobody trace a child");
            return;
        }
        INFO("killed at system call stop " << limit << ", acknowledged " << death.acknowledged);
        LoadedRecords loaded;
        auto store = RecordStore::open(place, loaded);
        REQUIRE(store);
        REQUIRE_FALSE(loaded.damage);
        const auto number = transaction_of(loaded.database);
        REQUIRE(number);
        REQUIRE(*number >= death.acknowledged);
        REQUIRE(*number <= death.acknowledged + 1);
        REQUIRE(store->commit(transaction(*number + 1)));
        finished = death.finished;
        deaths += finished ? 0 : 1;
        REQUIRE((!finished || death.acknowledged == kLast));
        REQUIRE(limit < 5000);
    }
    CHECK(deaths > 60);
}

TEST_CASE("a loss of power during a commit leaves the old or the new, whatever reached the disk",
          "[ANY-1][SYNC-2]") {
    const std::vector<std::string> states = states_on_disk(24);
    std::mt19937 random(20261121);
    unsigned olds = 0;
    unsigned undone = 0;
    unsigned news = 0;
    for (unsigned number = 1; number < states.size(); ++number) {
        INFO("transaction " << number);
        const std::string& later = states[number];
        const records::Database before = after(number - 1);
        const records::Database expected = after(number);
        every_mixture(states[number - 1], later, 1000, random, [&](const std::string& bytes) {
            const auto file = read_record_file(bytes);
            if (!file)
                FAIL("refused: " << file.error());
            const bool described = description_of(bytes, number) == description_of(later, number);
            const bool is_new = file->database == expected;
            REQUIRE((is_new || file->database == before));
            REQUIRE((described || !is_new));
            REQUIRE(file->torn.empty() == (is_new || !described));
            (is_new ? news : described ? undone : olds) += 1;
        });
        const auto whole = read_record_file(later);
        REQUIRE((whole && whole->torn.empty() && whole->database == expected));
    }
    CHECK(olds > 1000);
    CHECK(undone > 1000);
    CHECK(news > 24);
}

TEST_CASE("a store with any bit wrong is right, or as before its last transaction, or refused",
          "[ANY-1]") {
    const std::vector<std::string> states = states_on_disk(12);
    const std::string& good = states.back();
    const records::Database expected = after(12);
    const records::Database before = after(11);
    std::mt19937 random(20261121);
    unsigned refused = 0;
    unsigned undone = 0;
    const auto check = [&](const std::string& bytes) {
        const auto read = read_record_file(bytes);
        const bool right = read && read->database == expected;
        const bool old = read && read->database == before && !read->torn.empty();
        if (read ? !right && !old : read.error().empty())
            FAIL("neither right, nor undone, nor refused");
        refused += read ? 0 : 1;
        undone += old ? 1 : 0;
    };
    // Every bit of what describes the file, one bit of every byte of the rest.
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bytes = good;
        for (unsigned bit = 0; bit < 8; ++bit) {
            if ((at >= 2 * kPage || at % kPage >= 160) && bit != random() % 8)
                continue;
            INFO("byte " << at << ", bit " << bit);
            bytes[at] = static_cast<char>(good[at] ^ 1 << bit);
            check(bytes);
        }
    }
    for (unsigned trial = 0; trial < 5000; ++trial) {
        INFO("trial " << trial);
        std::string bytes = good;
        for (auto count = 1 + random() % 8; count > 0; --count)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        if (trial % 5 == 0)
            bytes.resize(random() % bytes.size());
        if (trial % 7 == 0)
            bytes.replace(random() % (bytes.size() / kPage + 1) * kPage, kPage, good,
                          random() % (good.size() / kPage) * kPage, kPage);
        check(bytes);
    }
    CHECK(refused > 1000);
    CHECK(undone > 1000);
}
