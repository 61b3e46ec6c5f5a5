// The log of one node as its daemon writes it: what the machine reports and the lines of the
// program itself, over all its lives. Lines become text only when somebody reads them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "libha/catalog/catalog.hpp"
#include "libsim/world/settings.hpp"

namespace sim::play {

class Logbook {
public:
    explicit Logbook(std::string program) : program_(std::move(program)) {}

    /// What the configuration of the life that begins says: who writes, and from which severity on.
    void begin(std::string hostname, int threshold);
    void add(ha::WallTime at, const ha::catalog::Report& report);
    /// "%DAEMON-6-SYSTEM_MSG: text - vsmd".
    void add_line(ha::WallTime at, int severity, const std::string& text);
    /// Of a program that has no log yet: "vsmd: text".
    void add_plain(const std::string& text);

    [[nodiscard]] std::size_t size() const { return lines_.size(); }
    /// "2026 Jan  1 00:00:07 switch %MODULE-5-STANDBY_SUP_OK: Supervisor 2 is standby".
    [[nodiscard]] std::string line(std::size_t index) const;
    /// Without date and name.
    [[nodiscard]] std::string message(std::size_t index) const;
    [[nodiscard]] int severity(std::size_t index) const { return lines_[index].severity; }
    /// "SUP_RESTART"; empty for a plain line.
    [[nodiscard]] std::string_view mnemonic(std::size_t index) const;
    /// What the program of this life keeps for `show logging last`.
    [[nodiscard]] std::vector<std::string> kept() const;
    [[nodiscard]] std::vector<std::string> all() const;
    [[nodiscard]] const std::string& program() const { return program_; }

private:
    struct Line {
        enum class Kind : std::uint8_t { report, program, plain };
        Kind kind;
        int severity;
        ha::WallTime at;
        std::size_t hostname;  ///< in hostnames_
        ha::catalog::Report report;
        std::string text;
    };
    void append(Line line);

    std::string program_;
    std::vector<std::string> hostnames_{"?"};
    int threshold_ = 6;
    std::size_t life_began_ = 0;
    std::vector<Line> lines_;
};

}  // namespace sim::play
