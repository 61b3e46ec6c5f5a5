// Files with any byte wrong: a configuration, a stored state, a request on the control socket. Each
// is read or refused, never believed by halves and never the end of the program (BEHAVIOUR ANY-1).
#include <catch2/catch.hpp>
#include <random>

#include "libha/runtime/configuration.hpp"
#include "libha/runtime/control_protocol.hpp"
#include "libha/runtime/file_store.hpp"
#include "test/support/temporary_directory.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;

/// A copy of `text` with a few bytes changed, removed, repeated, or all after one cut off.
std::string spoil(std::string text, std::mt19937& random) {
    static constexpr std::string_view kLikely =
        "{}[]:,-#'\"&*!|>%@`\n\t \\\0\xff"
        "09az~";
    for (auto count = 1 + random() % 3; count > 0 && !text.empty(); --count) {
        const std::size_t at = random() % text.size();
        switch (random() % 5) {
            case 0:
                text[at] = static_cast<char>(random());
                break;
            case 1:
                text[at] = kLikely[random() % kLikely.size()];
                break;
            case 2:
                text.erase(at, 1 + random() % 20);
                break;
            case 3:
                text.insert(at, std::string(text, random() % text.size(), random() % 40));
                break;
            default:
                text.resize(at);
        }
    }
    return text;
}

}  // namespace

TEST_CASE("a configuration with any byte wrong is read or refused line by line", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    std::string sample = VSM_HA_SOURCE_DIR;
    sample += "/configs/vsmd-primary.yaml";
    const std::string good = test::TemporaryDirectory::content(sample);
    REQUIRE_FALSE(good.empty());
    std::mt19937 random(20261121);
    for (int i = 0; i < 3000; ++i) {
        const std::string file = folder.write("vsm-a.yaml", spoil(good, random));
        const auto loaded = load_supervisor_configuration(file);
        if (!loaded) {
            REQUIRE_FALSE(loaded.error().empty());
            for (const std::string& line : loaded.error()) {
                REQUIRE(line.rfind(file, 0) == 0);
                REQUIRE(line.find('\n') == std::string::npos);
            }
        }
    }
}

TEST_CASE("a stored document with any byte wrong is never believed", "[ANY-1]") {
    const test::TemporaryDirectory folder;
    const DocumentPlace place{folder.path(), "state"};
    const std::string body = R"({"boots":7,"module":3,"host":"01020300-0000-0000"})";
    REQUIRE(store_document(place, body));
    const std::string good = folder.read("state.json");
    std::mt19937 random(20261121);
    for (int i = 0; i < 3000; ++i) {
        folder.write("state.json", spoil(good, random));
        const LoadedDocument loaded = load_document(place);
        // White space and the like may change; what is believed is what was stored.
        REQUIRE(loaded.body == (loaded.damage ? "" : body));
    }
}

TEST_CASE("a request with any byte wrong is understood or refused", "[ANY-1][CTL-1]") {
    const std::string good = to_line(ControlRequest{"show module | json"});
    std::mt19937 random(20261121);
    for (int i = 0; i < 20000; ++i) {
        const auto request = parse_request(spoil(good, random));
        if (!request) {
            REQUIRE_FALSE(request.error().empty());
        } else {
            REQUIRE(request->width <= 10000);
        }
    }
}
