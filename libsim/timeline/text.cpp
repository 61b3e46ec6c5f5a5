// See text.hpp.
#include "libsim/timeline/text.hpp"

#include <array>
#include <cstdio>

#include "libsim/scenario/nodes.hpp"

namespace sim::timeline {

namespace {

constexpr std::size_t kNameWidth = 7;
constexpr std::size_t kPortWidth = 9;
constexpr std::size_t kTypeWidth = 24;

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width)
        text.append(width - text.size(), ' ');
    return text;
}

std::string time_of(Instant at) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%11.6f",
                  std::chrono::duration<double>(at - kBeginning).count());
    return text.data();
}

std::string name_of(const World& world, NodeIndex node) {
    return node == kNoNode ? "?" : world.name(node);
}

/// "vsm-b", or for a broadcast "*"; the MAC where no node has it.
std::string target_of(const World& world, const Entry& entry) {
    if (entry.is_broadcast)
        return "*";
    if (!entry.receivers.empty())
        return world.name(entry.receivers.front().node);
    for (NodeIndex node = 0; node < world.nodes(); ++node)
        if (scenario::mac_of(world.name(node), entry.port) == entry.destination)
            return world.name(node);
    return entry.destination.to_string();
}

/// "lost to vsm-b (cut), vem-3 (no carrier)"; empty when it reached everybody.
std::string losses(const World& world, const Entry& entry) {
    std::string text;
    for (const Receiver& receiver : entry.receivers)
        if (!receiver.lost.empty())
            text += (text.empty() ? "lost to " : ", ") + world.name(receiver.node) + " (" +
                    receiver.lost + ")";
    return text;
}

void add(std::string& text, const std::string& more) {
    if (!more.empty())
        text += (text.empty() ? "" : "; ") + more;
}

std::string frame_line(const World& world, const Entry& entry) {
    std::string what = entry.detail;
    add(what, losses(world, entry));
    if (entry.count > 1)
        add(what, "x" + std::to_string(entry.count) + " until " +
                      time_of(entry.until).substr(time_of(entry.until).find_first_not_of(' ')));
    std::string line = padded(name_of(world, entry.node), kNameWidth) + "-> " +
                       padded(target_of(world, entry), kNameWidth) +
                       padded(std::string(to_string(entry.port)), kPortWidth);
    return line + (what.empty() ? entry.text : padded(entry.text, kTypeWidth) + what);
}

std::string line_of(const World& world, const Entry& entry) {
    const std::string name = padded(name_of(world, entry.node), kNameWidth);
    switch (entry.kind) {
        case Entry::Kind::frame:
            return frame_line(world, entry);
        case Entry::Kind::state:
            return name + "== " + entry.text + "  (" + entry.detail + ")";
        case Entry::Kind::log:
            return name + " | " + entry.text;
        case Entry::Kind::process:
            return name + "** " + entry.text;
        case Entry::Kind::action:
            return "## " + entry.text;
        case Entry::Kind::heading:
            return "## -- " + entry.text;
    }
    return {};
}

}  // namespace

std::string write_text(const Recorder& recorder, Range range) {
    std::string text;
    for (const Entry& entry :
         folded(recorder.entries(), range == Range::all ? 0 : recorder.beginning()))
        text += time_of(entry.at) + "  " + line_of(recorder.world(), entry) + "\n";
    return text;
}

}  // namespace sim::timeline
