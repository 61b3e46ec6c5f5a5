// What the operator's terminal is: its size, single keys, and paging like NX-OS's --More--.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vsmsh {

class Terminal {
public:
    /// Standard input and output are a terminal.
    [[nodiscard]] bool interactive() const;
    [[nodiscard]] unsigned width() const;
    /// Lines on the screen; 0: no paging.
    [[nodiscard]] unsigned length() const;
    void set_width(unsigned width) { width_ = width; }
    void set_length(unsigned length) { length_ = length; }

    /// Writes to standard output, a screen at a time when it is a terminal. Space goes on a screen,
    /// Enter a line, q ends.
    void page(std::string_view text) const;
    /// Asks until y, n or Enter (which means no).
    [[nodiscard]] bool confirm(const std::string& question) const;

private:
    std::optional<unsigned> width_;
    std::optional<unsigned> length_;
};

/// All of it, also to a slow pipe. False when nobody reads any more.
bool write_all(int descriptor, std::string_view text);

}  // namespace vsmsh
