// The files of operators: whole, bounded, and nothing but plain files.
#include "libha/runtime/bootflash.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "test/support/temporary_directory.hpp"

using namespace ha::runtime;

TEST_CASE("a file is written, listed and read again", "[files]") {
    const test::TemporaryDirectory folder;
    const Bootflash files(folder.path());
    CHECK(files.list().empty());
    REQUIRE(files.write("b.cfg", "one"));
    REQUIRE(files.write("a.cfg", "seven\n"));
    REQUIRE(files.write("b.cfg", "another"));
    const auto entries = files.list();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].name == "a.cfg");
    CHECK(entries[0].size == 6);
    CHECK(entries[1].size == 7);
    CHECK(entries[1].modified.time_since_epoch().count() > 0);
    CHECK(files.read("b.cfg", 100).value() == "another");
}

TEST_CASE("what is no plain file of a fit size is refused with its name", "[ANY-1][files]") {
    const test::TemporaryDirectory folder;
    const Bootflash files(folder.path());
    CHECK(files.read("none", 100).error() == "bootflash:none: no such file or directory");
    REQUIRE(files.write("long", std::string(101, 'x')));
    CHECK(files.read("long", 100).error().starts_with("bootflash:long: "));
    REQUIRE(::symlink("/etc/passwd", (folder.path() + "/bootflash/link").c_str()) == 0);
    CHECK(files.read("link", 100000).error() == "bootflash:link: is a symbolic link");
    CHECK(files.list().size() == 1);
    for (std::size_t number = 1; number < kMaximumStoredFiles; ++number)
        REQUIRE(files.write("file" + std::to_string(number), "x"));
    CHECK(files.write("one-more", "x").error() ==
          "bootflash:one-more: there are 100 files already");
    CHECK(files.write("file7", "y"));
}
