// Draws faults: which kinds a seed has, and each one as the steps it takes. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "libsim/search/draw.hpp"
#include "libsim/search/lab.hpp"
#include "libsim/world/chance.hpp"

namespace sim::search {

/// A step, and how long after the fault begins it is due.
struct Timed {
    Duration after{};
    scenario::Action action;
};

class Faults {
public:
    Faults(sim::Chance& chance, const DrawnLab& lab);

    /// One of the kinds of this seed.
    FaultKind kind();
    /// Its steps, one at least.
    std::vector<Timed> draw(FaultKind kind);
    /// What has to be done besides mending everything, for the pair to find each other again.
    std::vector<scenario::Action> mend();

private:
    [[nodiscard]] bool makes_sense(FaultKind kind) const;
    std::vector<Timed> draw_wire(FaultKind kind);
    std::vector<Timed> draw_quality(FaultKind kind);
    std::vector<Timed> draw_process(FaultKind kind);
    std::vector<Timed> draw_host(FaultKind kind);
    std::vector<Timed> draw_changes();
    scenario::Partition draw_partition();
    scenario::Inject draw_inject();

    std::string any_node();
    std::string supervisor();
    std::string module_or_supervisor();
    scenario::Cable cable();
    scenario::Direction one_way();
    Duration below(Duration limit);
    scenario::Chance percent(unsigned highest);

    sim::Chance& chance_;
    const DrawnLab& lab_;
    std::vector<FaultKind> kinds_;
    bool cleared_macs_ = false;
    unsigned last_name_ = 0;  ///< of this system, as the changes count them
};

}  // namespace sim::search
