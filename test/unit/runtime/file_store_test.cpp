// A stored document: written whole or not at all, and never trusted when damaged (BEHAVIOUR ANY-1).
#include "libha/runtime/file_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>

#include "libha/runtime/files.hpp"
#include "libha/runtime/instance_lock.hpp"
#include "test/support/temporary_directory.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;

const std::string kBody = R"({"boots":7,"name":"host \"3\""})";

struct Folder {
    test::TemporaryDirectory directory;
    DocumentPlace place{directory.path(), "state"};

    [[nodiscard]] std::size_t set_aside_count() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
            count += entry.path().string().find(".damaged-") != std::string::npos ? 1 : 0;
        }
        return count;
    }
};

}  // namespace

TEST_CASE("what is stored comes back after a restart", "[BOOT-5][VEM-1]") {
    const Folder folder;
    REQUIRE(store_document(folder.place, kBody));
    const LoadedDocument loaded = load_document(folder.place);
    CHECK_FALSE(loaded.damage);
    CHECK(loaded.body == kBody);
    struct stat status {};
    REQUIRE(::stat(folder.place.path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("without a file there is no document, and nothing is said", "[ANY-1]") {
    const Folder folder;
    const LoadedDocument loaded = load_document(folder.place);
    CHECK_FALSE(loaded.damage);
    CHECK(loaded.body.empty());
}

TEST_CASE("a damaged state file is set aside with the reason", "[ANY-1]") {
    const Folder folder;
    REQUIRE(store_document(folder.place, kBody));
    const std::string good = folder.directory.read("state.json");
    std::string newer = good;
    newer.replace(newer.find("\"version\":1"), 11, "\"version\":2");
    std::string flipped = good;
    flipped.replace(flipped.find("\"boots\":7"), 9, "\"boots\":8");
    const auto [bytes, fault] = GENERATE_COPY(table<std::string, std::string>({
        {"", "the file is empty"},
        {good.substr(0, good.size() / 2), "the file is no JSON, or cut short"},
        {std::string("\x00\xff\x7f\x01", 4), "the file is no JSON, or cut short"},
        {std::string(100000, '['), "the file is no JSON, or cut short"},
        {"[]", "the file is no JSON, or cut short"},
        {"{}", "the file is not one of this program's"},
        {newer, "the file has format version 2, this program reads 1"},
        {flipped, "the checksum does not fit the content"},
        {std::string(kMaximumDocument + 1, ' '), "is longer than 4194304 bytes"},
    }));
    INFO(fault);
    folder.directory.write("state.json", bytes);
    const LoadedDocument loaded = load_document(folder.place);
    CHECK(loaded.body.empty());
    REQUIRE(loaded.damage);
    CHECK(loaded.damage->fault == fault);
    CHECK(loaded.damage->path == folder.place.path());
    CHECK(loaded.damage->kept_as == folder.place.path() + ".damaged-1");
    CHECK(folder.directory.read("state.json.damaged-1") == bytes);
    CHECK_FALSE(std::filesystem::exists(folder.place.path()));
    CHECK_FALSE(load_document(folder.place).damage);
}

TEST_CASE("damaged state files do not fill the disk", "[ANY-1]") {
    const Folder folder;
    for (int i = 0; i < 20; ++i) {
        folder.directory.write("state.json", "broken " + std::to_string(i));
        REQUIRE(load_document(folder.place).damage);
    }
    CHECK(folder.set_aside_count() == kDamagedFilesKept);
    CHECK(folder.directory.read("state.json.damaged-20") == "broken 19");
}

TEST_CASE("a link in place of the state file is neither read nor written through", "[ANY-1]") {
    const Folder folder;
    const std::string victim = folder.directory.write("victim", "precious");
    std::filesystem::create_symlink(victim, folder.place.path());
    const LoadedDocument loaded = load_document(folder.place);
    REQUIRE(loaded.damage);
    CHECK(loaded.damage->fault == "is a symbolic link");
    std::filesystem::create_symlink(victim, folder.place.path() + ".new");
    REQUIRE(store_document(folder.place, kBody));
    CHECK(folder.directory.read("victim") == "precious");
    CHECK(load_document(folder.place).body == kBody);
}

TEST_CASE("a crash in the middle of a write leaves the old state", "[ANY-1]") {
    const Folder folder;
    REQUIRE(store_document(folder.place, kBody));
    folder.directory.write("state.json.new", "half a st");
    CHECK(load_document(folder.place).body == kBody);
    REQUIRE(store_document(folder.place, kBody));
}

TEST_CASE("a state folder that cannot be written is reported, nothing else happens", "[ANY-1]") {
    const DocumentPlace place{"/proc/self/none", "state"};
    const auto stored = store_document(place, kBody);
    REQUIRE_FALSE(stored);
    CHECK(stored.error() == "/proc/self/none: no such file or directory");
    CHECK_FALSE(load_document(place).damage);
}

TEST_CASE("the writer answers every token, the last document wins", "[SYNC-2]") {
    const Folder folder;
    std::mutex mutex;
    std::vector<std::uint64_t> tokens;
    {
        DocumentWriter writer(folder.place, [&](std::uint64_t token, const std::string& error) {
            const std::scoped_lock lock(mutex);
            CHECK(error.empty());
            tokens.push_back(token);
        });
        for (std::uint64_t i = 1; i <= 50; ++i) {
            writer.submit(i, std::to_string(i));
        }
        writer.flush();
        CHECK(load_document(folder.place).body == "50");
        writer.submit(51, "51");
    }
    CHECK(load_document(folder.place).body == "51");
    REQUIRE(tokens.size() == 51);
    CHECK(std::ranges::is_sorted(tokens));
}

TEST_CASE("a second process of one instance is refused in one sentence", "[ANY-2]") {
    const test::TemporaryDirectory folder;
    {
        const auto first = InstanceLock::take(folder.path(), "vsm-a");
        REQUIRE(first);
        const auto second = InstanceLock::take(folder.path(), "vsm-a");
        REQUIRE_FALSE(second);
        CHECK(second.error() == "instance vsm-a is running already (process " +
                                    std::to_string(::getpid()) + "): it holds " + folder.path() +
                                    "/lock");
    }
    CHECK(InstanceLock::take(folder.path(), "vsm-a"));
}

TEST_CASE("folders are made with their parents and never through a link", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    const std::string path = folder.path() + "/a/b/c";
    REQUIRE(make_directory(path, 0700));
    REQUIRE(make_directory(path, 0700));
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700U);
    const std::string link = folder.path() + "/link";
    std::filesystem::create_symlink(path, link);
    const auto linked = make_directory(link, 0700);
    REQUIRE_FALSE(linked);
    CHECK(linked.error().text == link + ": is not a folder");
}
