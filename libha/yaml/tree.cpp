// Builds the tree from yaml-cpp's events. See tree.hpp.
#include "libha/yaml/tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <sstream>

#include "libha/base/utf8.hpp"

namespace ha::yaml {
namespace {

constexpr std::size_t kMaximumDepth = 32;

class TreeBuilder final : public YAML::EventHandler {
public:
    explicit TreeBuilder(Problems& problems) : problems_(problems) {}

    Node root;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        put(leaf(Node::Kind::null, mark));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        problems_.add(line_of(mark), "", "aliases (*name) are not allowed: write the value out");
        put(leaf(Node::Kind::null, mark));
    }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  const std::string& value) override {
        put(leaf(Node::Kind::scalar, mark, value));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        open(leaf(Node::Kind::list, mark));
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        open(leaf(Node::Kind::map, mark));
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        std::optional<Member> pending;  ///< a key that waits for its value
    };

    static int line_of(const YAML::Mark& mark) { return mark.line + 1; }

    static Node leaf(Node::Kind kind, const YAML::Mark& mark, std::string scalar = {}) {
        Node node;
        node.kind = kind;
        node.line = line_of(mark);
        node.scalar = std::move(scalar);
        return node;
    }

    void open(Node node) {
        if (open_.size() >= kMaximumDepth) {
            throw YAML::ParserException({}, "nested deeper than " + std::to_string(kMaximumDepth));
        }
        open_.push_back({std::move(node), std::nullopt});
    }

    void close() {
        Node done = std::move(open_.back().node);
        open_.pop_back();
        put(std::move(done));
    }

    void put(Node node) {
        if (open_.empty()) {
            root = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == Node::Kind::list) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.pending) {
            parent.pending = Member{key_text(node), node.line, {}};
        } else {
            Member member = std::move(*parent.pending);
            parent.pending.reset();
            member.value = std::move(node);
            add_member(parent.node, std::move(member));
        }
    }

    std::string key_text(const Node& node) {
        if (node.kind != Node::Kind::scalar) {
            problems_.add(node.line, "", "a key must be a plain word");
        }
        return node.scalar;
    }

    void add_member(Node& map, Member member) {
        const auto first = std::ranges::find(map.members, member.key, &Member::key);
        if (first != map.members.end()) {
            problems_.add(member.line, path() + member.key,
                          "given twice (first on line " + std::to_string(first->line) + ")");
            return;
        }
        map.members.push_back(std::move(member));
    }

    [[nodiscard]] std::string path() const {
        std::string path;
        for (const Open& open : open_) {
            if (open.pending) {
                path += open.pending->key + ".";
            } else if (open.node.kind == Node::Kind::list && !path.empty()) {
                path.back() = '[';
                path += std::to_string(open.node.items.size()) + "].";
            }
        }
        return path;
    }

    Problems& problems_;
    std::vector<Open> open_;
};

constexpr std::size_t kMaximumPathShown = 160;

/// Text is UTF-8 without control characters other than tab, line feed and carriage return.
std::optional<std::size_t> first_binary_byte(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool control = byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t';
        const std::size_t length = utf8_length(text, at);
        if (control || byte == 0x7f || length == 0) {
            return at;
        }
        at += length;
    }
    return std::nullopt;
}

}  // namespace

void Problems::add(int line, std::string_view path, std::string_view text) {
    Entry entry{line, file_};
    if (line > 0) {
        entry.text += ":" + std::to_string(line);
    }
    entry.text += ": ";
    if (!path.empty()) {
        entry.text.append(printable(path, kMaximumPathShown)).append(": ");
    }
    // Keys and values are whatever somebody wrote: "\x1b[2J" is one.
    entry.text += printable(text, text.size());
    entries_.push_back(std::move(entry));
}

std::vector<std::string> Problems::lines() const {
    std::vector<Entry> sorted = entries_;
    std::ranges::stable_sort(sorted, {}, &Entry::line);
    std::vector<std::string> lines;
    for (Entry& entry : sorted) {
        lines.push_back(std::move(entry.text));
    }
    return lines;
}

std::string printable(std::string_view value, std::size_t limit) {
    std::string text;
    std::size_t at = 0;
    while (at < value.size() && at < limit) {
        const auto byte = static_cast<unsigned char>(value[at]);
        const std::size_t length = utf8_length(value, at);
        if (byte < 0x20 || byte == 0x7f || length == 0) {
            std::array<char, 8> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\x%02x", byte);
            text += escaped.data();
            ++at;
        } else {
            text += value.substr(at, length);
            at += length;
        }
    }
    return value.size() > at ? text + "…" : text;
}

std::string quoted(std::string_view value) {
    return "'" + printable(value) + "'";
}

Node parse(const std::string& text, Problems& problems) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
        problems.add(0, "", "the file is empty");
        return {};
    }
    if (const auto binary = first_binary_byte(text)) {
        const auto line = 1 + std::ranges::count(text.substr(0, *binary), '\n');
        problems.add(static_cast<int>(line), "",
                     "this is not a UTF-8 text file: " + quoted(text.substr(*binary, 1)) +
                         " at byte " + std::to_string(*binary));
        return {};
    }
    TreeBuilder builder(problems);
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder)) {
            problems.add(0, "", "the file holds only comments");
            return {};
        }
        Node root = std::move(builder.root);
        if (TreeBuilder second(problems); parser.HandleNextDocument(second)) {
            problems.add(second.root.line, "", "a second document (---) is not allowed");
        }
        return root;
    } catch (const YAML::Exception& error) {
        problems.add(error.mark.is_null() ? 0 : error.mark.line + 1, "",
                     "this is not YAML: " + error.msg);
        return {};
    }
}

}  // namespace ha::yaml
