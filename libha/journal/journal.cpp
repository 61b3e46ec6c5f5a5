// Records to bytes and back. See journal.hpp.
#include "libha/journal/journal.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "libha/journal/fields.hpp"
#include "libha/records/encoding.hpp"
#include "libha/wire/drop.hpp"

namespace ha::journal {
namespace {

constexpr std::string_view kFormat = "vsm-ha journal";

/// A record is an array of two, the body as a byte string with four bytes of length and the body's
/// checksum in four bytes: fixed places, so its extent is known without reading what is in it.
constexpr std::array<std::uint8_t, 2> kRecordStart{0x82, 0x5a};
constexpr std::uint8_t kChecksumStart = 0x1a;
constexpr std::size_t kBodyOffset = 6;
constexpr std::size_t kTrailer = 5;

/// Reports and refusals are recorded by name: their numbers change from version to version.
std::string name_of(catalog::MessageId id) {
    const catalog::Entry& entry = catalog::entry(id);
    return std::string(entry.facility) + "-" + std::string(entry.mnemonic);
}

template <typename T>
concept Enum = std::is_enum_v<T>;

/// The archive that writes; fields.hpp says what.
class Writer {
public:
    template <typename T>
    void operator()(std::string_view name, const T& field) {
        out.text(name);
        value(field);
    }

    void value(bool field) { out.boolean(field); }
    void value(const records::Changes& field) {
        std::vector<std::uint8_t> bytes;
        records::encode(field, bytes);
        out.bytes(bytes);
    }
    void value(const supervisor::StoredState& field) { value(field.records().everything()); }
    void value(const std::string& field) { out.text(field); }
    void value(wire::ByteView field) { out.bytes(field); }
    void value(const MacAddress& field) { out.bytes(field.octets); }
    void value(const Uuid& field) { out.bytes(field.octets); }
    void value(Duration field) { out.signed_number(field.count()); }
    void value(Instant field) { value(field.time_since_epoch()); }
    void value(WallTime field) { out.signed_number(field.time_since_epoch().count()); }
    void value(catalog::MessageId field) { out.text(name_of(field)); }
    void value(wire::DropReason field) { out.text(to_string(field)); }
    void value(std::unsigned_integral auto field) { out.number(field); }
    void value(Enum auto field) { out.number(static_cast<std::uint64_t>(field)); }
    void value(const std::array<std::uint8_t, wire::kKeySize>& field) { out.bytes(field); }
    void value(const redundancy::PeerMacs& field) { list(field); }
    template <typename T>
    void value(const std::vector<T>& field) {
        if constexpr (std::same_as<T, std::uint8_t>)
            out.bytes(field);
        else
            list(field);
    }
    template <typename... Alternatives>
    void value(const std::variant<Alternatives...>& field) {
        out.pair();
        out.text(kNames<std::variant<Alternatives...>>[field.index()]);
        std::visit([this](const auto& alternative) { this->value(alternative); }, field);
    }
    void value(const auto& field) requires requires(Writer& self) { fields(self, field); }
    {
        out.open();
        fields(*this, field);
        out.close();
    }

    CborWriter out;

private:
    void list(const auto& items) {
        out.array(items.size());
        for (const auto& item : items)
            value(item);
    }
};

struct Range {
    std::uint64_t first, last;
};
constexpr Range range_of(Role /*of*/) {
    return {0, 2};
}
constexpr Range range_of(DomainId /*of*/) {
    return {kDomainIdMinimum, kDomainIdMaximum};
}
constexpr Range range_of(Slot /*of*/) {
    return {0, kLastModuleNumber};
}
constexpr Range range_of(Incarnation /*of*/) {
    return {0, UINT64_MAX};
}
constexpr Range range_of(PortKind /*of*/) {
    return {1, 2};
}
constexpr Range range_of(records::Space /*of*/) {
    return {0, 255};
}
constexpr Range range_of(redundancy::Personality /*of*/) {
    return {0, 1};
}
constexpr Range range_of(redundancy::PeerMacPolicy /*of*/) {
    return {0, 2};
}
constexpr Range range_of(config::ModuleLine::What /*of*/) {
    return {0, 2};
}
/// Half of what fits, so that the sum of an instant and a duration does; 36 years.
constexpr std::int64_t kLongestTime = std::int64_t{1} << 60U;

/// The archive that reads. What it meets first that cannot be is its fault; it never throws.
class Reader {
public:
    explicit Reader(wire::ByteView bytes) : in(bytes) {}

