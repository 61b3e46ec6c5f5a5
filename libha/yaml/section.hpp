// Typed values out of one mapping of a YAML tree. Whatever is asked for is thereby allowed;
// finish() then complains about every other key. Problems are collected, never thrown, so that all
// of a file's faults are told at once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libha/yaml/tree.hpp"

namespace ha::yaml {

enum class Need : std::uint8_t { optional, required };

struct IntegerRange {
    std::uint64_t minimum = 0;
    std::uint64_t maximum = 0;
    bool hexadecimal = false;  ///< how the range is shown; 0x… is always understood
};

/// Of a number that may have a sign and decimals; minimum and maximum in the smallest unit that
/// `decimals` allow: with 3, 1500 is 1.5.
struct DecimalRange {
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
    unsigned decimals = 0;
};

class Section {
public:
    /// `path` is "" for the file itself. A node that is no mapping is a problem (told once).
    Section(const Node& node, std::string path, Problems& problems);

    /// For a key that is understood but not looked at.
    void allow(std::string_view key);
    /// False when the key is absent or null.
    [[nodiscard]] bool has(std::string_view key);
    std::optional<std::uint64_t> integer(std::string_view key, IntegerRange range,
                                         Need need = Need::optional);
    /// Not empty, at most `limit` bytes. `what` describes it when it is missing.
    std::optional<std::string> text(std::string_view key, std::string_view what,
                                    std::size_t limit = 255, Need need = Need::optional);
    /// One of `words`; the index of the one given.
    std::optional<std::size_t> choice(std::string_view key, std::span<const std::string_view> words,
                                      Need need = Need::optional);
    /// A number in the smallest unit of `range`.
    std::optional<std::int64_t> decimal(std::string_view key, DecimalRange range,
                                        Need need = Need::optional);
    /// true or false.
    std::optional<bool> truth(std::string_view key, Need need = Need::optional);
    /// Any single value as it is written, empty and with line ends too.
    std::optional<std::string> scalar(std::string_view key, std::string_view what,
                                      Need need = Need::optional);
    /// Whatever is there, null too; nullptr when the key is absent.
    [[nodiscard]] const Node* value(std::string_view key);
    [[nodiscard]] const std::vector<Member>& members() const { return node_->members; }
    /// False for a section whose node is no mapping, which has been told.
    [[nodiscard]] bool is_mapping() const { return node_->kind == Node::Kind::map; }
    [[nodiscard]] int line() const { return node_->line; }
    std::optional<Section> section(std::string_view key, Need need = Need::optional);
    /// The items of a list, as scalars.
    std::vector<std::string> texts(std::string_view key, std::string_view what);
    /// The items of a list of mappings.
    std::vector<Section> sections(std::string_view key);

    /// A problem with the value of `key`, or with the section itself when `key` is empty.
    void complain(std::string_view key, std::string_view text);
    /// A problem with one item of the list `key`.
    void complain_item(std::string_view key, std::size_t item, std::string_view text);
    [[nodiscard]] std::string path_of(std::string_view key) const;
    /// Tells every key that was never asked for.
    void finish();
    [[nodiscard]] Problems& problems() { return *problems_; }

private:
    const Member* find(std::string_view key, Need need, std::string_view what);
    const Member* find_scalar(std::string_view key, Need need, std::string_view what);

    const Node* node_;
    std::string path_;
    Problems* problems_;
    std::vector<std::string> allowed_;
};

}  // namespace ha::yaml
