// The store of records through the end of its process at every instant, through the loss of power
// at every point of a write, and through wrong bits (BEHAVIOUR ANY-1, SYNC-2).
#include <fcntl.h>
#include <sys/ptrace.h>

#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <random>

#include "libha/runtime/record_file.hpp"
#include "libha/runtime/record_store.hpp"
#include "test/support/child_process.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/unit/runtime/record_samples.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace ha::runtime::test;
using ::test::TemporaryDirectory;

constexpr std::size_t kPage = 4096;
constexpr std::size_t kSector = 512;
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
/// the `limit`-th such stop: what a process leaves behind changes in system calls alone.
Death kill_at(const RecordPlace& place, unsigned limit) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const pid_t child = ::test::start_child([&] {
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
            return 77;
        ::raise(SIGSTOP);
        return commit_all(place, pipe[1]);
    });
    Death death;
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    death.traced = WIFSTOPPED(status);
    for (unsigned calls = 0; WIFSTOPPED(status); ++calls) {
        if (calls == limit)
            ::kill(child, SIGKILL);
        else
            ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
        REQUIRE(::waitpid(child, &status, 0) == child);
    }
    death.finished = WIFEXITED(status);
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

/// The pages from 2 on in which two files differ.
std::vector<std::size_t> different_pages(const std::string& before, const std::string& later) {
    std::vector<std::size_t> pages;
    for (std::size_t page = 2; page * kPage < later.size(); ++page)
        if (page * kPage >= before.size() ||
            before.compare(page * kPage, kPage, later, page * kPage, kPage) != 0)
            pages.push_back(page);
    return pages;
}

/// `count` bytes of `later` over those of `file`, from `offset` on.
void take_over(std::string& file, const std::string& later, std::size_t offset, std::size_t count) {
    if (file.size() < offset + count)
        file.resize(offset + count, '\0');
    file.replace(offset, count, later, offset, count);
}

void check_holds(const std::string& bytes, const records::Database& expected) {
    const auto file = read_record_file(bytes);
    if (!file || !(file->database == expected))
        FAIL("does not hold what it should: " << (file ? "other records" : file.error()));
}

/// Every set of the changed pages, or a thousand of them, and the last page of each set torn.
template <typename Check>
void every_mixture(const std::string& before, const std::string& later, std::mt19937& random,
                   const Check& check) {
    const std::vector<std::size_t> pages = different_pages(before, later);
    REQUIRE(pages.size() < 31);
    const std::uint32_t all = std::uint32_t{1} << pages.size();
    for (std::uint32_t trial = 0; trial < std::min(all, 1000U); ++trial) {
        const std::uint32_t set = all <= 1000U ? trial : static_cast<std::uint32_t>(random() % all);
        std::string file = before;
        for (std::size_t index = 0; index < pages.size(); ++index)
            if ((set >> index & 1U) != 0)
                take_over(file, later, pages[index] * kPage, kPage);
        check(file, set == all - 1);
        const std::size_t torn = pages[random() % pages.size()];
        std::string torn_file = file;
        take_over(torn_file, later, torn * kPage, kSector * (1 + random() % (kPage / kSector)));
        check(torn_file, false);
    }
    for (const std::size_t page : pages)
        for (std::size_t size = kSector; size < kPage; size += kSector) {
            std::string file = before;
            take_over(file, later, page * kPage, size);
            check(file, false);
        }
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

TEST_CASE("after a loss of power before the last write a store is as it was", "[ANY-1][SYNC-2]") {
    const std::vector<std::string> states = states_on_disk(24);
    std::mt19937 random(20261121);
    unsigned mixtures = 0;
    for (unsigned number = 1; number < states.size(); ++number) {
        INFO("transaction " << number);
        const records::Database old = after(number - 1);
        every_mixture(states[number - 1], states[number], random,
                      [&](const std::string& file, bool) {
                          check_holds(file, old);
                          ++mixtures;
                      });
    }
    CHECK(mixtures > 1000);
}

TEST_CASE("the last write of a commit may be torn between any two sectors", "[ANY-1][SYNC-2]") {
    const std::vector<std::string> states = states_on_disk(24);
    for (unsigned number = 1; number < states.size(); ++number) {
        const std::size_t description = number % 2 == 0 ? kPage : 0;
        std::string file = states[number];
        for (std::size_t size = 0; size <= kPage; size += kSector) {
            INFO("transaction " << number << ", " << size << " bytes of the description");
            take_over(file, states[number - 1], 0, 2 * kPage);
            take_over(file, states[number], description, size);
            check_holds(file, after(size == 0 ? number - 1 : number));
        }
    }
}

TEST_CASE("a disk that lost pages it called written leaves no mixture", "[ANY-1]") {
    const std::vector<std::string> states = states_on_disk(24);
    std::mt19937 random(20261121);
    unsigned refused = 0;
    for (unsigned number = 1; number < states.size(); ++number) {
        INFO("transaction " << number);
        const records::Database expected = after(number);
        every_mixture(states[number - 1], states[number], random,
                      [&](std::string file, bool complete) {
                          take_over(file, states[number], 0, 2 * kPage);
                          const auto read = read_record_file(file);
                          REQUIRE((!read || read->database == expected));
                          REQUIRE((read || !complete));
                          refused += read ? 0 : 1;
                      });
    }
    CHECK(refused > 100);
}

TEST_CASE("a store with any bit wrong is right or refused", "[ANY-1]") {
    const std::vector<std::string> states = states_on_disk(12);
    const std::string& good = states.back();
    const records::Database expected = after(12);
    std::mt19937 random(20261121);
    unsigned refused = 0;
    const auto check = [&](const std::string& bytes) {
        const auto read = read_record_file(bytes);
        if (read ? !(read->database == expected) : read.error().empty())
            FAIL("neither right nor refused");
        refused += read ? 0 : 1;
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
}
