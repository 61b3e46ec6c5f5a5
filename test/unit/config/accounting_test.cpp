// The accounting log: what a line says, what a record holds, and that only the newest stay.
#include "libha/config/accounting.hpp"

#include <catch2/catch.hpp>

using namespace ha;
using namespace ha::config;

namespace {

AccountingEntry entry(const std::string& command, bool succeeded = true) {
    return {WallTime{std::chrono::milliseconds(1344448884250)}, "admin", "console0", command,
            succeeded};
}

}  // namespace

TEST_CASE("An entry is printed as NX-OS does") {
    CHECK(to_line(entry("configure terminal ; hostname x")) ==
          "Wed Aug  8 18:01:24 2012:type=update:id=console0:user=admin:cmd=configure terminal ; "
          "hostname x (SUCCESS)");
    CHECK(to_line(entry("reload\n\x1b[2J", false)) ==
          "Wed Aug  8 18:01:24 2012:type=update:id=console0:user=admin:cmd=reload??[2J (FAILURE)");
}

TEST_CASE("An entry is read as it was written, and nothing else is one [ANY-1]") {
    const auto one = entry("system inter-sup-heartbeat time 10", false);
    const std::string value = encode(one);
    CHECK(decode_accounting(value).value() == one);
    for (std::size_t length = 0; length < value.size(); ++length)
        CHECK_FALSE(decode_accounting(value.substr(0, length)));
    CHECK_FALSE(decode_accounting(value + "x"));
    CHECK(decode_accounting("\x07" + value.substr(1)).error() ==
          "an accounting entry of the unknown version 7");
    CHECK(decode_accounting(encode(entry(std::string(100000, 'x')))).value().command.size() ==
          kMaximumAccountingText);
}

TEST_CASE("The newest 2000 entries are kept [ANY-1]") {
    records::Database database;
    for (std::size_t number = 0; number < kMaximumAccountingEntries + 50; ++number)
        database.apply(append(database, entry(std::to_string(number))));
    const auto entries = accounting_of(database);
    REQUIRE(entries.size() == kMaximumAccountingEntries);
    CHECK(entries.front().command == "50");
    CHECK(entries.back().command == "2049");
    database.apply({{{records::Space::accounting, records::sequence_name(60)}, "spoiled"}});
    CHECK(accounting_of(database).size() == kMaximumAccountingEntries - 1);
    CHECK(append(database, entry("x")).size() == 2);
}
