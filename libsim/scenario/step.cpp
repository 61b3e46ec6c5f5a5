// Steps in words. See step.hpp.
#include "libsim/scenario/step.hpp"

#include "libsim/scenario/words.hpp"

namespace sim::scenario {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string on_cable(const std::string& node, Cable cable, Direction direction) {
    return word_of(kCableWords, cable) + " of " + node +
           (direction == Direction::both ? ""
                                         : ", " + word_of(kDirectionWords, direction) + " only");
}

std::string in_words(const Start& start) {
    return "start " + joined(start.nodes) + (start.config ? " with another configuration" : "");
}

std::string in_words(const Signal& signal) {
    const std::string verb =
        signal.kind == Signal::Kind::hang_up ? "hang up" : word_of(kSignalWords, signal.kind);
    return verb + " " + joined(signal.nodes);
}

std::string in_words(const PowerOff& power) {
    switch (power.disk) {
        case PowerOff::Disk::kept:
            return "power off " + power.node;
        case PowerOff::Disk::lost:
            return "power off " + power.node + ", the write under way is lost";
        case PowerOff::Disk::torn:
            return "power off " + power.node + ", its stored file is damaged";
    }
    return "";
}

std::string in_words(const Disk& disk) {
    return disk.full ? "fill the disk of " + disk.node : "make room on the disk of " + disk.node;
}

std::string in_words(const Clock& clock) {
    std::string text = "clock of " + clock.node;
    if (clock.drift_ppm)
        text += " drifts by " + std::to_string(*clock.drift_ppm) + " ppm";
    if (clock.step)
        text += (clock.drift_ppm ? " and" : "") + std::string(" is set by ") +
                milliseconds_of(*clock.step) + " ms";
    return text;
}

std::string in_words(const Cut& cut) {
    if (!cut.from.empty())
        return "cut " + word_of(kCableWords, cut.cable) + " between " + cut.node + " and " +
               cut.from +
               (cut.direction == Direction::both ? ""
                : cut.direction == Direction::in ? ", towards " + cut.node + " only"
                                                 : ", towards " + cut.from + " only");
    return "cut " + on_cable(cut.node, cut.cable, cut.direction) +
           (cut.carrier ? ", carrier lost" : "");
}

std::string in_words(const Partition& partition) {
    std::string text = "partition " + word_of(kCableWords, partition.cable) + ":";
    for (const auto& group : partition.groups)
        text += (text.back() == ':' ? " " : " | ") + joined(group);
    return text;
}

std::string in_words(const Heal& heal) {
    return "heal " + on_cable(heal.node, heal.cable, Direction::both);
}

std::string in_words(const Mend&) {
    return "mend everything";
}

std::string in_words(const Loss& loss) {
    return "lose " + percent_of(loss.chance) + " % on " +
           on_cable(loss.node, loss.cable, loss.direction);
}

std::string in_words(const Delay& delay) {
    return "delay by " + milliseconds_of(delay.delay) + " ms" +
           (delay.jitter == Duration{}
                ? ""
                : " and up to " + milliseconds_of(delay.jitter) + " ms more") +
           (delay.reorder ? ", in any order," : "") + " on " +
           on_cable(delay.node, delay.cable, delay.direction);
}

std::string in_words(const Duplicate& duplicate) {
    return "duplicate " + percent_of(duplicate.chance) + " % on " +
           on_cable(duplicate.node, duplicate.cable, duplicate.direction);
}

std::string in_words(const Corrupt& corrupt) {
    return "corrupt " + percent_of(corrupt.chance) + " % on " +
           on_cable(corrupt.node, corrupt.cable, corrupt.direction);
}

std::string in_words(const WireVersion& version) {
    return "wire version " + std::to_string(version.number) + " on " +
           on_cable(version.node, version.cable, version.direction);
}

std::string in_words(const Link& link) {
    return word_of(kCableWords, link.cable) + " interface of " + link.node +
           (link.up ? " up" : " down");
}

std::string in_words(const Unplug& unplug) {
    return "remove the " + word_of(kCableWords, unplug.cable) + " interface of " + unplug.node;
}

std::string in_words(const Plug& plug) {
    return "put a " + word_of(kCableWords, plug.cable) + " interface back into " + plug.node +
           (plug.mac ? " with MAC " + plug.mac->to_string() : "");
}

std::string in_words(const Command& command) {
    std::string words = command.node + "# ";
    for (const std::string& line : command.run)
        words += (line == command.run.front() ? "" : " ; ") + line;
    return words;
}

std::string in_words(const Inject& inject) {
    return "inject " + std::to_string(inject.count) + " " +
           (inject.kind ? word_of(kInjectKindWords, *inject.kind) : "given") + " frames to " +
           inject.to;
}

std::string in_words(const Ping& ping) {
    return "ping from " + ping.from + " to " + ping.to;
}

std::string in_words(const Nothing&) {
    return "";
}
std::string in_words(const Repeat&) {
    return "";
}
std::string in_words(const Expect&) {
    return "";
}

}  // namespace

std::vector<ha::PortKind> ports_of(Cable cable) {
    switch (cable) {
        case Cable::control:
            return {ha::PortKind::control};
        case Cable::mgmt:
            return {ha::PortKind::mgmt};
        case Cable::all:
            return {ha::PortKind::control, ha::PortKind::mgmt};
    }
    return {};
}

bool operator==(const Repeat& one, const Repeat& other) {
    return one.times == other.times && one.steps == other.steps;
}

std::string describe(const Action& action) {
    return std::visit([](const auto& one) { return in_words(one); }, action);
}

}  // namespace sim::scenario
