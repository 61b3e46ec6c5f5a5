// Fuzz target: a journal that somebody hands in. Any bytes are either records, which written again
// are the same, or are refused with a reason; and whatever they say can be run and put into words.
#include "libha/journal/journal.hpp"

#include <algorithm>

#include "libha/journal/describe.hpp"
#include "libha/journal/replay.hpp"
#include "test/fuzz/support/byte_source.hpp"
#include "test/fuzz/support/printable.hpp"

using namespace ha;
using namespace ha::journal;
using namespace test::fuzz;

namespace {

wire::Bytes encode_again(const Record& record) {
    return std::visit([](const auto& alternative) { return encode(alternative); }, record);
}

void check_round_trip(const Record& record) {
    const wire::Bytes bytes = encode_again(record);
    const auto framed = unframe(bytes);
    require(framed && *framed && (*framed)->size == bytes.size(), "a record that was read frames");
    const auto again = decode((*framed)->body);
    require(again.has_value(), "a record written again is read again");
    require(encode_again(*again) == bytes, "and it is the same");
}

/// Runs what is said of a life, as vsm-sim does.
class Player {
public:
    void operator()(const LifeBegun& life) {
        tell(describe(life));
        replay_.begin(life);
    }
    void operator()(const Step& step) {
        tell(describe(step.input));
        for (const supervisor::Effect& effect : step.effects)
            tell(describe(effect));
        if (!replay_.has_life())
            return;
        if (const auto difference = replay_.step(step))
            require(difference->recorded != difference->given, "a difference can be seen");
    }
    void operator()(const Gap& /*gap*/) {}

private:
    static void tell(const std::string& words) {
        require(!words.empty(), "what is recorded has words");
        require_printable(words);
    }

    Replay replay_;
};

void take(wire::ByteView body, Player& player) {
    const auto record = decode(body);
    if (!record) {
        require(!record.error().text.empty(), "what is refused is refused with a reason");
        require(record.error().offset <= body.size(), "and with a place in it");
        return;
    }
    check_round_trip(*record);
    std::visit(player, *record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteSource source(data, size);
    Player player;
    if (source.flag()) {
        // As a file.
        const std::string text = source.rest();
        const wire::Bytes bytes(text.begin(), text.end());
        wire::ByteView left = bytes;
        for (auto framed = unframe(left); framed && *framed; framed = unframe(left)) {
            take((*framed)->body, player);
            left = left.subspan((*framed)->size);
        }
        return 0;
    }
    // Bodies alone, each behind its length, as if length and checksum were always right.
    while (!source.empty()) {
        const std::size_t length = source.number16();
        take(source.bytes(length), player);
    }
    return 0;
}
