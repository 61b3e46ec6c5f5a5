// Lines that nobody would type: made from the pieces of real ones, cut, repeated and spoilt.
// Whatever comes, the answer is bounded, printable, and an error leaves no action behind.
#include <random>

#include <catch2/catch.hpp>

#include "test/unit/cli/snapshots.hpp"

using namespace ha::cli;
using namespace ha::cli::test;

namespace {

const std::vector<std::string> kPieces = {
    "show",     "system",   "redundancy", "status", "module",   "vem",    "counters", "|",
    "json",     "xml",      "grep",       "-i",     "-v",       "-c",     "include",  "begin",
    "count",    "?",        "\t",         "\"",     "((((a*",   "[z-a]",  "\\",       "logging",
    "last",     "9999",     "10000",      "-1",     "reload",   "clear",  "a{500}",   "(a|b)*",
    "\xc3\xa9", "\xff",     "\x01",       "\n",     "\r",       "%s%n",   "peer-mac", "^",
    "no-more",  "internal", "statistics", "trace",  "terminal", "length", "0",        "exit",
    "!",        "<1-9999>"};

std::string make_line(std::mt19937& random) {
    std::string line;
    const auto pieces = random() % 12;
    for (std::size_t i = 0; i < pieces; ++i) {
        auto piece = kPieces[random() % kPieces.size()];
        if (random() % 4 == 0)
            piece.resize(random() % (piece.size() + 1));
        line += piece;
        if (random() % 5 != 0)
            line += ' ';
    }
    if (random() % 50 == 0)
        line.append(random() % 5000, 'x');
    return line;
}

bool is_printable(const std::string& text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n') || byte == 0x7f)
            return false;
    }
    return true;
}

}  // namespace

TEST_CASE("no line harms the commands", "[ANY-1][cli]") {
    std::mt19937 random(4711);
    const auto context = situation("pair-active");
    for (int round = 0; round < 4000; ++round) {
        const auto line = make_line(random);
        const auto result = execute(line, context);
        INFO(line);
        REQUIRE(is_printable(result.output));
        REQUIRE(is_printable(result.error));
        REQUIRE((result.exit_status == 0) == result.error.empty());
        REQUIRE(result.error.size() < 4 * kMaximumLine);
        if (result.exit_status != 0)
            REQUIRE_FALSE(result.action);
    }
}

TEST_CASE("a pattern made to be slow is not", "[ANY-1][cli]") {
    auto context = situation("pair-active");
    context.log.assign(9999, std::string(200, 'a'));
    const auto result = execute("show logging last 9999 | include (a+)+(a+)+(a+)+b", context);
    CHECK(result.exit_status == 0);
    CHECK(result.output.empty());
}
