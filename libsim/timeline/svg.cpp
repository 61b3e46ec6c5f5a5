// See svg.hpp.
#include "libsim/timeline/svg.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

namespace sim::timeline {

namespace {

constexpr int kTimeWidth = 92;   // the column of times at the left
constexpr int kLaneWidth = 230;  // from one node to the next
constexpr int kRow = 24;
constexpr int kMargin = 14;
constexpr int kTitleLine = 18;
constexpr int kBoxHeight = 18;
constexpr int kCharacter = 7;  // of the texts, about
constexpr std::size_t kTitleCharacters = 100;

constexpr const char* kStyle = R"(<style>
text { font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; }
.page { fill: #ffffff; }
.title { font-weight: bold; font-size: 13px; }
.head { font-weight: bold; text-anchor: middle; }
.time { fill: #59636e; text-anchor: end; }
.label { text-anchor: middle; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
.life { stroke: #818b98; stroke-width: 1; }
.gone { stroke: #d1d9e0; stroke-width: 1; stroke-dasharray: 1 4; }
.control { stroke: #0969da; fill: #0969da; }
.mgmt { stroke: #8250df; fill: #8250df; }
.lost { stroke: #cf222e; fill: #cf222e; stroke-dasharray: 4 3; }
.cross { stroke: #cf222e; stroke-width: 2; }
.note { fill: #fff8c5; stroke: #d4a72c; }
.box { fill: #ddf4ff; stroke: #0969da; }
.active { fill: #dafbe1; stroke: #1a7f37; }
.boot { fill: #f6f8fa; stroke: #818b98; }
.bad { fill: #ffebe9; stroke: #cf222e; }
.event { fill: #ffffff; stroke: #818b98; stroke-dasharray: 3 2; }
.inside { text-anchor: middle; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.page { fill: #0d1117; }
.time { fill: #9198a1; }
.label { stroke: #0d1117; }
.life { stroke: #656c76; }
.gone { stroke: #3d444d; }
.control { stroke: #4493f8; fill: #4493f8; }
.mgmt { stroke: #ab7df8; fill: #ab7df8; }
.lost { stroke: #f85149; fill: #f85149; }
.cross { stroke: #f85149; }
.note { fill: #272115; stroke: #9e6a03; }
.box { fill: #121d2f; stroke: #4493f8; }
.active { fill: #12261e; stroke: #3fb950; }
.boot { fill: #151b23; stroke: #656c76; }
.bad { fill: #25171c; stroke: #f85149; }
.event { fill: #0d1117; stroke: #656c76; }
}
</style>
)";

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else
            result += c;
    }
    return result;
}

std::string n(int number) {
    return std::to_string(number);
}

std::string time_of(Instant at, Instant origin) {
    std::array<char, 48> text{};
    const double seconds = std::chrono::duration<double>(at - origin).count();
    std::snprintf(text.data(), text.size(), "%.3f s", seconds);
    return text.data();
}

/// Words in lines of at most so many characters.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, end - at);
        if (!line.empty() && line.size() + 1 + word.size() > width) {
            lines.push_back(line);
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
        at = end + 1;
    }
    if (!line.empty())
        lines.push_back(line);
    return lines;
}

const char* class_of_state(const std::string& state) {
    if (state.starts_with("active") || state == "standalone" || state == "attached")
        return "active";
    if (state == "discovering" || state == "waiting" || state == "searching")
        return "boot";
    if (state == "leaving" || state == "headless" || state == "stopped")
        return "bad";
    return "box";
}

/// Log lines that are worth a box: they change what a node is to others.
std::string event_in(const std::string& line) {
    static constexpr std::array<std::pair<const char*, const char*>, 6> kEvents{{
        {"-DEGRADED_ENTER: ", "degraded"},
        {"-DEGRADED_EXIT: ", "degraded no more"},
        {"-ADDRESS_TAKEN: ", "takes the address"},
        {"-ADDRESS_RELEASED: ", "gives up the address"},
        {"-ACTIVE_ACTIVE_DETECTED: ", "two actives"},
        {"-MOD_OFFLINE: ", "removes a module"},
    }};
    for (const auto& [mark, words] : kEvents)
        if (line.find(mark) != std::string::npos)
            return words;
    return {};
}

class Picture {
public:
    explicit Picture(const Recorder& recorder);
    std::string draw();

private:
    struct Lane {
        bool alive = false;
        std::string state;
        int since = 0;  ///< where its line was last drawn to
    };
    void find_beginning();
    void draw_head();
    void draw_lines(NodeIndex node);
    void draw_entry(const Entry& entry);
    void draw_frame(const Entry& entry);
    void draw_state(NodeIndex node, const std::string& state, const char* style);
    void draw_note(const Entry& entry);
    void draw_arrow(const Entry& entry, const Receiver& receiver);
    void draw_legend();
    void put_time(Instant at);
    void put_text(int x, int y, const char* style, const std::string& text);
    void put_line(int x1, int y1, int x2, int y2, const std::string& style);
    [[nodiscard]] int x_of(NodeIndex node) const {
        return kTimeWidth + kMargin + kLaneWidth / 2 + static_cast<int>(node) * kLaneWidth;
    }

    const Recorder& recorder_;
    std::vector<Lane> lanes_;
    Instant origin_;
    std::string lines_;  ///< of life: below everything else
    std::string body_;
    std::string last_time_;
    int width_ = 0;
    int y_ = kMargin;
};

Picture::Picture(const Recorder& recorder)
    : recorder_(recorder),
      lanes_(recorder.world().nodes()),
      width_(kTimeWidth + 2 * kMargin + static_cast<int>(lanes_.size()) * kLaneWidth) {
    const auto& entries = recorder_.entries();
    origin_ = recorder.beginning() < entries.size() ? entries[recorder.beginning()].at : kBeginning;
    find_beginning();
}

void apply(const Entry& entry, bool& alive, std::string& state) {
    if (entry.kind == Entry::Kind::state)
        state = entry.text;
    if (entry.kind != Entry::Kind::process)
        return;
    alive = entry.text == "starts" || entry.text == "runs again" || entry.text == "thawed";
    if (!alive && entry.text != "frozen")
        state.clear();
}

/// What everybody was when the first step came.
void Picture::find_beginning() {
    const auto& entries = recorder_.entries();
    for (std::size_t index = 0; index < recorder_.beginning() && index < entries.size(); ++index)
        if (entries[index].node < lanes_.size())
            apply(entries[index], lanes_[entries[index].node].alive,
                  lanes_[entries[index].node].state);
}

void Picture::put_text(int x, int y, const char* style, const std::string& text) {
    body_ += "<text x=\"" + n(x) + "\" y=\"" + n(y) + "\"" +
             (*style == '\0' ? "" : " class=\"" + std::string(style) + "\"") + ">" + escaped(text) +
             "</text>\n";
}

void Picture::put_line(int x1, int y1, int x2, int y2, const std::string& style) {
    body_ += "<line x1=\"" + n(x1) + "\" y1=\"" + n(y1) + "\" x2=\"" + n(x2) + "\" y2=\"" + n(y2) +
             "\" class=\"" + style + "\"/>\n";
}

void Picture::put_time(Instant at) {
    const std::string time = time_of(at, origin_);
    if (time != last_time_)
        put_text(kTimeWidth - 4, y_ + 4, "time", time);
    last_time_ = time;
}

void Picture::draw_head() {
    put_text(kMargin, y_ + 12, "title", recorder_.name);
    y_ += kTitleLine + 4;
    const auto characters = static_cast<std::size_t>((width_ - 2 * kMargin) / kCharacter);
    for (const std::string& line :
         wrapped(recorder_.description, std::min(characters, kTitleCharacters))) {
        put_text(kMargin, y_ + 8, "", line);
        y_ += kTitleLine - 2;
    }
    y_ += kRow;
    for (NodeIndex node = 0; node < lanes_.size(); ++node)
        put_text(x_of(node), y_, "head", recorder_.world().name(node));
    y_ += kRow / 2;
    for (Lane& lane : lanes_)
        lane.since = y_;
    y_ += kRow / 2;
    for (NodeIndex node = 0; node < lanes_.size(); ++node)
        if (!lanes_[node].state.empty())
            draw_state(node, lanes_[node].state, class_of_state(lanes_[node].state));
    y_ += kRow;
}

/// The line of a node down to here, as it was until now.
void Picture::draw_lines(NodeIndex node) {
    Lane& lane = lanes_[node];
    lines_ += "<line x1=\"" + n(x_of(node)) + "\" y1=\"" + n(lane.since) + "\" x2=\"" +
              n(x_of(node)) + "\" y2=\"" + n(y_) + "\" class=\"" + (lane.alive ? "life" : "gone") +
              "\"/>\n";
    lane.since = y_;
}

void Picture::draw_state(NodeIndex node, const std::string& state, const char* style) {
    const int width = static_cast<int>(state.size()) * kCharacter + 14;
    body_ += "<rect x=\"" + n(x_of(node) - width / 2) + "\" y=\"" + n(y_ - kBoxHeight / 2) +
             "\" width=\"" + n(width) + "\" height=\"" + n(kBoxHeight) + "\" rx=\"4\" class=\"" +
             style + "\"/>\n";
    put_text(x_of(node), y_ + 4, "inside", state);
}

void Picture::draw_note(const Entry& entry) {
    body_ += "<rect x=\"" + n(kTimeWidth + kMargin / 2) + "\" y=\"" + n(y_ - kBoxHeight / 2) +
             "\" width=\"" + n(width_ - kTimeWidth - kMargin) + "\" height=\"" + n(kBoxHeight) +
             "\" class=\"note\"/>\n";
    put_text(kTimeWidth + kMargin, y_ + 4, "", entry.text);
}

void Picture::draw_arrow(const Entry& entry, const Receiver& receiver) {
    const int from = entry.node == kNoNode ? kTimeWidth + kMargin / 2 : x_of(entry.node);
    const int to = x_of(receiver.node);
    const int way = to > from ? 1 : -1;
    const bool is_lost = !receiver.lost.empty();
    const std::string style = is_lost ? "lost" : std::string(to_string(entry.port));
    // A lost frame ends on its way, at a cross.
    const int end = is_lost ? to - way * kLaneWidth / 6 : to;
    put_line(from, y_, end - (is_lost ? 0 : way * 6), y_, style);
    if (is_lost) {
        put_line(end - 4, y_ - 4, end + 4, y_ + 4, "cross");
        put_line(end - 4, y_ + 4, end + 4, y_ - 4, "cross");
        return;
    }
    body_ += "<path d=\"M" + n(to) + " " + n(y_) + " l" + n(-way * 8) + " -4 v8 z\" class=\"" +
             style + "\"/>\n";
}

void Picture::draw_frame(const Entry& entry) {
    if (entry.receivers.empty())
        return;
    y_ += kRow / 3;  // room for the label above
    put_time(entry.at);
    int left = width_;
    int right = 0;
    const int from = entry.node == kNoNode ? kTimeWidth + kMargin / 2 : x_of(entry.node);
    // Lost ones first, so that what arrived is drawn over them.
    for (const bool lost : {true, false}) {
        for (const Receiver& receiver : entry.receivers) {
            if (receiver.lost.empty() == lost || receiver.node >= lanes_.size())
                continue;
            // A broadcast is not lost on those who are not there.
            if (entry.is_broadcast && entry.receivers.size() > 1 && !lanes_[receiver.node].alive)
                continue;
            draw_arrow(entry, receiver);
            left = std::min(left, x_of(receiver.node));
            right = std::max(right, x_of(receiver.node));
        }
    }
    // In the gap beside the sender, on the side where most of the arrow is.
    if (right == 0)
        left = right = x_of(entry.receivers.front().node);
    const bool to_the_right = right - from >= from - left;
    const int middle = to_the_right ? from + kLaneWidth / 2 : from - kLaneWidth / 2;
    std::string label = entry.text;
    if (entry.count > 1)
        label += " x" + std::to_string(entry.count);
    put_text(middle, y_ - 5, "label", label);
    if (!entry.detail.empty()) {
        y_ += kRow / 2;
        put_text(middle, y_, "label", entry.detail);
    }
    y_ += kRow * 2 / 3;
}

void Picture::draw_entry(const Entry& entry) {
    switch (entry.kind) {
        case Entry::Kind::frame:
            return draw_frame(entry);
        case Entry::Kind::log: {
            const std::string event = event_in(entry.text);
            if (event.empty())
                return;
            put_time(entry.at);
            draw_state(entry.node, event, "event");
            break;
        }
        case Entry::Kind::action:
        case Entry::Kind::heading:
            put_time(entry.at);
            draw_note(entry);
            break;
        case Entry::Kind::state:
        case Entry::Kind::process: {
            draw_lines(entry.node);
            Lane& lane = lanes_[entry.node];
            apply(entry, lane.alive, lane.state);
            put_time(entry.at);
            const bool is_state = entry.kind == Entry::Kind::state;
            const std::string words = entry.text.substr(0, entry.text.find(':'));
            draw_state(entry.node, words,
                       is_state     ? class_of_state(entry.text)
                       : lane.alive ? "boot"
                                    : "bad");
            break;
        }
    }
    y_ += kRow;
}

void Picture::draw_legend() {
    int x = kMargin;
    for (const char* style : {"control", "mgmt", "lost"}) {
        put_line(x, y_, x + 30, y_, style);
        put_text(x + 36, y_ + 4, "", style);
        x += 110;
    }
    put_text(x, y_ + 4, "", "xN: N such frames");
    y_ += kRow;
}

std::string Picture::draw() {
    draw_head();
    for (const Entry& entry : folded(recorder_.entries(), recorder_.beginning()))
        draw_entry(entry);
    for (NodeIndex node = 0; node < lanes_.size(); ++node)
        draw_lines(node);
    y_ += kRow;
    draw_legend();
    const std::string size = n(width_) + " " + n(y_);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + "\" width=\"" +
           n(width_) + "\" height=\"" + n(y_) + "\" role=\"img\">\n<title>" +
           escaped(recorder_.name) + "</title>\n" + kStyle +
           "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n" + lines_ + body_ + "</svg>\n";
}

}  // namespace

std::string write_svg(const Recorder& recorder) {
    return Picture(recorder).draw();
}

}  // namespace sim::timeline
