// Tells a run as lines of text: what was done, what nodes report, which frames supervisors send.
#pragma once

#include <string>
#include <vector>

#include "libsim/world/world.hpp"

namespace sim::search {

class Narrator final : public Observer {
public:
    struct Options {
        bool frames = false;  ///< of supervisors to each other, too
    };
    Narrator(const World& world, Options options) : world_(world), options_(options) {}

    /// "   1234.500 ms  vsm-a     %REDUNDANCY-5-STATE_CHANGE: …".
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
    void say(const std::string& who, const std::string& what);

    using Observer::on_effects;
    void on_sent(const Frame& frame) override;
    void on_effects(NodeIndex node, const ha::supervisor::Effects& effects) override;
    void on_effects(NodeIndex node, const vem::module::Effects& effects) override;
    void on_process(NodeIndex node, ProcessState state, const std::string& what) override;

private:
    const World& world_;
    Options options_;
    std::vector<std::string> lines_;
};

}  // namespace sim::search