    template <typename T>
    void operator()(std::string_view name, T& field) {
        const std::size_t begin = in.offset();
        if (in.text() != name)
            in.fail(begin, "'" + std::string(name) + "' is missing");
        name_ = name;
        value(field);
    }

    void value(bool& field) { field = in.boolean(); }
    void value(records::Changes& field) {
        const std::size_t begin = in.offset();
        auto changes = records::decode(in.bytes());
        if (!changes)
            return wrong(begin, changes.error());
        field = std::move(*changes);
    }
    void value(supervisor::StoredState& field) {
        records::Changes changes;
        value(changes);
        records::Database database;
        database.apply(changes);
        field = supervisor::StoredState(std::move(database));
    }
    void value(std::string& field) { field = in.text(); }
    /// The view outlives this reader: keep what take_payload() gives.
    void value(wire::ByteView& field) {
        const wire::ByteView content = in.bytes();
        payload_.assign(content.begin(), content.end());
        field = payload_;
    }
    void value(MacAddress& field) { octets(field.octets); }
    void value(Uuid& field) { octets(field.octets); }
    void value(Duration& field) { field = Duration{time()}; }
    void value(Instant& field) { field = Instant{Duration{time()}}; }
    void value(WallTime& field) { field = WallTime{std::chrono::milliseconds{time()}}; }
    void value(catalog::MessageId& field) {
        by_name(
            catalog::entries(), [](const auto& one) { return name_of(one.id); },
            [&](const auto& one) { field = one.id; });
    }
    void value(wire::DropReason& field) {
        std::array<wire::DropReason, wire::kDropReasonCount> all{};
        for (std::size_t index = 0; index < all.size(); ++index)
            all[index] = static_cast<wire::DropReason>(index);
        by_name(
            all, [](wire::DropReason one) { return to_string(one); },
            [&](wire::DropReason one) { field = one; });
    }
    template <std::unsigned_integral T>
    void value(T& field) {
        field = static_cast<T>(number({0, std::numeric_limits<T>::max()}));
    }
    template <Enum T>
    void value(T& field) {
        field = static_cast<T>(number(range_of(T{})));
    }
    void value(std::array<std::uint8_t, wire::kKeySize>& field) { octets(field); }
    void value(redundancy::PeerMacs& field) {
        const std::size_t begin = in.offset();
        if (in.array() != field.size())
            wrong(begin, "not a MAC for each port");
        for (MacAddress& mac : field)
            value(mac);
    }
    void value(wire::Bytes& field) {
        const wire::ByteView content = in.bytes();
        field.assign(content.begin(), content.end());
    }
    template <typename T>
    void value(std::vector<T>& field) {
        field.clear();
        // What the array announces is not believed: it ends with the bytes at the latest.
        for (std::uint64_t left = in.array(); left > 0 && !in.failed(); --left)
            value(field.emplace_back());
    }
    template <typename... Alternatives>
    void value(std::variant<Alternatives...>& field) {
        using Variant = std::variant<Alternatives...>;
        in.pair();
        const std::size_t begin = in.offset();
        const std::string name = in.text();
        bool known = false;
        const auto attempt = [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            ((!known && name == kNames<Variant>[Index]
                  ? (known = true, this->value(field.template emplace<Index>()))
                  : void()),
             ...);
        };
        attempt(std::index_sequence_for<Alternatives...>{});
        if (!known)
            in.fail(begin, "unknown kind '" + printable(name) + "'");
    }
    void value(auto& field) requires requires(Reader& self) { fields(self, field); }
    {
        in.open();
        fields(*this, field);
        in.close();
    }

    wire::Bytes take_payload() { return std::move(payload_); }
    void wrong(std::size_t begin, const std::string& what) {
        in.fail(begin, std::string(name_) + ": " + what);
    }

