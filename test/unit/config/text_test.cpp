// What the configuration commands print, to the character, and context diffs against what diff(1)
// makes of the same texts.
#include "libha/config/text.hpp"

#include <catch2/catch.hpp>

#include "libha/config/context_diff.hpp"
#include "libha/config/edit.hpp"
#include "libha/config/load.hpp"

using namespace ha;
using namespace ha::config;

namespace {

using Lines = std::vector<std::string>;

const WallTime kWednesday{std::chrono::milliseconds(1344459190000)};  // 2012-08-08 20:53:10

Lines split(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        lines.emplace_back(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
    }
    return lines;
}

std::string joined(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

/// Letters as lines.
std::string difference(const std::string& before, const std::string& after) {
    NumberedLines one;
    NumberedLines other;
    for (const char c : before)
        one.lines.emplace_back(1, c);
    for (const char c : after)
        other.lines.emplace_back(1, c);
    return joined(context_diff(one, other));
}

}  // namespace

TEST_CASE("show running-config begins with the header that tools strip") {
    const auto running =
        load(
            "vem 3\nhost id 80c34566-7e89-b601-b4f9-001a64dc9054\nsvs-domain\ndomain id 34\n"
            "control vlan 1\npacket vlan 1\nsvs mode L2\n",
            "1")
            .value();
    CHECK(joined(running_text(running, "4.2(1)SV1(5.1)", kWednesday)) ==
          R"(!Command: show running-config
!Time: Wed Aug  8 20:53:10 2012

version 4.2(1)SV1(5.1)
vem 3
  host id 80c34566-7e89-b601-b4f9-001a64dc9054
svs-domain
  domain id 34
  control vlan 1
  packet vlan 1
  svs mode L2
)");
}

TEST_CASE("The loss interval is printed as in the product's documents [HB-2]") {
    Configuration configuration;
    configuration.apply(edit({}, "", "system inter-sup-heartbeat time 10").value().changes);
    CHECK(configuration.print() == Lines{"system inter-sup-heartbeat time 10"});
    configuration.apply(
        edit(configuration, "", "no system inter-sup-heartbeat time 10").value().changes);
    CHECK(configuration.empty());
}

TEST_CASE("show startup-config says when it was saved, and nothing when nothing was") {
    const auto startup = load("hostname x\n", "1").value();
    CHECK(joined(startup_text(startup, "0.1.0", kWednesday, kWednesday)) ==
          "!Command: show startup-config\n!Time: Wed Aug  8 20:53:10 2012\n"
          "!Startup config saved at: Wed Aug  8 20:53:10 2012\n\nversion 0.1.0\nhostname x\n");
    CHECK(startup_text(startup, "0.1.0", kWednesday, std::nullopt).size() == 5);
    CHECK(startup_text({}, "0.1.0", kWednesday, kWednesday).empty());
}

TEST_CASE("Saving copies the running configuration, and erasing leaves nothing [SW-4]") {
    records::Database database;
    const auto running = load("hostname x\nha-pair id 3\n", "1").value();
    database.apply(running.changes_to(database, records::Space::running_configuration));
    CHECK_FALSE(startup_saved(database));
    database.apply(save_startup(database, kWednesday));
    CHECK(Configuration::of(database, records::Space::startup_configuration) == running);
    CHECK(startup_saved(database) == kWednesday);
    database.apply(erase_startup(database));
    CHECK(Configuration::of(database, records::Space::startup_configuration).empty());
    CHECK_FALSE(startup_saved(database));
    CHECK(erase_startup(database).empty());
}

TEST_CASE("show running-config diff has the layout of the product's documents [SW-4]") {
    // The document shows lines 180 to 189 of a saved configuration, whose header is one line longer
    // than that of the running one.
    const Lines lines = split(
        "  inherit port-profile bundle-uplink\n  no shutdown\n\ninterface Ethernet3/2\n"
        "  inherit port-profile bundle-uplink\n"
        "clock summer-time EDT 2 Sun Mar 02:00 1 Sun Nov 02:00 60\nline console\nline vty\n"
        "boot kickstart bootflash:/nexus-1000v-sk-upgrade-kickstart.5.2.1.SK1.2.0.437.gbin.upg "
        "sup-1\n"
        "boot system bootflash:/nexus-1000v-sk-upgrade.5.2.1.SK1.2.0.437.gbin.upg sup-1\n");
    NumberedLines startup{Lines(175), 5};
    for (std::size_t line = 0; line < startup.lines.size(); ++line)
        startup.lines[line] = std::to_string(line);
    startup.lines.insert(startup.lines.end(), lines.begin(), lines.end());
    NumberedLines running{startup.lines, 4};
    running.lines.insert(running.lines.end() - 5, {"", "interface control0"});
    CHECK(joined(context_diff(startup, running)) == R"(***************
*** 180,189 ****
--- 179,190 ----
    inherit port-profile bundle-uplink
    no shutdown

  interface Ethernet3/2
    inherit port-profile bundle-uplink
+
+ interface control0
  clock summer-time EDT 2 Sun Mar 02:00 1 Sun Nov 02:00 60
  line console
  line vty
  boot kickstart bootflash:/nexus-1000v-sk-upgrade-kickstart.5.2.1.SK1.2.0.437.gbin.upg sup-1
  boot system bootflash:/nexus-1000v-sk-upgrade.5.2.1.SK1.2.0.437.gbin.upg sup-1
)");
}

TEST_CASE("The difference of two configurations is numbered as they are shown [SW-4]") {
    const auto startup = load("hostname x\nsvs-domain\ndomain id 34\nsvs mode L2\n", "1").value();
    auto running = startup;
    CHECK(difference_text(startup, kWednesday, running, "0.1.0").empty());
    running.apply(edit(running, "svs-domain", "domain id 35").value().changes);
    running.apply(edit(running, "", "interface control0").value().changes);
    CHECK(joined(difference_text(startup, kWednesday, running, "0.1.0")) ==
          R"(*** Startup-config
--- Running-config
***************
*** 5,9 ****
  version 0.1.0
  hostname x
  svs-domain
!   domain id 34
    svs mode L2
--- 4,10 ----
  version 0.1.0
  hostname x
+
+ interface control0
  svs-domain
!   domain id 35
    svs mode L2
)");
    CHECK(joined(difference_text({}, std::nullopt, load("hostname x", "1").value(), "0.1.0")) ==
          "*** Startup-config\n--- Running-config\n***************\n*** 0 ****\n--- 4,5 ----\n"
          "+ version 0.1.0\n+ hostname x\n");
}

TEST_CASE("Context diffs are those of diff(1) with five lines of context") {
    CHECK(difference("", "").empty());
    CHECK(difference("abc", "abc").empty());
    CHECK(difference("abcdefghijklmnop", "abcdefgXhijklmnop") ==
          R"(***************
*** 3,12 ****
--- 3,13 ----
  c
  d
  e
  f
  g
+ X
  h
  i
  j
  k
  l
)");
    CHECK(difference("abcdefghijklmnop", "abcdefgijklmnop") ==
          R"(***************
*** 3,13 ****
  c
  d
  e
  f
  g
- h
  i
  j
  k
  l
  m
--- 3,12 ----
)");
    CHECK(difference("abcdefghijklmnop", "abcdXfghijklmnop") ==
          R"(***************
*** 1,10 ****
  a
  b
  c
  d
! e
  f
  g
  h
  i
  j
--- 1,10 ----
  a
  b
  c
  d
! X
  f
  g
  h
  i
  j
)");
    CHECK(difference("", "ab") ==
          R"(***************
*** 0 ****
--- 1,2 ----
+ a
+ b
)");
    CHECK(difference("ab", "") ==
          R"(***************
*** 1,2 ****
- a
- b
--- 0 ----
)");
    CHECK(difference("a", "b") ==
          R"(***************
*** 1 ****
! a
--- 1 ----
! b
)");
    CHECK(difference("abcdefghijklmnopqrstuvwxyz", "Abcdefghijklmnopqrstuvwxy") ==
          R"(***************
*** 1,6 ****
! a
  b
  c
  d
  e
  f
--- 1,6 ----
! A
  b
  c
  d
  e
  f
***************
*** 21,26 ****
  u
  v
  w
  x
  y
- z
--- 21,25 ----
)");
    CHECK(difference("abcdefghijklm", "Abcdefghijkm") ==
          R"(***************
*** 1,13 ****
! a
  b
  c
  d
  e
  f
  g
  h
  i
  j
  k
- l
  m
--- 1,12 ----
! A
  b
  c
  d
  e
  f
  g
  h
  i
  j
  k
  m
)");
    CHECK(difference("xabcdefghijky", "abcdefghijk") ==
          R"(***************
*** 1,6 ****
- x
  a
  b
  c
  d
  e
--- 1,5 ----
***************
*** 8,13 ****
  g
  h
  i
  j
  k
- y
--- 7,11 ----
)");
}

TEST_CASE("A difference marks as few lines as possible, and leads from one text to the other") {
    std::uint32_t seed = 1;
    const auto next = [&seed](std::uint32_t below) {
        seed = seed * 1664525U + 1013904223U;
        return (seed >> 16U) % below;
    };
    for (int round = 0; round < 300; ++round) {
        NumberedLines before;
        NumberedLines after;
        for (auto count = next(12); count > 0; --count)
            before.lines.emplace_back(1, static_cast<char>('a' + next(3)));
        for (auto count = next(12); count > 0; --count)
            after.lines.emplace_back(1, static_cast<char>('a' + next(3)));
        std::vector<std::vector<std::size_t>> common(
            before.lines.size() + 1, std::vector<std::size_t>(after.lines.size() + 1, 0));
        for (std::size_t i = 1; i <= before.lines.size(); ++i) {
            for (std::size_t j = 1; j <= after.lines.size(); ++j) {
                common[i][j] = before.lines[i - 1] == after.lines[j - 1]
                                   ? common[i - 1][j - 1] + 1
                                   : std::max(common[i - 1][j], common[i][j - 1]);
            }
        }
        const auto stays = common[before.lines.size()][after.lines.size()];
        std::size_t removed = 0;
        std::size_t added = 0;
        bool in_after = false;
        for (const std::string& line : context_diff(before, after)) {
            if (line.starts_with("***"))
                in_after = false;
            else if (line.starts_with("---"))
                in_after = true;
            else if (line[0] != ' ')
                ++(in_after ? added : removed);
        }
        CHECK(removed == before.lines.size() - stays);
        CHECK(added == after.lines.size() - stays);
    }
}
