// Journals as bytes: what is written is read, and what is cut short, damaged, foreign or newer is
// told apart from what is good.
#include "libha/journal/journal.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "libha/journal/describe.hpp"
#include "libha/journal/replay.hpp"
#include "test/unit/journal/samples.hpp"

using namespace ha;
using namespace ha::journal;
using namespace std::chrono_literals;

namespace {

wire::Bytes body_of(const wire::Bytes& record) {
    const auto framed = unframe(record);
    REQUIRE(framed);
    REQUIRE(framed->has_value());
    CHECK((*framed)->size == record.size());
    return {(*framed)->body.begin(), (*framed)->body.end()};
}

wire::Bytes encode_again(const Record& record) {
    return std::visit([](const auto& alternative) { return encode(alternative); }, record);
}

wire::Bytes life_body() {
    return body_of(
        encode(LifeBegun{"0.1.0", "vsm-a", {}, samples::unusual_options(), Instant{Duration{7}}}));
}

/// The place right behind `text` in `bytes`.
std::size_t behind(const wire::Bytes& bytes, std::string_view text) {
    const auto found = std::search(bytes.begin(), bytes.end(), text.begin(), text.end());
    REQUIRE(found != bytes.end());
    return static_cast<std::size_t>(found - bytes.begin()) + text.size();
}

}  // namespace

TEST_CASE("every kind of change comes back as it was", "[journal]") {
    using supervisor::ChangeRequested;
    const supervisor::LoadedLines loaded{
        {{{records::Space::running_configuration, "hostname"}, "hostname x"},
         {{records::Space::running_configuration, "ha-pair id"}, std::nullopt}},
        {{config::ModuleLine::What::release, Slot{4}, {}},
         {config::ModuleLine::What::reserve, Slot{5}, Uuid{{1, 2, 3}}}}};
    for (const decltype(ChangeRequested::change)& change :
         {decltype(ChangeRequested::change){supervisor::ConfigurationLine{"svs-domain", "x"}},
          {supervisor::SaveConfiguration{}},
          {supervisor::EraseConfiguration{}},
          {loaded},
          {supervisor::CommandGiven{false}},
          {supervisor::ReloadModule{Slot{66}}},
          {supervisor::ServiceRecords{{{{records::Space::checkpoints, "next"}, "7"}}}}}) {
        const ChangeRequested input{1, {"bob", "pts/1"}, "reload", change, WallTime{}, Instant{}};
        const auto bytes = encode(step_of(input, {}));
        const auto records = samples::records_of(bytes);
        REQUIRE(records.size() == 1);
        CHECK(encode_again(records.front()) == bytes);
        const auto& read = std::get<ChangeRequested>(std::get<Step>(records.front()).input).change;
        REQUIRE(read.index() == change.index());
        if (const auto* const lines = std::get_if<supervisor::LoadedLines>(&read)) {
            CHECK(lines->changes == loaded.changes);
            CHECK(lines->modules == loaded.modules);
        }
        if (const auto* const given = std::get_if<supervisor::CommandGiven>(&read))
            CHECK_FALSE(given->succeeded);
        if (const auto* const reload = std::get_if<supervisor::ReloadModule>(&read))
            CHECK(reload->module == Slot{66});
    }
}

TEST_CASE("every input and every effect comes back as it was", "[journal]") {
    REQUIRE(samples::all_inputs().size() == std::variant_size_v<supervisor::Input>);
    REQUIRE(samples::all_effects().size() == std::variant_size_v<supervisor::Effect>);
    const wire::Bytes bytes = samples::journal_of_all();
    const std::vector<Record> records = samples::records_of(bytes);
    REQUIRE(records.size() == 2 + samples::all_inputs().size());
    wire::Bytes again;
    for (const Record& record : records) {
        const wire::Bytes one = encode_again(record);
        again.insert(again.end(), one.begin(), one.end());
    }
    CHECK(again == bytes);

    const auto& life = std::get<LifeBegun>(records.front());
    CHECK(life.instance == "vsm-a");
    CHECK(life.options.stored == samples::unusual_options().stored);
    CHECK(life.options.pair.heartbeat_interval ==
          samples::unusual_options().pair.heartbeat_interval);
    CHECK(life.options.keyring.keys.at(0).secret ==
          samples::unusual_options().keyring.keys[0].secret);
    for (std::size_t index = 0; index < samples::all_inputs().size(); ++index) {
        const auto& step = std::get<Step>(records[index + 1]);
        CHECK(step.input.index() == index);
        CHECK(step.effects.size() == samples::all_effects().size());
        CHECK_FALSE(compare(step.effects, samples::all_effects()));
    }
    const auto& step = std::get<Step>(records[1]);
    const auto& frame = std::get<supervisor::FrameReceived>(step.input);
    CHECK(frame.payload.data() == step.payload.data());
    CHECK(frame.payload.size() == wire::kMaximumPayload);
}

TEST_CASE("a journal that is cut anywhere is good up to the last whole record",
          "[journal][ANY-1]") {
    const wire::Bytes bytes = samples::journal_of_all();
    std::size_t whole = 0;
    std::size_t end = (*unframe(bytes))->size;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        if (size == end)
            end += (*unframe(wire::ByteView(bytes).subspan(whole = end)))->size;
        const auto framed = unframe(wire::ByteView(bytes).subspan(whole, size - whole));
        REQUIRE(framed);
        REQUIRE_FALSE(framed->has_value());
    }
}

