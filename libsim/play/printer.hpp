// A play as lines of text while it goes on: what was done, what was observed, after how long, and
// the bound it had to keep. The lines are those of scripts/lab_tool/timeline.py.
#pragma once

#include <functional>
#include <string>

#include "libsim/play/player.hpp"

namespace sim::play {

/// "0.123 s" below ten seconds, "12.3 s" above.
std::string show(Duration duration);

class Printer : public Witness {
public:
    /// `print` gets each line without its end.
    explicit Printer(std::function<void(const std::string& line)> print)
        : print_(std::move(print)) {}

    void title(const scenario::Scenario& scenario, const scenario::Units& units);
    void verdict(const scenario::Scenario& scenario, const Verdict& verdict);
    /// Lines of an output or a log below the line before.
    void detail(const std::string& text);

    void on_heading(Instant at, const std::string& words) override;
    void on_action(Instant at, const std::string& words) override;
    void on_output(Instant at, const std::string& text) override;
    void on_observed(Instant at, const Observed& observed) override;

private:
    std::function<void(const std::string&)> print_;
};

}  // namespace sim::play
