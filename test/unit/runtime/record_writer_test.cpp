// The thread that commits records: everything in order, nothing durable before what came earlier
// (BEHAVIOUR SYNC-2).
#include "libha/runtime/record_writer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "test/support/temporary_directory.hpp"
#include "test/unit/runtime/record_samples.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace ha::runtime::test;

/// A writer and what it answered.
struct Office {
    ::test::TemporaryDirectory directory;
    RecordPlace place{directory.path() + "/store"};
    std::mutex mutex;
    std::vector<std::pair<std::uint64_t, std::string>> answers;
    std::vector<std::string> mended;
    std::unique_ptr<RecordWriter> writer;

    Office() {
        LoadedRecords loaded;
        auto store = RecordStore::open(place, loaded);
        REQUIRE(store);
        writer = std::make_unique<RecordWriter>(
            std::move(*store),
            [this](std::uint64_t token, const std::string& error) {
                const std::scoped_lock lock(mutex);
                answers.emplace_back(token, error);
            },
            [this](const std::string& interference) {
                const std::scoped_lock lock(mutex);
                mended.push_back(interference);
            });
    }

    [[nodiscard]] records::Database stored() const {
        LoadedRecords loaded;
        REQUIRE(RecordStore::open(place, loaded));
        CHECK_FALSE(loaded.damage);
        return loaded.database;
    }
    /// A file in the place of the folder: nothing can be written.
    void break_folder() const {
        std::filesystem::remove_all(place.directory);
        std::ofstream(place.directory) << "in the way";
    }
    void mend_folder() const { std::filesystem::remove(place.directory); }
};

}  // namespace

TEST_CASE("the writer answers every token in order and writes what waits", "[SYNC-2]") {
    Office office;
    for (unsigned number = 1; number <= 200; ++number)
        office.writer->submit(number, transaction(number));
    office.writer->flush();
    REQUIRE(office.answers.size() == 200);
    for (unsigned number = 201; number <= 250; ++number)
        office.writer->submit(number, transaction(number));
    office.writer.reset();
    REQUIRE(office.answers.size() == 250);
    CHECK(std::ranges::is_sorted(office.answers));
    CHECK(std::ranges::all_of(office.answers, [](const auto& one) { return one.second.empty(); }));
    CHECK(office.stored() == after(250));
}

TEST_CASE("what failed is written before what comes later", "[SYNC-2]") {
    Office office;
    office.writer->submit(1, transaction(1));
    office.writer->flush();
    office.break_folder();
    for (unsigned number = 2; number <= 4; ++number) {
        office.writer->submit(number, transaction(number));
        office.writer->flush();
        CHECK(office.answers.back() == std::pair<std::uint64_t, std::string>(
                                           number, office.place.directory + ": is not a folder"));
    }
    office.mend_folder();
    office.writer->submit(5, transaction(5));
    office.writer->flush();
    CHECK(office.answers.back() == std::pair<std::uint64_t, std::string>(5, ""));
    office.writer.reset();
    CHECK(office.stored() == after(5));
}

TEST_CASE("what failed is tried once more when the writer ends", "[SYNC-2]") {
    Office office;
    office.break_folder();
    office.writer->submit(1, transaction(1));
    office.writer->flush();
    CHECK_FALSE(office.answers.back().second.empty());
    office.mend_folder();
    office.writer.reset();
    CHECK(office.answers.size() == 1);
    CHECK(office.stored() == after(1));
}

TEST_CASE("changes out of bounds are refused and hold up nobody", "[SYNC-2][ANY-1]") {
    Office office;
    office.writer->submit(1, {{{records::Space::facts, ""}, "value"}});
    office.writer->submit(2, transaction(1));
    office.writer.reset();
    REQUIRE(office.answers.size() == 2);
    CHECK(office.answers[0].second == "a record of the space facts has a name of 0 bytes (1..400)");
    CHECK(office.answers[1].second.empty());
    CHECK(office.stored() == after(1));
}

TEST_CASE("what somebody does to the files is told with the commit that mends it", "[ANY-1]") {
    Office office;
    office.writer->submit(1, transaction(1));
    office.writer->flush();
    CHECK(office.mended.empty());
    std::filesystem::remove(office.place.path());
    office.writer->submit(2, transaction(2));
    office.writer->submit(3, transaction(3));
    office.writer->flush();
    REQUIRE(office.answers.size() == 3);
    CHECK(office.answers.back().second.empty());
    CHECK(office.mended == std::vector<std::string>{"was removed or replaced"});
    office.writer.reset();
    CHECK(office.stored() == after(3));
}
