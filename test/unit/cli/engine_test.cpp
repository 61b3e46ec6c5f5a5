// The command engine: abbreviations, ambiguity, help, pipes, and the texts of its errors.
#include <catch2/catch.hpp>

#include "libha/cli/engine.hpp"

using namespace ha::cli;

namespace {

constexpr int kCard = kFirstFreeCommand;
constexpr int kLogging = kFirstFreeCommand + 1;
constexpr int kClear = kFirstFreeCommand + 2;

Grammar sample() {
    const Token show{"show", "Show running system information"};
    Grammar grammar;
    add_session_commands(grammar);
    grammar.add(kCard, {show, {"card", "This card"}});
    grammar.add(kLogging,
                {show, {"logging", "Log"}, {"last", "Last lines"}, {"<1-9999>", "How many"}});
    grammar.add(kClear, {{"clear", "Reset functions"}, {"card", "This card"}});
    return grammar;
}

Result answer(std::string_view line) {
    static const Grammar kGrammar = sample();
    return run(kGrammar, line, [](const Invocation& invocation) {
        Answer answer;
        answer.document.field("Card name: ", "card_name", std::string("caf\xc3\xa9 <1> & co"));
        answer.document.line("alpha 1").line("beta 22").line("alpha 333");
        if (!invocation.arguments.empty())
            answer.document.data("argument", invocation.arguments[0]);
        if (invocation.command == kClear)
            answer.error = "not here";
        return answer;
    });
}

}  // namespace

TEST_CASE("words may be shortened while they stay unambiguous", "[ANY-1][cli]") {
    CHECK(answer("sh car").output == answer("show card").output);
    CHECK(answer("  show   card  ").exit_status == 0);
    CHECK(answer("show c").error == "show c\n     ^\n% Ambiguous command at '^' marker.\n");
    CHECK(answer("show").error == "show\n    ^\n% Incomplete command at '^' marker.\n");
    CHECK(answer("show foo").error == "show foo\n     ^\n% Invalid command at '^' marker.\n");
    CHECK(answer("show card card").error ==
          "show card card\n          ^\n% Invalid command at '^' marker.\n");
    CHECK(answer("show card").exit_status == 0);
    CHECK(answer("show foo").exit_status == 1);
    CHECK(answer("show foo").output.empty());
}

TEST_CASE("a number outside its range is refused with the range", "[ANY-1][cli]") {
    CHECK(answer("show logging last 9999").exit_status == 0);
    CHECK(answer("show logging last 0").error ==
          "show logging last 0\n                  ^\n% Invalid number, range is (1:9999) at '^' "
          "marker.\n");
    CHECK(answer("show logging last 99999999999999999999999").error.find("range is (1:9999)") !=
          std::string::npos);
    CHECK(answer("show logging last -1").error.find("% Invalid command") != std::string::npos);
    CHECK(answer("show logging last 1x").error.find("% Invalid command") != std::string::npos);
}

TEST_CASE("pipes filter the text, one after the other", "[cli]") {
    CHECK(answer("show card | include alpha").output == "alpha 1\nalpha 333\n");
    CHECK(answer("show card|inc alpha").output == "alpha 1\nalpha 333\n");
    CHECK(answer("show card | inc alpha | excl 333").output == "alpha 1\n");
    CHECK(answer("show card | begin beta").output == "beta 22\nalpha 333\n");
    CHECK(answer("show card | count").output == "4\n");
    CHECK(answer("show card | grep -i ALPHA | count | no-more").output == "2\n");
    CHECK(answer("show card | grep -v -c alpha").output == "2\n");
    CHECK(answer("show card | include \"a|b\" | include 22").output == "beta 22\n");
    CHECK(answer("show card | include beta|333").output == "beta 22\nalpha 333\n");
    CHECK(answer("show card | include nothing").exit_status == 0);
    CHECK(answer("show card | json | include card_name | count").output == "1\n");
}