    CborReader in;

private:
    template <std::size_t Size>
    void octets(std::array<std::uint8_t, Size>& field) {
        const std::size_t begin = in.offset();
        const wire::ByteView content = in.bytes();
        if (content.size() != Size)
            return wrong(begin, std::to_string(content.size()) + " bytes instead of " +
                                    std::to_string(Size));
        std::ranges::copy(content, field.begin());
    }
    std::int64_t time() {
        const std::size_t begin = in.offset();
        const std::int64_t time = in.signed_number();
        if (time > -kLongestTime && time < kLongestTime)
            return time;
        wrong(begin, "no time that can be: " + std::to_string(time));
        return 0;
    }
    std::uint64_t number(Range range) {
        const std::size_t begin = in.offset();
        const std::uint64_t number = in.number();
        if (!in.failed() && (number < range.first || number > range.last))
            wrong(begin, std::to_string(number) + " is not in " + std::to_string(range.first) +
                             "…" + std::to_string(range.last));
        return in.failed() ? range.first : number;
    }
    void by_name(const auto& all, const auto& name_of_one, const auto& take) {
        const std::size_t begin = in.offset();
        const std::string name = in.text();
        const auto found =
            std::ranges::find_if(all, [&](const auto& one) { return name_of_one(one) == name; });
        if (found != std::end(all))
            return take(*found);
        wrong(begin, "unknown name '" + printable(name) + "'");
    }
    static std::string printable(std::string text) {
        text.resize(std::min<std::size_t>(text.size(), 40));
        std::ranges::replace_if(
            text, [](char c) { return c < ' ' || c > '~'; }, '?');
        return text;
    }

