// See recorder.hpp.
#include "libsim/timeline/recorder.hpp"

#include <algorithm>
#include <string_view>

#include "libsim/timeline/frame_words.hpp"

namespace sim::timeline {

namespace {

constexpr std::string_view kStateChange = "-STATE_CHANGE: ";

/// What stands between two marks of a text, from `at` on, which moves behind the second.
std::string between(const std::string& text, std::size_t& at, std::string_view mark) {
    const std::size_t end = std::min(text.find(mark, at), text.size());
    std::string part = text.substr(at, end - at);
    at = std::min(end + mark.size(), text.size());
    return part;
}

}  // namespace

Entry& Recorder::add(Entry::Kind kind, Instant at, NodeIndex node, std::string text) {
    Entry entry;
    entry.kind = kind;
    entry.at = entry.until = at;
    entry.node = node;
    entry.text = std::move(text);
    entries_.push_back(std::move(entry));
    return entries_.back();
}

Entry& Recorder::add_frame(const Frame& frame) {
    FrameWords words = words_of(*frame.payload);
    on_the_way_[frame.payload] = entries_.size();
    Entry& entry = add(Entry::Kind::frame, frame.at, frame.from, std::move(words.type));
    entry.detail = std::move(words.detail);
    entry.port = frame.port;
    entry.is_broadcast = frame.destination.is_group();
    entry.destination = frame.destination;
    return entry;
}

/// Frames that were injected, or damaged on their way, are first heard of when they arrive.
Entry& Recorder::entry_of(const Frame& frame) {
    const auto found = on_the_way_.find(frame.payload);
    if (found != on_the_way_.end() && entries_[found->second].node == frame.from)
        return entries_[found->second];
    return add_frame(frame);
}

void Recorder::on_sent(const Frame& frame) {
    add_frame(frame);
}
void Recorder::on_arrived(const Frame& frame) {
    entry_of(frame).receivers.push_back({frame.to, {}});
}
void Recorder::on_lost(const Frame& frame, Loss why) {
    entry_of(frame).receivers.push_back({frame.to, std::string(to_string(why))});
}

void Recorder::on_process(NodeIndex node, ProcessState /*state*/, const std::string& what) {
    // What a life logs first is told after its beginning.
    const bool begins = what == "starts" || what == "runs again";
    std::size_t place = entries_.size();
    const auto belongs = [&](const Entry& entry) {
        return entry.kind == Entry::Kind::log && entry.node == node && entry.at == world_->now();
    };
    while (begins && place > 0 && belongs(entries_[place - 1]))
        --place;
    add(Entry::Kind::process, world_->now(), node, what);
    std::rotate(entries_.begin() + static_cast<std::ptrdiff_t>(place), entries_.end() - 1,
                entries_.end());
}
void Recorder::on_begin(Instant) {
    beginning_ = entries_.size();
}
void Recorder::on_heading(Instant at, const std::string& words) {
    add(Entry::Kind::heading, at, kNoNode, words);
}
void Recorder::on_action(Instant at, const std::string& words) {
    add(Entry::Kind::action, at, kNoNode, words);
}
/// A line about a change of state is told as that: "FROM -> TO on EVENT: REASON".
void Recorder::on_log(Instant at, NodeIndex node, const std::string& line) {
    std::size_t position = line.find(kStateChange);
    if (position == std::string::npos) {
        add(Entry::Kind::log, at, node, line);
        return;
    }
    position += kStateChange.size();
    if (line.compare(position, 4, "sup-") == 0)
        between(line, position, ": ");
    const std::string from = between(line, position, " -> ");
    const std::string to = between(line, position, " on ");
    add(Entry::Kind::state, at, node, to).detail = "from " + from + " on " + line.substr(position);
}

std::vector<Entry> folded(const std::vector<Entry>& entries, std::size_t from) {
    // What is still on its way at the end fares like those before it.
    const auto is_same = [](const Entry& one, const Entry& other) {
        return one.node == other.node && one.port == other.port && one.text == other.text &&
               one.detail == other.detail && one.destination == other.destination &&
               (one.receivers == other.receivers || other.receivers.empty());
    };
    std::vector<Entry> result;
    std::size_t stretch = 0;  // where the frames begin since anything else happened
    for (std::size_t index = from; index < entries.size(); ++index) {
        const Entry& entry = entries[index];
        if (entry.kind != Entry::Kind::frame) {
            result.push_back(entry);
            stretch = result.size();
            continue;
        }
        const auto first = result.begin() + static_cast<std::ptrdiff_t>(stretch);
        const auto same = std::find_if(first, result.end(),
                                       [&](const Entry& told) { return is_same(told, entry); });
        if (same == result.end()) {
            result.push_back(entry);
        } else {
            ++same->count;
            same->until = entry.at;
        }
    }
    return result;
}

}  // namespace sim::timeline