TEST_CASE("a pipe that makes no sense says where", "[ANY-1][cli]") {
    CHECK(answer("show card |").error ==
          "show card |\n           ^\n% Incomplete command at '^' marker.\n");
    CHECK(answer("show card | e x").error ==
          "show card | e x\n            ^\n% Ambiguous command at '^' marker.\n");
    CHECK(answer("show card | include").error.find("% Incomplete") != std::string::npos);
    CHECK(answer("show card | include [a").error ==
          "show card | include [a\n                    ^\n"
          "% Invalid regular expression at '^' marker: missing ]: [a\n");
    CHECK(answer("show card | count | json").error.find("% Invalid command") != std::string::npos);
    CHECK(answer("show card | include " + std::string(600, 'a')).error.find("at most 512") !=
          std::string::npos);
    CHECK(answer("show card | include ((((a{99}){99}){99}){99})").exit_status == 1);
    CHECK(answer("exit | json").error == "exit | json\n     ^\n% Invalid command at '^' marker.\n");
    std::string many = "show card";
    for (int i = 0; i < 17; ++i)
        many += " | no-more";
    CHECK(answer(many).error.find("% Too many pipes (at most 16)") != std::string::npos);
}

TEST_CASE("a question mark lists what may stand there", "[cli]") {
    CHECK(answer("show c?").output == "  card  This card\n  cli   Display the cli tree\n");
    CHECK(answer("show card ?").output == "  <CR>\n  |     Pipe command output to filter\n");
    CHECK(answer("show logging last ?").output == "  <1-9999>  How many\n");
    CHECK(answer("show x?").error.find("% Invalid command at '^' marker.") != std::string::npos);
    CHECK(answer("show card | ?").output.find("  include") != std::string::npos);
    CHECK(answer("show card | include ?").output == "  WORD  Search expression\n");
    CHECK(answer("show card | include 33?").output == "alpha 333\n");
    CHECK(answer("?").output.find("  show ") != std::string::npos);
}

TEST_CASE("a tab lists the words that may be typed", "[cli]") {
    CHECK(answer("sh\t").output == "show\n");
    CHECK(answer("show c\t").output == "card\ncli\n");
    CHECK(answer("show logging last \t").output.empty());
    CHECK(answer("show x\t").output.empty());
    CHECK(answer("show card | inc\t").output == "include\n");
}

TEST_CASE("lines that no command is made of harm nobody", "[ANY-1][cli]") {
    CHECK(answer("").exit_status == 0);
    CHECK(answer("   ").exit_status == 0);
    CHECK(answer("! a comment").exit_status == 0);
    CHECK(answer(std::string(65536, 'a')).error ==
          "% Command line too long (65536 bytes, at most 4096)\n");
    CHECK(answer(std::string(4096, 'a')).error.find("% Invalid command") != std::string::npos);
    CHECK(answer("show \x01\x02\xff\xfe card").error ==
          "show ???? card\n     ^\n% Invalid command at '^' marker.\n");
    CHECK(answer("show caf\xc3\xa9 x").error ==
          "show caf\xc3\xa9 x\n     ^\n% Invalid command at '^' marker.\n");
    CHECK(answer(std::string_view("show\0card", 9)).exit_status == 1);
    CHECK(answer("| json").error == "| json\n^\n% Incomplete command at '^' marker.\n");
    CHECK(answer("clear card").error == "% not here\n");
}

TEST_CASE("one document makes text, JSON and XML", "[cli]") {
    CHECK(answer("show card").output ==
          "Card name: caf\xc3\xa9 <1> & co\nalpha 1\nbeta 22\nalpha 333\n");
    CHECK(answer("show logging last 3 | json").output ==
          "{\"card_name\":\"caf\xc3\xa9 <1> & co\",\"argument\":\"3\"}\n");
    CHECK(answer("show card | xml").output ==
          "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
          "<nf:rpc-reply xmlns:nf=\"urn:ietf:params:xml:ns:netconf:base:1.0\" "
          "xmlns=\"http://www.cisco.com/nxos:1.0:card\">\n"
          " <nf:data>\n"
          "  <show>\n"
          "   <card>\n"
          "    <__XML__OPT_Cmd_show_card___readonly__>\n"
          "     <__readonly__>\n"
          "      <card_name>caf&#233; &lt;1&gt; &amp; co</card_name>\n"
          "     </__readonly__>\n"
          "    </__XML__OPT_Cmd_show_card___readonly__>\n"
          "   </card>\n"
          "  </show>\n"
          " </nf:data>\n"
          "</nf:rpc-reply>\n");
}
