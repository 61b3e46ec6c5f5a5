// Typed reading of a YAML mapping. See section.hpp.
#include "libha/yaml/section.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>

namespace ha::yaml {
namespace {

std::string show(IntegerRange range) {
    return range.hexadecimal ? fmt::format("0x{:04x}..0x{:04x}", range.minimum, range.maximum)
                             : fmt::format("{}..{}", range.minimum, range.maximum);
}

std::optional<std::uint64_t> parse_integer(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error == std::errc::result_out_of_range) {
        return UINT64_MAX;
    }
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

bool is_negative_integer(std::string_view text) {
    return text.size() > 1 && text.front() == '-' &&
           text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

/// In the smallest unit that `decimals` allow; nothing for what is no number or has more of them.
std::optional<std::int64_t> parse_decimal(std::string_view text, unsigned decimals) {
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    const std::size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    std::string fraction(dot == std::string_view::npos ? "" : text.substr(dot + 1));
    while (fraction.size() > decimals && fraction.back() == '0')
        fraction.pop_back();
    if (whole.empty() || whole.size() > 12 || fraction.size() > decimals || text.ends_with('.'))
        return std::nullopt;
    fraction.resize(decimals, '0');
    const std::string digits = std::string(whole) + fraction;
    std::int64_t value = 0;
    const char* const end = digits.data() + digits.size();
    if (digits.starts_with('-') || std::from_chars(digits.data(), end, value).ptr != end) {
        return std::nullopt;
    }
    return negative ? -value : value;
}

std::string show_decimal(std::int64_t value, unsigned decimals) {
    std::int64_t unit = 1;
    for (unsigned i = 0; i < decimals; ++i)
        unit *= 10;
    return fmt::format("{}", value / unit);
}

std::string_view kind_name(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::scalar:
            return "a single value";
        case Node::Kind::list:
            return "a list";
        case Node::Kind::map:
            return "a mapping";
    }
    return "nothing";
}

}  // namespace

Section::Section(const Node& node, std::string path, Problems& problems)
    : node_(&node), path_(std::move(path)), problems_(&problems) {
    if (node.kind != Node::Kind::map) {
        problems.add(
            node.line, path_,
            fmt::format("a mapping (key: value) is expected here, not {}", kind_name(node.kind)));
    }
}

std::string Section::path_of(std::string_view key) const {
    if (key.empty()) {
        return path_;
    }
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void Section::allow(std::string_view key) {
    if (std::ranges::find(allowed_, key) == allowed_.end()) {
        allowed_.emplace_back(key);
    }
}

const Member* Section::find(std::string_view key, Need need, std::string_view what) {
    allow(key);
    const auto member = std::ranges::find(node_->members, key, &Member::key);
    const bool present = member != node_->members.end();
    if (present && member->value.kind != Node::Kind::null) {
        return &*member;
    }
    if (need == Need::required && node_->kind == Node::Kind::map) {
        problems_->add(
            present ? member->line : node_->line, path_of(key),
            what.empty() ? std::string("is missing") : fmt::format("is missing ({})", what));
    }
    return nullptr;
}

const Member* Section::find_scalar(std::string_view key, Need need, std::string_view what) {
    const Member* member = find(key, need, what);
    if (member != nullptr && member->value.kind != Node::Kind::scalar) {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("a single value is expected here ({}), not {}", what,
                                   kind_name(member->value.kind)));
        return nullptr;
    }
    return member;
}

bool Section::has(std::string_view key) {
    return find(key, Need::optional, "") != nullptr;
}

std::optional<std::uint64_t> Section::integer(std::string_view key, IntegerRange range, Need need) {
    const Member* member = find_scalar(key, need, show(range));
    if (member == nullptr) {
        return std::nullopt;
    }
    const std::string& text = member->value.scalar;
    const auto value = parse_integer(text);
    if (!value && !is_negative_integer(text)) {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("{} is not a whole number ({})", quoted(text), show(range)));
        return std::nullopt;
    }
    if (!value || *value < range.minimum || *value > range.maximum) {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("{} is out of range ({})", text.substr(0, 40), show(range)));
        return std::nullopt;
    }
    return value;
}

std::optional<std::string> Section::text(std::string_view key, std::string_view what,
                                         std::size_t limit, Need need) {
    const Member* member = find_scalar(key, need, what);
    if (member == nullptr) {
        return std::nullopt;
    }
    const std::string& text = member->value.scalar;
    if (printable(text, text.size()) != text) {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("{} holds control characters ({})", quoted(text), what));
        return std::nullopt;
    }
    if (text.empty() || text.size() > limit) {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("{} has {} characters ({}, 1..{} characters)", quoted(text),
                                   text.size(), what, limit));
        return std::nullopt;
    }
    return text;
}

