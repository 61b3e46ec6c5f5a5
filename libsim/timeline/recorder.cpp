// See recorder.hpp.
#include "libsim/timeline/recorder.hpp"

#include <algorithm>
#include <tuple>

#include "libsim/timeline/frame_words.hpp"

namespace sim::timeline {

using ha::catalog::MessageId;

namespace {

/// "STATE_CHANGE" lines are told as state changes.
bool is_state_line(const std::string& line) {
    return line.find("-STATE_CHANGE: ") != std::string::npos;
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

void Recorder::take(NodeIndex node, const ha::catalog::Report& report) {
    const auto& words = report.arguments;
    if (report.id == MessageId::state_changed && words.size() == 5)
        add(Entry::Kind::state, world_->now(), node, words[2]).detail =
            "from " + words[1] + " on " + words[3] + ": " + words[4];
    if (report.id == MessageId::module_state_changed && words.size() == 4)
        add(Entry::Kind::state, world_->now(), node, words[1]).detail =
            "from " + words[0] + " on " + words[2] + ": " + words[3];
}

void Recorder::on_effects(NodeIndex node, const ha::supervisor::Effects& effects) {
    for (const auto& effect : effects)
        if (const auto* report = std::get_if<ha::catalog::Report>(&effect))
            take(node, *report);
}
void Recorder::on_effects(NodeIndex node, const vem::module::Effects& effects) {
    for (const auto& effect : effects)
        if (const auto* report = std::get_if<ha::catalog::Report>(&effect))
            take(node, *report);
}

void Recorder::on_process(NodeIndex node, ProcessState /*state*/, const std::string& what) {
    add(Entry::Kind::process, world_->now(), node, what);
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
void Recorder::on_log(Instant at, NodeIndex node, const std::string& line) {
    if (!is_state_line(line))
        add(Entry::Kind::log, at, node, line);
}

std::vector<Entry> folded(const std::vector<Entry>& entries, std::size_t from) {
    const auto is_same = [](const Entry& one, const Entry& other) {
        return one.node == other.node && one.port == other.port && one.text == other.text &&
               one.detail == other.detail && one.destination == other.destination &&
               one.receivers == other.receivers;
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