TEST_CASE("no flipped bit of a record goes unnoticed", "[journal][ANY-1]") {
    const wire::Bytes good = encode(step_of(samples::all_inputs()[0], samples::all_effects()));
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            wire::Bytes bytes = good;
            bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1U << bit);
            const auto framed = unframe(bytes);
            // A longer length looks like a record that is not all there.
            const bool noticed = !framed || !framed->has_value();
            if (!noticed)
                FAIL("byte " << at << ", bit " << bit);
        }
    }
}

TEST_CASE("what is no journal is not taken for one", "[journal][ANY-1]") {
    for (const std::string_view text : {"{\"format\":1}",
                                        "\x7f"
                                        "ELF",
                                        "\x82\x01rest", "x"}) {
        const wire::Bytes bytes(text.begin(), text.end());
        CHECK_FALSE(unframe(bytes));
    }
    wire::Bytes huge{0x82, 0x5a, 0x7f, 0xff, 0xff, 0xff};
    REQUIRE_FALSE(unframe(huge));
    CHECK(unframe(huge).error() == Fault{2, "the record says it has 2147483647 bytes"});
}

TEST_CASE("a journal of a newer version is refused with its version", "[journal]") {
    wire::Bytes body = life_body();
    const std::size_t at = behind(body, "version");
    body[at] = 4;
    const auto record = decode(body);
    REQUIRE_FALSE(record);
    CHECK(record.error().text == "version: 4, but this program reads version 3 only");
    body[behind(body, "vsm-ha journa")] = 'x';
    CHECK(decode(body).error().text == "format: not 'vsm-ha journal'");
}

TEST_CASE("a value that cannot be is named with its field, place and range", "[journal]") {
    const auto spoil = [](std::string_view field, std::uint8_t value) {
        wire::Bytes body = life_body();
        const std::size_t at = behind(body, field);
        body[at] = value;
        const auto record = decode(body);
        REQUIRE_FALSE(record);
        CHECK(record.error().offset == at);
        return record.error().text;
    };
    CHECK(spoil("role", 3) == "role: 3 is not in 0…2");
    CHECK(spoil("authenticated", 0) == "not true or false");
    CHECK(spoil("peer_macs", 0x83) == "peer_macs: not a MAC for each port");
    CHECK(spoil("keyring", 0xff) == "not a map");

    wire::Bytes step = body_of(encode(step_of(samples::all_inputs()[1], samples::all_effects())));
    step[behind(step, "rate-limite")] = 'x';
    CHECK(decode(step).error().text == "reason: unknown name 'rate-limitex'");
    step = body_of(encode(step_of(supervisor::Tick{}, {})));
    step[behind(step, "tic")] = 'x';
    CHECK(decode(step).error().text == "unknown kind 'ticx'");
    step.push_back(0);
    step[behind(step, "tic")] = 'k';
    CHECK(decode(step).error().text == "more bytes than the record has fields");
}

TEST_CASE("options that no supervisor could run with are refused", "[journal][ANY-1]") {
    const auto fault = [](const std::function<void(supervisor::Options&)>& spoil) {
        LifeBegun life{"0.1.0", "vsm-a", {}, samples::unusual_options(), {}};
        spoil(life.options);
        const auto record = decode(body_of(encode(life)));
        return record ? std::string() : record.error().text;
    };
    CHECK(fault([](auto& /*options*/) {}).empty());
    CHECK(fault([](auto& options) { options.pair.heartbeat_interval = {}; }) ==
          "options: the heartbeat interval is out of range");
    CHECK(fault([](auto& options) { options.pair.loss_interval = 1h; }) ==
          "options: the loss interval is out of range");
    CHECK(fault([](auto& options) { options.modules.missed_limit = ~0U; }) ==
          "options: a limit of the modules is out of range");
}

// With a checksum that fits, as somebody who means harm would make it.
TEST_CASE("spoiled records are refused or replayed, and never more than that", "[journal][ANY-1]") {
    std::minstd_rand random(20261121);  // NOLINT(*-msc51-cpp): the same bytes each time
    const wire::Bytes bytes = samples::journal_of_all();
    std::vector<wire::Bytes> bodies;
    for (wire::ByteView rest = bytes; !rest.empty();) {
        const auto framed = *unframe(rest);
        bodies.emplace_back(framed->body.begin(), framed->body.end());
        rest = rest.subspan(framed->size);
    }
    std::size_t refused = 0;
    for (int round = 0; round < 20000; ++round) {
        wire::Bytes body = bodies[random() % bodies.size()];
        for (auto flips = random() % 3 + 1; flips > 0; --flips)
            body[random() % body.size()] = static_cast<std::uint8_t>(random());
        if (random() % 8 == 0)
            body.resize(random() % body.size());
        auto record = decode(body);
        if (!record) {
            ++refused;
            CHECK(record.error().offset <= body.size());
            continue;
        }
        Replay replay;
        replay.begin({"", "", {}, samples::unusual_options(), {}});
        if (const auto* life = std::get_if<LifeBegun>(&*record)) {
            describe(*life);
            replay.begin(*life);
        } else if (const auto* step = std::get_if<Step>(&*record)) {
            describe(step->input);
            replay.step(*step);
        }
    }
    CHECK(refused > 1000);
}

TEST_CASE("nothing in a record makes its reader recurse", "[journal][ANY-1]") {
    CHECK_FALSE(decode(wire::Bytes(kMaximumBody, 0x81)));
    wire::Bytes body = body_of(encode(step_of(supervisor::Tick{}, {})));
    body.resize(behind(body, "effects"));
    body.push_back(0x9a);  // an array of four thousand million
    body.insert(body.end(), 4, 0xff);
    CHECK(decode(body).error().text == "a map is missing");
}
