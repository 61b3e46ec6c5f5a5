// A timeline tells what happened: each frame with what became of it, each change with its reason,
// repetitions as one; and its picture is complete, plain SVG that is the same every time.
#include <catch2/catch.hpp>

#include "libsim/timeline/svg.hpp"
#include "libsim/timeline/text.hpp"
#include "test/support/play.hpp"

using sim::timeline::Range;
using sim::timeline::Recorder;
using test::scenario_of;

namespace {

struct Told {
    std::string text;
    std::string svg;
};

Told tell(const std::string& lab, const std::string& steps, Range range = Range::steps) {
    const auto scenario = scenario_of(lab, steps);
    Recorder recorder;
    recorder.name = "a <name>";
    recorder.description = "What & why.";
    sim::play::PlayOptions options;
    options.witness = &recorder;
    sim::play::Player player(scenario, options);
    recorder.watch(player.world());
    CHECK(player.play().failure.empty());
    return {write_text(recorder, range), write_svg(recorder)};
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST_CASE("frames are told with sender, receiver, port, type and fields", "[timeline]") {
    const Told told = tell("{vems: 1}",
                           "  - kill: vsm-a\n"
                           "  - expect: {node: vsm-b, module: 3, is: ok}\n");
    CHECK_THAT(told.text,
               Catch::Contains("## kill vsm-a\n") && Catch::Contains("vsm-a  ** killed\n") &&
                   Catch::Contains("vsm-b  == active-alone  (from standby-ha on peer-lost: "
                                   "nothing heard on control or mgmt for 150 ms)\n") &&
                   Catch::Contains("vsm-b   | %SYSMGR-2-SWITCHOVER_OVER: ") &&
                   Catch::Contains("vsm-b  -> *      control  switch-request") &&
                   Catch::Contains("vsm-b  -> vem-3  control  module-accept           "
                                   "module 3\n") &&
                   Catch::Contains("vem-3  -> vsm-b  control  module-hello            was "
                                   "module 3"));
    // What happened before the first step is told only to those who ask.
    CHECK(told.text.find("** starts") == std::string::npos);
    const Told all = tell("{vems: 0}", "  - say: hello\n", Range::all);
    CHECK_THAT(all.text, Catch::Contains("vsm-a  ** starts\n") && Catch::Contains("## -- hello"));
}

TEST_CASE("a lost frame is told with who missed it and why", "[timeline]") {
    const Told told = tell("{vems: 1}",
                           "  - cut: {node: vsm-a, cable: control, direction: out}\n"
                           "  - {say: later, after: 2h}\n");
    CHECK_THAT(told.text,
               Catch::Contains("vsm-a  -> *      control  module-beacon           lost to "
                               "vsm-b (cut), vem-3 (cut)") &&
                   Catch::Contains("heartbeat-request       active, synchronized; lost to "
                                   "vsm-b (cut)"));
    CHECK(count(told.svg, "class=\"cross\"") > 4);
}

TEST_CASE("equal frames are one line as long as nothing else happens", "[timeline]") {
    const Told told = tell("{vems: 0}", "  - {say: quiet, after: 100h}\n");
    CHECK(count(told.text, "heartbeat-request") == 1);
    CHECK(count(told.text, "heartbeat-response") == 1);
    CHECK_THAT(told.text, Catch::Contains("x100 until 5.0"));
    CHECK_THAT(told.svg, Catch::Contains(">heartbeat-request x100<"));
}

TEST_CASE("frames that no node sent are a stranger's, damaged ones unreadable", "[timeline]") {
    const Told told = tell("{vems: 0}",
                           "  - inject: {port: mgmt, to: vsm-a, hex: \"ff\"}\n"
                           "  - corrupt: {node: vsm-b, cable: control, percent: 100}\n"
                           "  - {say: later, after: 3h}\n");
    CHECK_THAT(told.text, Catch::Contains("?      -> vsm-a  mgmt     unreadable") &&
                              Catch::Contains("vsm-a  -> vsm-b  control  "));
}

TEST_CASE("a picture is plain and complete", "[timeline]") {
    const Told told = tell("{vems: 1}",
                           "  - cut: {node: vsm-b, cable: all}\n"
                           "  - expect: {node: vsm-b, redundancy: Active}\n"
                           "  - heal: {node: vsm-b, cable: all}\n"
                           "  - expect: {domain: whole, within: 6T}\n");
    CHECK(told.svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "));
    CHECK(told.svg.ends_with("</svg>\n"));
    CHECK_THAT(
        told.svg,
        Catch::Contains("<title>a &lt;name&gt;</title>") && Catch::Contains("What &amp; why.") &&
            Catch::Contains("prefers-color-scheme: dark") &&
            Catch::Contains(">cut all of vsm-b<") && Catch::Contains(">active-arbitrating<") &&
            Catch::Contains(">takes the address<") && Catch::Contains(">restarts<"));
    // Nothing is fetched from anywhere.
    CHECK(count(told.svg, "http") == 1);
    CHECK(count(told.svg, "<script") == 0);
    CHECK(count(told.svg, "<text") == count(told.svg, "</text>"));
    const Told again = tell("{vems: 1}",
                            "  - cut: {node: vsm-b, cable: all}\n"
                            "  - expect: {node: vsm-b, redundancy: Active}\n"
                            "  - heal: {node: vsm-b, cable: all}\n"
                            "  - expect: {domain: whole, within: 6T}\n");
    CHECK(told.svg == again.svg);
}
