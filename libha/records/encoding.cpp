// See encoding.hpp. A change: space (1), kind (1: 1 set, 0 erased), length of the name (2), name,
// and when it is set the length of the value (4) and the value; numbers in network order.
#include "libha/records/encoding.hpp"

#include "libha/wire/cursor.hpp"

namespace ha::records {

namespace {

std::string text_of(std::span<const std::uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::size_t encoded_size(const Change& change) {
    return 4 + change.key.name.size() + (change.value ? 4 + change.value->size() : 0);
}

void encode(const Changes& changes, std::vector<std::uint8_t>& out) {
    wire::Writer writer(out);
    for (const Change& change : changes) {
        writer.number(static_cast<std::uint8_t>(change.key.space));
        writer.number(static_cast<std::uint8_t>(change.value ? 1 : 0));
        writer.number(static_cast<std::uint16_t>(change.key.name.size()));
        writer.text(change.key.name);
        if (change.value) {
            writer.number(static_cast<std::uint32_t>(change.value->size()));
            writer.text(*change.value);
        }
    }
}

tl::expected<Changes, std::string> decode(std::span<const std::uint8_t> bytes) {
    Changes changes;
    wire::Reader reader(bytes);
    while (reader.left() > 0) {
        const std::string at = " at byte " + std::to_string(bytes.size() - reader.left());
        const auto space = reader.number<std::uint8_t>();
        const auto kind = reader.number<std::uint8_t>();
        const auto name = reader.bytes(reader.number<std::uint16_t>());
        if (kind > 1)
            return tl::unexpected("a change of the unknown kind " + std::to_string(kind) + at);
        Change change{{static_cast<Space>(space), text_of(name)}, std::nullopt};
        if (kind == 1)
            change.value = text_of(reader.bytes(reader.number<std::uint32_t>()));
        if (reader.failed())
            return tl::unexpected("a change that is cut off" + at);
        if (const std::string fault = fault_of({change}); !fault.empty())
            return tl::unexpected(fault + at);
        changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace ha::records
