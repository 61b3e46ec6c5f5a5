// Records one supervisor of a virtual world into a journal, as vsmd records itself.
#pragma once

#include "libha/journal/journal.hpp"
#include "libsim/world/world.hpp"

namespace test {

class WorldJournal : public sim::Observer {
public:
    using sim::Observer::on_effects;

    explicit WorldJournal(sim::NodeIndex node) : node_(node) {}

    void on_made(sim::NodeIndex node, const ha::supervisor::Options& options,
                 ha::Instant now) override {
        if (node == node_)
            append(ha::journal::LifeBegun{"0.0.0", "world", {}, options, now});
    }
    void on_input(sim::NodeIndex node, const ha::supervisor::Input& input) override {
        if (node == node_)
            step_ = ha::journal::step_of(input, {});
    }
    void on_effects(sim::NodeIndex node, const ha::supervisor::Effects& effects) override {
        if (node != node_)
            return;
        step_.effects = effects;
        append(step_);
    }

    ha::wire::Bytes bytes;
    std::size_t records = 0;

private:
    void append(const auto& record) {
        const ha::wire::Bytes one = ha::journal::encode(record);
        bytes.insert(bytes.end(), one.begin(), one.end());
        ++records;
    }

    sim::NodeIndex node_;
    ha::journal::Step step_;
};

}  // namespace test
