// See record_file.hpp. The layout is LMDB's data format 1, in the byte order and word size of the
// machine: pages of one size; pages 0 and 1 each describe a whole tree, written in turn by even and
// odd transactions; a page is a header, offsets, and nodes that grow from its end.
//
// A commit writes pages that neither description reaches, overwrites the older description, within
// one sector, and then syncs, once. So at any moment of a crash the description that was not
// overwritten is true, the other one is of a neighbouring transaction, and when that is the newer
// one any of its pages may be missing: its seal tells, and then the older one is the last that
// anybody was told of. Anything else is damage: a description whose number has a wrong bit must not
// make the older tree pass for the newer one.
#include "libha/runtime/record_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace ha::runtime {
namespace {

constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kNodeHeaderSize = 8;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr std::uint32_t kDataMagic = 0xBEEFC0DE;
constexpr std::uint32_t kDataFormat = 1;
constexpr std::uint16_t kBranch = 0x01;
constexpr std::uint16_t kLeaf = 0x02;
constexpr std::uint16_t kOverflow = 0x04;
constexpr std::uint16_t kDescription = 0x08;
constexpr std::uint16_t kBigData = 0x01;
/// A tree of the largest map is far from that deep: it is what ends a loop of pages.
constexpr unsigned kMaximumDepth = 16;
/// The larger half of a number that is stored as two comes last on little-endian machines.
constexpr bool kLittle = std::endian::native == std::endian::little;

/// One of the two descriptions.
struct Description {
    std::size_t page_size = 0;
    std::uint64_t entries = 0;
    std::uint64_t root = kNoPage;
    std::uint64_t transaction = 0;
};

/// A number at an offset; nothing when the bytes end before it.
template <typename T>
std::optional<T> number_at(std::string_view bytes, std::size_t offset) {
    if (bytes.size() < sizeof(T) || offset > bytes.size() - sizeof(T))
        return std::nullopt;
    T value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

tl::unexpected<std::string> wrong(std::uint64_t page, const char* fault) {
    return tl::unexpected("page " + std::to_string(page) + " " + fault);
}

tl::expected<Description, std::string> describe(std::string_view page, std::uint64_t index) {
    const std::string_view body = page.substr(std::min(page.size(), kHeaderSize));
    const auto magic = number_at<std::uint32_t>(body, 0);
    const auto format = number_at<std::uint32_t>(body, 4);
    if (!magic || !format || *magic != kDataMagic ||
        (number_at<std::uint16_t>(page, 10).value_or(0) & kDescription) == 0)
        return tl::unexpected(std::string("the file is not one of this program's"));
    if (*format != kDataFormat)
        return tl::unexpected("the file has data format " + std::to_string(*format) +
                              ", this program reads " + std::to_string(kDataFormat));
    const auto page_size = number_at<std::uint32_t>(body, 24);
    const auto entries = number_at<std::uint64_t>(body, 72 + 32);
    const auto root = number_at<std::uint64_t>(body, 72 + 40);
    const auto transaction = number_at<std::uint64_t>(body, 128);
    if (!page_size || !entries || !root || !transaction)
        return tl::unexpected(std::string("the file is cut short"));
    if (*page_size < 512 || *page_size > 65536 || !std::has_single_bit(*page_size))
        return wrong(index, "names an impossible page size");
    return Description{*page_size, *entries, *root, *transaction};
}

class Tree {
public:
    Tree(std::string_view bytes, const Description& description)
        : bytes_(bytes),
          page_size_(description.page_size),
          pages_(bytes.size() / description.page_size),
          description_(description) {}

    /// All records in the order of their keys, the seal first.
    tl::expected<void, std::string> read() {
        if (description_.root == kNoPage)
            return tl::unexpected(std::string("the file holds no seal"));
        if (auto walked = walk(description_.root, 0); !walked)
            return walked;
        if (entries_.size() != description_.entries)
            return tl::unexpected("the file holds " + std::to_string(entries_.size()) +
                                  " entries and names " + std::to_string(description_.entries));
        return {};
    }

    /// The seal alone: the first entry of the leftmost leaf.
    tl::expected<Seal, std::string> read_seal() {
        first_only_ = true;
        if (auto walked = walk(description_.root, 0); !walked)
            return tl::unexpected(std::move(walked.error()));
        return seal();
    }

    [[nodiscard]] tl::expected<Seal, std::string> seal() const {
        if (entries_.empty() || entries_.front().first != kSealKey)
            return tl::unexpected(std::string("the file holds no seal"));
        return parse_seal(entries_.front().second);
    }

    using Entries = std::vector<std::pair<std::string_view, std::string_view>>;
    [[nodiscard]] const Entries& entries() const { return entries_; }

private:
    [[nodiscard]] std::string_view page(std::uint64_t number, std::uint64_t count = 1) const {
        return bytes_.substr(number * page_size_, count * page_size_);
    }

    tl::expected<void, std::string> walk(std::uint64_t number, unsigned depth) {
        // Each page belongs to one place of a tree: more visits than pages is a loop.
        if (number < 2 || number >= pages_ || depth > kMaximumDepth || ++visited_ > pages_)
            return wrong(number, "is not where a page can be");
        const std::string_view bytes = page(number);
        const auto flags = number_at<std::uint16_t>(bytes, 10).value_or(0);
        const auto lower = number_at<std::uint16_t>(bytes, 12).value_or(0);
        if (number_at<std::uint64_t>(bytes, 0) != number || (flags != kBranch && flags != kLeaf) ||
            lower < kHeaderSize || lower % 2 != 0 || lower > page_size_)
            return wrong(number, "is not the page that was written there");
        const std::size_t count = (lower - kHeaderSize) / 2;
        for (std::size_t index = 0; index < count && !(first_only_ && index > 0); ++index) {
            const auto offset = number_at<std::uint16_t>(bytes, kHeaderSize + 2 * index);
            if (!offset || *offset < lower || *offset > page_size_ - kNodeHeaderSize)
                return wrong(number, "points outside of itself");
            const std::string_view node = bytes.substr(*offset);
            if (auto done = flags == kBranch ? branch(node, depth) : leaf(number, node); !done)
                return done;
        }
        return {};
    }

    tl::expected<void, std::string> branch(std::string_view node, unsigned depth) {
        const std::uint64_t low = half(node, kLittle ? 0 : 2);
        const std::uint64_t middle = half(node, kLittle ? 2 : 0);
        return walk(low | middle << 16U | std::uint64_t{half(node, 4)} << 32U, depth + 1);
    }

    tl::expected<void, std::string> leaf(std::uint64_t number, std::string_view node) {
        const std::uint32_t low = half(node, kLittle ? 0 : 2);
        const std::uint32_t high = half(node, kLittle ? 2 : 0);
        const std::size_t size = low | high << 16U;
        const std::uint16_t flags = half(node, 4);
        const std::size_t key_size = half(node, 6);
        if ((flags != 0 && flags != kBigData) || key_size > node.size() - kNodeHeaderSize)
            return wrong(number, "holds an entry that is none");
        const std::string_view key = node.substr(kNodeHeaderSize, key_size);
        std::string_view value = node.substr(kNodeHeaderSize + key_size);
        if (flags == kBigData) {
            const auto first = number_at<std::uint64_t>(value, 0);
            const std::uint64_t count = (kHeaderSize + size + page_size_ - 1) / page_size_;
            if (!first || *first < 2 || *first >= pages_ || count > pages_ - *first)
                return wrong(number, "names a value outside of the file");
            value = page(*first, count);
            if (number_at<std::uint64_t>(value, 0) != *first ||
                number_at<std::uint16_t>(value, 10) != kOverflow)
                return wrong(*first, "is not the page that was written there");
            value = value.substr(kHeaderSize);
        }
        if (size > value.size())
            return wrong(number, "holds an entry that is cut off");
        if (!entries_.empty() && key <= entries_.back().first)
            return wrong(number, "is out of order");
        entries_.emplace_back(key, value.substr(0, size));
        return {};
    }

    static std::uint16_t half(std::string_view node, std::size_t offset) {
        return number_at<std::uint16_t>(node, offset).value_or(0);
    }

    std::string_view bytes_;
    std::size_t page_size_;
    std::uint64_t pages_;
    Description description_;
    Entries entries_;
    std::uint64_t visited_ = 0;
    bool first_only_ = false;
};

/// That a description is of the transaction that it names.
tl::expected<void, std::string> check_older(std::string_view bytes, const Description& older) {
    if (older.transaction == 0 && older.root == kNoPage)
        return {};  // of a store that has seen one transaction: this one was made with the file
    const auto seal = Tree(bytes, older).read_seal();
    if (!seal || seal->transaction != older.transaction)
        return tl::unexpected(
            std::string("the two descriptions of the file contradict each other"));
    return {};
}

/// The records of a whole tree, when its seal fits them.
tl::expected<RecordFile, std::string> collect(std::string_view bytes,
                                              const Description& description) {
    Tree tree(bytes, description);
    if (auto walked = tree.read(); !walked)
        return tl::unexpected(std::move(walked.error()));
    const auto seal = tree.seal();
    if (!seal)
        return tl::unexpected(seal.error());
    records::Changes changes;
    RecordSum sum;
    for (const auto& [key, value] : tree.entries()) {
        if (key == kSealKey)
            continue;
        if (key.empty())
            return tl::unexpected(std::string("the file holds a record without a name"));
        records::Change change{{static_cast<records::Space>(static_cast<std::uint8_t>(key[0])),
                                std::string(key.substr(1))},
                               std::string(value)};
        if (const std::string fault = records::fault_of({change}); !fault.empty())
            return tl::unexpected("the file holds " + fault);
        sum.add(change.key, value);
        changes.push_back(std::move(change));
    }
    if (seal->transaction != description.transaction || seal->count != changes.size() ||
        seal->sum != sum)
        return tl::unexpected(std::string("the seal does not fit the records"));
    RecordFile file;
    file.database.apply(changes);
    file.seal = *seal;
    return file;
}

}  // namespace

tl::expected<RecordFile, std::string> read_record_file(std::string_view bytes) {
    if (bytes.empty())
        return tl::unexpected(std::string("the file is empty"));
    const auto even = describe(bytes, 0);
    if (!even)
        return tl::unexpected(even.error());
    const auto odd = describe(bytes.substr(std::min(bytes.size(), even->page_size)), 1);
    if (!odd)
        return tl::unexpected(odd.error());
    const Description& newer = even->transaction > odd->transaction ? *even : *odd;
    const Description& older = even->transaction > odd->transaction ? *odd : *even;
    if (even->page_size != odd->page_size || newer.transaction - older.transaction != 1 ||
        even->transaction % 2 != 0)
        return tl::unexpected(
            std::string("the two descriptions of the file contradict each other"));
    auto newest = collect(bytes, newer);
    if (newest) {
        if (auto checked = check_older(bytes, older); !checked)
            return tl::unexpected(std::move(checked.error()));
        return newest;
    }
    auto before = collect(bytes, older);
    if (!before)
        return newest;
    before->torn = std::move(newest.error());
    return before;
}

}  // namespace ha::runtime
