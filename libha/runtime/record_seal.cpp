// See record_seal.hpp. A seal: magic (8), format version (4), transaction (8), count (8), four
// numbers of the sum (8 each), digest of all before it (16); numbers in network order.
#include "libha/runtime/record_seal.hpp"

#include <sodium.h>

#include <cstring>
#include <span>
#include <vector>

#include "libha/wire/cursor.hpp"

namespace ha::runtime {
namespace {

constexpr std::string_view kMagic = "vsm-recs";
constexpr std::size_t kDigestSize = 16;

std::array<std::uint64_t, 4> digest_of(const records::Key& key, std::string_view value) {
    // The key in the digest, behind its length: a value under another name is another record.
    const std::string name = stored_key(key);
    const std::uint64_t length = name.size();
    std::array<std::uint64_t, 4> digest{};
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, sizeof(digest));
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&length),
                              sizeof(length));
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(name.data()),
                              name.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(value.data()),
                              value.size());
    crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(digest.data()),
                             sizeof(digest));
    return digest;
}

std::array<std::uint8_t, kDigestSize> digest_of(std::span<const std::uint8_t> bytes) {
    std::array<std::uint8_t, kDigestSize> digest{};
    crypto_generichash(digest.data(), digest.size(), bytes.data(), bytes.size(), nullptr, 0);
    return digest;
}

}  // namespace

std::string stored_key(const records::Key& key) {
    return std::string(1, static_cast<char>(key.space)) + key.name;
}

void RecordSum::add(const records::Key& key, std::string_view value) {
    const auto digest = digest_of(key, value);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
        lanes_[lane] += digest[lane];
}

void RecordSum::remove(const records::Key& key, std::string_view value) {
    const auto digest = digest_of(key, value);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
        lanes_[lane] -= digest[lane];
}

RecordSum RecordSum::of_lanes(const std::array<std::uint64_t, 4>& lanes) {
    RecordSum sum;
    sum.lanes_ = lanes;
    return sum;
}

std::string to_bytes(const Seal& seal) {
    std::vector<std::uint8_t> bytes;
    wire::Writer writer(bytes);
    writer.text(kMagic);
    writer.number(kRecordFormat);
    writer.number(seal.transaction);
    writer.number(seal.count);
    for (const std::uint64_t lane : seal.sum.lanes())
        writer.number(lane);
    writer.bytes(digest_of(std::span<const std::uint8_t>(bytes)));
    return {bytes.begin(), bytes.end()};
}

tl::expected<Seal, std::string> parse_seal(std::string_view bytes) {
    const std::vector<std::uint8_t> octets(bytes.begin(), bytes.end());
    wire::Reader reader(octets);
    const auto magic = reader.bytes(kMagic.size());
    const auto version = reader.number<std::uint32_t>();
    if (reader.failed() || std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0)
        return tl::unexpected(std::string("the file is not one of this program's"));
    if (version != kRecordFormat)
        return tl::unexpected("the file has format version " + std::to_string(version) +
                              ", this program reads " + std::to_string(kRecordFormat));
    Seal seal;
    seal.transaction = reader.number<std::uint64_t>();
    seal.count = reader.number<std::uint64_t>();
    std::array<std::uint64_t, 4> lanes{};
    for (std::uint64_t& lane : lanes)
        lane = reader.number<std::uint64_t>();
    seal.sum = RecordSum::of_lanes(lanes);
    const auto digest = reader.octets<kDigestSize>();
    if (!reader.exact() ||
        digest != digest_of(std::span(octets).first(octets.size() - kDigestSize)))
        return tl::unexpected(std::string("the seal of the records is damaged"));
    return seal;
}

}  // namespace ha::runtime