    wire::Bytes payload_;
    std::string_view name_;
};

std::uint32_t checksum(wire::ByteView bytes) {  // CRC-32 of Ethernet, zip and others
    std::uint32_t sum = ~std::uint32_t{0};
    for (const std::uint8_t byte : bytes) {
        sum ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            sum = sum >> 1U ^ ((sum & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~sum;
}

std::uint32_t number_at(wire::ByteView bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t index = 0; index < 4; ++index)
        number = number << 8U | bytes[at + index];
    return number;
}

void append(wire::Bytes& bytes, std::uint32_t number) {
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        bytes.push_back(static_cast<std::uint8_t>(number >> shift));
}

wire::Bytes frame(Writer& writer) {
    const wire::Bytes body = writer.out.take();
    wire::Bytes record(kRecordStart.begin(), kRecordStart.end());
    record.reserve(kBodyOffset + body.size() + kTrailer);
    append(record, static_cast<std::uint32_t>(body.size()));
    record.insert(record.end(), body.begin(), body.end());
    record.push_back(kChecksumStart);
    append(record, checksum(body));
    return record;
}

/// Why no supervisor can be made of `options`, empty when one can.
std::string fault_of(const supervisor::Options& options) {
    const auto beats = [](Duration interval) {
        return interval >= wire::kShortestHeartbeat && interval <= wire::kLongestHeartbeat;
    };
    constexpr unsigned kManyBeats = 1'000'000;
    if (!beats(options.pair.heartbeat_interval) || !beats(options.modules.heartbeat_interval))
        return "the heartbeat interval is out of range";
    if (options.pair.loss_interval < wire::kShortestLoss ||
        options.pair.loss_interval > wire::kLongestLoss)
        return "the loss interval is out of range";
    if (options.modules.missed_limit > kManyBeats ||
        options.modules.switch_request_copies > kManyBeats)
        return "a limit of the modules is out of range";
    return {};
}

void read_life(Reader& reader, LifeBegun& life) {
    std::string format;
    std::uint64_t version = 0;
    const std::size_t begin = reader.in.offset();
    reader.in.open();
    reader("format", format);
    if (format != kFormat)
        reader.wrong(begin, "not '" + std::string(kFormat) + "'");
    const std::size_t version_begin = reader.in.offset();
    reader("version", version);
    if (version != kFormatVersion)
        reader.wrong(version_begin, std::to_string(version) + ", but this program reads version " +
                                        std::to_string(kFormatVersion) + " only");
    reader("product_version", life.product_version);
    reader("instance", life.instance);
    reader("wall_time", life.wall_time);
    const std::size_t options_begin = reader.in.offset();
    reader("options", life.options);
    if (const std::string fault = fault_of(life.options); !fault.empty())
        reader.in.fail(options_begin, "options: " + fault);
    reader("now", life.now);
    reader.in.close();
}

void read_step(Reader& reader, Step& step) {
    reader.in.open();
    reader("input", step.input);
    step.payload = reader.take_payload();
    reader("effects", step.effects);
    reader.in.close();
}

}  // namespace

wire::Bytes encode(const LifeBegun& life) {
    Writer writer;
    writer.out.pair();
    writer.out.text("life");
    writer.out.open();
    writer("format", std::string(kFormat));
    writer("version", kFormatVersion);
    writer("product_version", life.product_version);
    writer("instance", life.instance);
    writer("wall_time", life.wall_time);
    writer("options", life.options);
    writer("now", life.now);
    writer.out.close();
    return frame(writer);
}

Step step_of(const supervisor::Input& input, const supervisor::Effects& effects) {
    Step step;
    step.input = input;
    step.effects = effects;
    if (auto* const frame = std::get_if<supervisor::FrameReceived>(&step.input)) {
        step.payload.assign(frame->payload.begin(), frame->payload.end());
        frame->payload = step.payload;
    }
    return step;
}

wire::Bytes encode(const Step& step) {
    Writer writer;
    writer.out.pair();
    writer.out.text("step");
    writer.out.open();
    writer("input", step.input);
    writer("effects", step.effects);
    writer.out.close();
    return frame(writer);
}

wire::Bytes encode(const Gap& gap) {
    Writer writer;
    writer.out.pair();
    writer.out.text("gap");
    writer.out.open();
    writer("reason", gap.reason);
    writer.out.close();
    return frame(writer);
}

wire::Bytes encode(const supervisor::Effect& effect) {
    Writer writer;
    writer.value(effect);
    return writer.out.take();
}

tl::expected<std::optional<Framed>, Fault> unframe(wire::ByteView bytes) {
    const auto [here, expected] = std::ranges::mismatch(bytes, kRecordStart);
    if (here != bytes.end() && expected != kRecordStart.end())
        return tl::unexpected(Fault{static_cast<std::size_t>(here - bytes.begin()),
                                    "no record of a journal begins here"});
    if (bytes.size() < kBodyOffset)
        return std::nullopt;
    const std::size_t size = number_at(bytes, kRecordStart.size());
    if (size > kMaximumBody)
        return tl::unexpected(Fault{kRecordStart.size(),
                                    "the record says it has " + std::to_string(size) + " bytes"});
    if (bytes.size() < kBodyOffset + size + kTrailer)
        return std::nullopt;
    const wire::ByteView body = bytes.subspan(kBodyOffset, size);
    if (bytes[kBodyOffset + size] != kChecksumStart ||
        number_at(bytes, kBodyOffset + size + 1) != checksum(body))
        return tl::unexpected(
            Fault{kBodyOffset + size, "the checksum does not fit the record that ends here"});
    return Framed{body, kBodyOffset, kBodyOffset + size + kTrailer};
}

tl::expected<Record, Fault> decode(wire::ByteView body) {
    Reader reader(body);
    reader.in.pair();
    const std::string kind = reader.in.text();
    Record record;
    if (kind == "life") {
        read_life(reader, record.emplace<LifeBegun>());
    } else if (kind == "step") {
        read_step(reader, record.emplace<Step>());
    } else if (kind == "gap") {
        reader.in.open();
        reader("reason", record.emplace<Gap>().reason);
        reader.in.close();
    } else {
        reader.in.fail(0, "a record of an unknown kind");
    }
    if (!reader.in.failed() && !reader.in.at_end())
        reader.in.fail(reader.in.offset(), "more bytes than the record has fields");
    if (reader.in.failed())
        return tl::unexpected(reader.in.fault());
    return record;
}

}  // namespace ha::journal
