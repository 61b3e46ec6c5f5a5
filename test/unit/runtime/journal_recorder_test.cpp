// Recording into a real file: appended to, private, never in anybody's way, and clear about what is
// missing.
#include "libha/runtime/journal_recorder.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <mutex>

#include "libha/runtime/journal_file.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/unit/journal/samples.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;

journal::LifeBegun life(const std::string& instance) {
    return {"0.1.0", instance, {}, journal::samples::unusual_options(), {}};
}

struct Bench {
    test::TemporaryDirectory folder;
    std::string path = folder.path() + "/vsmd.journal";
    std::mutex mutex;
    std::vector<std::string> told;

    JournalRecorder::Tell tell() {
        return [this](const std::string& text) {
            const std::scoped_lock lock(mutex);
            told.push_back(text);
        };
    }
    /// Life and steps, one each of all inputs.
    void record(const std::string& instance, std::size_t limit = JournalRecorder::kQueueLimit) {
        JournalRecorder recorder(path, tell(), limit);
        recorder.begin(life(instance));
        for (const supervisor::Input& input : journal::samples::all_inputs())
            recorder.record(input, journal::samples::all_effects());
    }
    [[nodiscard]] wire::Bytes bytes() const {
        const std::string content = test::TemporaryDirectory::content(path);
        return {content.begin(), content.end()};
    }
    [[nodiscard]] std::vector<journal::Record> records() const {
        return journal::samples::records_of(bytes());
    }
};

const std::size_t kWhole = 1 + journal::samples::all_inputs().size();

/// The size that files may grow to, for as long as it lives: a disk that fills up.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        std::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("lives follow each other in one file that only its owner may read", "[journal]") {
    Bench bench;
    ::umask(0);
    bench.record("one");
    bench.record("two");
    ::umask(022);
    CHECK(bench.told.empty());
    const auto records = bench.records();
    REQUIRE(records.size() == 2 * kWhole);
    CHECK(std::get<journal::LifeBegun>(records[0]).instance == "one");
    CHECK(std::get<journal::LifeBegun>(records[kWhole]).instance == "two");
    struct stat status {};
    REQUIRE(::stat(bench.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600);
}

TEST_CASE("a journal that others could read is private from now on", "[journal]") {
    Bench bench;
    bench.folder.write("vsmd.journal", "", 0644);
    bench.record("one");
    struct stat status {};
    REQUIRE(::stat(bench.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600);
}

TEST_CASE("a record that a crash left unfinished goes before the next life", "[journal][ANY-1]") {
    Bench bench;
    bench.record("one");
    std::filesystem::resize_file(bench.path, bench.bytes().size() - 3);
    bench.record("two");
    CHECK(bench.records().size() == 2 * kWhole - 1);
    REQUIRE(bench.told.size() == 1);
    CHECK(bench.told[0].find("bytes of a record that was not finished") != std::string::npos);
}

TEST_CASE("a file that is no journal is told and left alone", "[journal][ANY-1]") {
    Bench bench;
    const std::string precious = GENERATE(as<std::string>{}, "precious: data\n", "damaged");
    std::string text = precious;
    if (precious == "damaged") {
        bench.record("one");
        text = test::TemporaryDirectory::content(bench.path);
        text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
    }
    bench.folder.write("vsmd.journal", text);
    bench.record("two");
    CHECK(test::TemporaryDirectory::content(bench.path) == text);
    REQUIRE(bench.told.size() == 1);
    CHECK(bench.told[0].find(bench.path + ": not a journal, or a damaged one: byte ") !=
          std::string::npos);
    CHECK(bench.told[0].ends_with("nothing is recorded"));
}

TEST_CASE("what cannot be a journal's file is told", "[journal][ANY-1]") {
    Bench bench;
    const auto told = [&](const std::string& path) {
        bench.path = path;
        bench.told.clear();
        bench.record("one");
        REQUIRE(bench.told.size() == 1);
        return bench.told[0];
    };
    CHECK(told(bench.folder.path() + "/none/x").find("no such file") != std::string::npos);
    CHECK(told("/dev/null").find("is not a regular file") != std::string::npos);
    std::filesystem::create_symlink("elsewhere", bench.folder.path() + "/link");
    CHECK_FALSE(told(bench.folder.path() + "/link").empty());
    CHECK_FALSE(std::filesystem::exists(bench.folder.path() + "/elsewhere"));
    const std::string held = bench.folder.path() + "/held";
    const auto holder = JournalFile::open(held);
    REQUIRE(holder);
    CHECK(told(held).find("another process records into it") != std::string::npos);
}

TEST_CASE("when too much waits the life ends with a gap, told once, and the next is recorded",
          "[journal][ANY-1]") {
    Bench bench;
    {
        JournalRecorder recorder(bench.path, bench.tell(), 1);
        recorder.begin(life("one"));
        for (const supervisor::Input& input : journal::samples::all_inputs())
            recorder.record(input, {});
        recorder.begin(life("two"));
    }
    const auto records = bench.records();
    REQUIRE(records.size() == 3);
    CHECK(std::get<journal::Gap>(records[1]).reason == "the disk did not keep up");
    CHECK(std::get<journal::LifeBegun>(records[2]).instance == "two");
    REQUIRE(bench.told.size() == 1);
    CHECK(bench.told[0].find("does not keep up") != std::string::npos);
}

TEST_CASE("a full disk is told once, and what is in the file stays good", "[journal][ANY-1]") {
    Bench bench;
    bench.record("one");
    const std::size_t size = bench.bytes().size();
    {
        const FileSizeLimit limit(size + 2000);
        JournalRecorder recorder(bench.path, bench.tell());
        recorder.begin(life("two"));
        for (int round = 0; round < 200; ++round)
            recorder.record(supervisor::Tick{}, journal::samples::all_effects());
    }
    REQUIRE(bench.told.size() == 1);
    CHECK(bench.told[0].find("file too large; this life is not recorded any further") !=
          std::string::npos);
    const auto cut = bench.records();
    REQUIRE(cut.size() > kWhole + 1);
    CHECK(std::get<journal::Gap>(cut.back()).reason == "the file could not be written");
    bench.record("three");
    CHECK(bench.records().size() == cut.size() + kWhole);
}
