// Frames in words: every type, and nothing of it left out.
#include "libha/wire/describe.hpp"

#include <catch2/catch.hpp>

#include "test/unit/wire/samples.hpp"

using namespace ha;
using namespace ha::wire;
using namespace std::chrono_literals;

TEST_CASE("frames read as one line that begins with type, sender and sequence", "[wire]") {
    const std::vector<Message> messages = test::ordinary_messages();
    CHECK(describe(test::frame_of(messages[0])) ==
          "hello secondary #42 00000002.00abcdef state=active flags=peer-present "
          "names=00000003.12345678 h=1s T=15s revision=17 applied=16 "
          "mine={freeze 1 modules=3 maker=00000000.00000008 revision=9 configured=10000ms "
          "active=11000ms} "
          "yours={freeze 2 modules=4 maker=00000000.00000008 revision=9 configured=12000ms "
          "active=13000ms}");
    for (const Message& message : messages) {
        const std::string text = describe(test::frame_of(message));
        INFO(text);
        CHECK(text.starts_with(to_string(type_of(message))));
        CHECK(text.find(" #42 00000002.00abcdef") != std::string::npos);
        CHECK(text.find('?') == std::string::npos);
    }
    Frame nobody = test::frame_of(ModuleHello{});
    nobody.slot = kNoSlot;
    CHECK(describe(nobody).starts_with("module-hello module #42"));
}

TEST_CASE("frames that differ in anything read differently", "[wire]") {
    std::vector<Frame> frames = test::sample_frames();
    std::vector<std::string> texts;
    for (const Frame& frame : frames)
        texts.push_back(describe(frame));
    for (std::size_t one = 0; one < frames.size(); ++one)
        for (std::size_t other = 0; other < one; ++other)
            if (frames[one].message != frames[other].message)
                CHECK(texts[one] != texts[other]);
}

TEST_CASE("durations read in their largest unit", "[wire]") {
    CHECK(describe(Duration{0}) == "0ns");
    CHECK(describe(Duration{50ms}) == "50ms");
    CHECK(describe(Duration{1500ms}) == "1.5s");
    CHECK(describe(Duration{-33300ns}) == "-33.3us");
    CHECK(describe(Duration{3h}) == "10800s");
}
