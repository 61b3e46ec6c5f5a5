#include "daemons/vsmsh/editor.hpp"

#include <histedit.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

namespace vsmsh {
namespace {

constexpr int kHistorySize = 500;

std::string before_cursor(EditLine* edit) {
    const LineInfo* line = el_line(edit);
    return {line->buffer, line->cursor};
}

/// What all candidates have in common.
std::string common_start(const std::vector<std::string>& words) {
    auto common = words.front();
    for (const auto& word : words) {
        const auto differ = std::mismatch(common.begin(), common.end(), word.begin(), word.end());
        common.erase(differ.first, common.end());
    }
    return common;
}

void insert(EditLine* edit, const std::string& text) {
    el_insertstr(edit, text.c_str());
}

}  // namespace

class Editor::Implementation {
public:
    explicit Implementation(Session& session) : session_(session) {
        edit_ = el_init("vsmsh", stdin, stdout, stderr);
        history_ = history_init();
        HistEvent event;
        history(history_, &event, H_SETSIZE, kHistorySize);
        history(history_, &event, H_SETUNIQUE, 1);
        el_set(edit_, EL_CLIENTDATA, this);
        el_set(edit_, EL_PROMPT, &Implementation::prompt);
        el_set(edit_, EL_EDITOR, "emacs");
        el_set(edit_, EL_SIGNAL, 1);
        el_set(edit_, EL_HIST, history, history_);
        el_set(edit_, EL_ADDFN, "vsmsh-help", "List what may stand here", &Implementation::help);
        el_set(edit_, EL_ADDFN, "vsmsh-complete", "Complete the word", &Implementation::complete);
        el_set(edit_, EL_ADDFN, "vsmsh-clear", "Clear the line", &Implementation::clear);
        el_set(edit_, EL_ADDFN, "vsmsh-end", "Leave the configuration", &Implementation::end);
        el_set(edit_, EL_BIND, "^Z", "vsmsh-end", nullptr);
        el_set(edit_, EL_BIND, "?", "vsmsh-help", nullptr);
        el_set(edit_, EL_BIND, "^I", "vsmsh-complete", nullptr);
        el_set(edit_, EL_BIND, "^C", "vsmsh-clear", nullptr);
        el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
        // While a line is edited, Ctrl-C is a key like any other.
        el_set(edit_, EL_SETTY, "-d", "-isig", nullptr);
    }
    ~Implementation() {
        el_end(edit_);
        history_end(history_);
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    std::optional<std::string> read() {
        int length = 0;
        const char* text = nullptr;
        do {
            errno = 0;
            // Before the prompt is shown: what is typed as soon as it is seen is already edited.
            el_set(edit_, EL_PREP_TERM, 1);
            text = el_gets(edit_, &length);
        } while (text == nullptr && errno == EINTR);
        if (text == nullptr || length <= 0)
            return std::nullopt;
        std::string line(text, static_cast<std::size_t>(length));
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
            line.pop_back();
        if (line.find_first_not_of(" \t") != std::string::npos) {
            HistEvent event;
            history(history_, &event, H_ENTER, line.c_str());
        }
        return line;
    }

private:
    static Implementation& self(EditLine* edit) {
        void* data = nullptr;
        el_get(edit, EL_CLIENTDATA, &data);
        return *static_cast<Implementation*>(data);
    }

    static char* prompt(EditLine* edit) {
        auto& editor = self(edit);
        editor.prompt_ = editor.session_.prompt();
        return editor.prompt_.data();
    }

    static unsigned char help(EditLine* edit, int /*key*/) {
        const auto text = before_cursor(edit);
        if (!ha::cli::asks_for_help(text + "?")) {
            insert(edit, "?");
            return CC_REFRESH;
        }
        const auto shown = "?\n" + self(edit).session_.help(text);
        std::fwrite(shown.data(), 1, shown.size(), stdout);
        std::fflush(stdout);
        return CC_REDISPLAY;
    }

    static unsigned char complete(EditLine* edit, int /*key*/) {
        const auto text = before_cursor(edit);
        const auto words = self(edit).session_.completions(text);
        if (words.empty())
            return CC_ERROR;
        const auto start = text.find_last_of(" \t|");
        const auto typed = start == std::string::npos ? text : text.substr(start + 1);
        const auto common = common_start(words);
        if (!common.starts_with(typed))
            return CC_ERROR;
        const auto rest = common.substr(typed.size()) + (words.size() == 1 ? " " : "");
        if (!rest.empty()) {
            insert(edit, rest);
            return CC_REFRESH;
        }
        std::string list = "\n";
        for (const auto& word : words)
            list += word + "\n";
        std::fwrite(list.data(), 1, list.size(), stdout);
        std::fflush(stdout);
        return CC_REDISPLAY;
    }

    static unsigned char clear(EditLine* edit, int /*key*/) {
        const LineInfo* line = el_line(edit);
        const auto after = static_cast<int>(line->lastchar - line->cursor);
        el_cursor(edit, after);
        el_deletestr(edit, static_cast<int>(el_line(edit)->lastchar - el_line(edit)->buffer));
        std::fputs("^C\n", stdout);
        std::fflush(stdout);
        return CC_REDISPLAY;
    }

    /// What is typed is dropped, `end` is the line.
    static unsigned char end(EditLine* edit, int /*key*/) {
        if (!self(edit).session_.in_mode())
            return CC_ERROR;
        const LineInfo* line = el_line(edit);
        el_cursor(edit, static_cast<int>(line->lastchar - line->cursor));
        el_deletestr(edit, static_cast<int>(el_line(edit)->lastchar - el_line(edit)->buffer));
        insert(edit, "end");
        return CC_NEWLINE;
    }

    Session& session_;
    EditLine* edit_ = nullptr;
    History* history_ = nullptr;
    std::string prompt_;
};

Editor::Editor(Session& session) : implementation_(std::make_unique<Implementation>(session)) {}
Editor::~Editor() = default;

std::optional<std::string> Editor::read() {
    return implementation_->read();
}

}  // namespace vsmsh