std::optional<std::size_t> Section::choice(std::string_view key,
                                           std::span<const std::string_view> words, Need need) {
    const std::string allowed = fmt::format("{}", fmt::join(words, ", "));
    const Member* member = find_scalar(key, need, allowed);
    if (member == nullptr) {
        return std::nullopt;
    }
    const auto word = std::ranges::find(words, member->value.scalar);
    if (word == words.end()) {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("{} is not one of: {}", quoted(member->value.scalar), allowed));
        return std::nullopt;
    }
    return static_cast<std::size_t>(word - words.begin());
}

std::optional<std::int64_t> Section::decimal(std::string_view key, DecimalRange range, Need need) {
    const std::string shown = fmt::format("{}..{}", show_decimal(range.minimum, range.decimals),
                                          show_decimal(range.maximum, range.decimals));
    const Member* member = find_scalar(key, need, shown);
    if (member == nullptr) {
        return std::nullopt;
    }
    const std::string& text = member->value.scalar;
    const auto value = parse_decimal(text, range.decimals);
    if (!value) {
        problems_->add(member->value.line, path_of(key),
                       range.decimals == 0
                           ? fmt::format("{} is not a whole number ({})", quoted(text), shown)
                           : fmt::format("{} is not a number with at most {} decimals ({})",
                                         quoted(text), range.decimals, shown));
        return std::nullopt;
    }
    if (*value < range.minimum || *value > range.maximum) {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("{} is out of range ({})", text, shown));
        return std::nullopt;
    }
    return value;
}

std::optional<bool> Section::truth(std::string_view key, Need need) {
    const Member* member = find_scalar(key, need, "true or false");
    if (member == nullptr) {
        return std::nullopt;
    }
    const std::string& text = member->value.scalar;
    if (text != "true" && text != "false") {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("{} is neither true nor false", quoted(text)));
        return std::nullopt;
    }
    return text == "true";
}

std::optional<std::string> Section::scalar(std::string_view key, std::string_view what, Need need) {
    const Member* member = find_scalar(key, need, what);
    return member == nullptr ? std::nullopt : std::optional(member->value.scalar);
}

const Node* Section::value(std::string_view key) {
    allow(key);
    const auto member = std::ranges::find(node_->members, key, &Member::key);
    return member == node_->members.end() ? nullptr : &member->value;
}

std::optional<Section> Section::section(std::string_view key, Need need) {
    const Member* member = find(key, need, "");
    if (member == nullptr) {
        return std::nullopt;
    }
    return Section(member->value, path_of(key), *problems_);
}

std::vector<std::string> Section::texts(std::string_view key, std::string_view what) {
    std::vector<std::string> texts;
    const Member* member = find(key, Need::optional, what);
    if (member == nullptr) {
        return texts;
    }
    if (member->value.kind != Node::Kind::list) {
        problems_->add(member->value.line, path_of(key),
                       fmt::format("a list is expected here ([{}, …]), not {}", what,
                                   kind_name(member->value.kind)));
        return texts;
    }
    for (const Node& item : member->value.items) {
        if (item.kind != Node::Kind::scalar) {
            problems_->add(item.line, fmt::format("{}[{}]", path_of(key), texts.size()),
                           fmt::format("{} is expected here, not {}", what, kind_name(item.kind)));
        }
        texts.push_back(item.scalar);
    }
    return texts;
}

std::vector<Section> Section::sections(std::string_view key) {
    std::vector<Section> sections;
    const Member* member = find(key, Need::optional, "");
    if (member == nullptr) {
        return sections;
    }
    if (member->value.kind != Node::Kind::list) {
        problems_->add(
            member->value.line, path_of(key),
            fmt::format("a list is expected here, not {}", kind_name(member->value.kind)));
        return sections;
    }
    for (const Node& item : member->value.items) {
        sections.emplace_back(item, fmt::format("{}[{}]", path_of(key), sections.size()),
                              *problems_);
    }
    return sections;
}

void Section::complain(std::string_view key, std::string_view text) {
    const auto member = std::ranges::find(node_->members, key, &Member::key);
    problems_->add(member == node_->members.end() ? node_->line : member->value.line, path_of(key),
                   text);
}

void Section::complain_item(std::string_view key, std::size_t item, std::string_view text) {
    const auto member = std::ranges::find(node_->members, key, &Member::key);
    const bool known = member != node_->members.end() && item < member->value.items.size();
    problems_->add(known ? member->value.items[item].line : node_->line,
                   fmt::format("{}[{}]", path_of(key), item), text);
}

void Section::finish() {
    for (const Member& member : node_->members) {
        if (std::ranges::find(allowed_, member.key) == allowed_.end()) {
            problems_->add(member.line, path_of(printable(member.key)),
                           fmt::format("unknown key (allowed: {})", fmt::join(allowed_, ", ")));
        }
    }
}

}  // namespace ha::yaml
