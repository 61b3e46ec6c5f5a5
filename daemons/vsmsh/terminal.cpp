#include "daemons/vsmsh/terminal.hpp"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace vsmsh {
namespace {

constexpr char kInterrupt = 3;
constexpr char kEndOfFile = 4;

std::optional<winsize> window() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return std::nullopt;
    return size;
}

/// Single keys without echo while it lives.
class RawKeys {
public:
    RawKeys() {
        changed_ = tcgetattr(STDIN_FILENO, &before_) == 0;
        if (!changed_)
            return;
        termios raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    ~RawKeys() {
        if (changed_)
            tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }
    RawKeys(const RawKeys&) = delete;
    RawKeys& operator=(const RawKeys&) = delete;

    static char read_key() {
        char key = kEndOfFile;
        ssize_t got = 0;
        do {
            got = ::read(STDIN_FILENO, &key, 1);
        } while (got < 0 && errno == EINTR);
        return got == 1 ? key : kEndOfFile;
    }

private:
    termios before_{};
    bool changed_ = false;
};

/// The next line of `text` with its end, taken off it.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(line.size());
    return line;
}

/// How many more lines the reader wants; 0: none at all.
std::size_t ask_for_more(std::size_t screen) {
    write_all(STDOUT_FILENO, "\x1b[7m--More--\x1b[27m");
    const RawKeys keys;
    std::size_t more = 0;
    for (bool answered = false; !answered;) {
        const char key = RawKeys::read_key();
        answered = true;
        if (key == ' ') {
            more = screen;
        } else if (key == '\r' || key == '\n') {
            more = 1;
        } else if (key != 'q' && key != 'Q' && key != kInterrupt && key != kEndOfFile) {
            answered = false;
        }
    }
    write_all(STDOUT_FILENO, "\r\x1b[K");
    return more;
}

}  // namespace

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool Terminal::interactive() const {
    return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

unsigned Terminal::width() const {
    if (width_)
        return *width_;
    const auto size = window();
    return size && size->ws_col > 0 ? size->ws_col : 80;
}

unsigned Terminal::length() const {
    if (length_)
        return *length_;
    const auto size = window();
    return size && size->ws_row > 0 ? size->ws_row : 24;
}

void Terminal::page(std::string_view text) const {
    const auto screen = static_cast<std::size_t>(length());
    if (!interactive() || screen < 2) {
        write_all(STDOUT_FILENO, text);
        return;
    }
    const auto columns = static_cast<std::size_t>(std::max(width(), 1U));
    std::size_t left = screen - 1;
    while (!text.empty()) {
        const auto line = take_line(text);
        const auto rows = std::max<std::size_t>((line.size() + columns - 2) / columns, 1);
        write_all(STDOUT_FILENO, line);
        left -= std::min(left, rows);
        if (left == 0 && !text.empty()) {
            left = ask_for_more(screen - 1);
            if (left == 0)
                return;
        }
    }
}

bool Terminal::confirm(const std::string& question) const {
    write_all(STDOUT_FILENO, question);
    char answer = 'n';
    {
        const RawKeys keys;
        do {
            answer = RawKeys::read_key();
        } while (answer != 'y' && answer != 'Y' && answer != 'n' && answer != 'N' &&
                 answer != '\r' && answer != '\n' && answer != kInterrupt && answer != kEndOfFile);
    }
    const bool yes = answer == 'y' || answer == 'Y';
    write_all(STDOUT_FILENO, yes ? "y\n" : "n\n");
    return yes;
}

}  // namespace vsmsh
