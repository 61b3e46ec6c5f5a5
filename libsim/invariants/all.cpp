// See all.hpp.
#include "libsim/invariants/all.hpp"

namespace sim::invariants {

Invariants make_all(Facts& facts, bool liveness) {
    Invariants all;
    for (const auto make :
         {make_one_active,       make_no_second_active,  make_no_way_back,   make_caught_up,
          make_secondary_waits,  make_state_table,       make_same_verdict,  make_one_reboot,
          make_durable_numbers,  make_durable_revisions, make_newer_lives,   make_true_claims,
          make_kept_numbers,     make_kept_records,      make_hand_over,     make_patience,
          make_degraded,         make_one_address,       make_calm,          make_undisturbed,
          make_explained_errors, make_kept_changes,      make_equal_records, make_true_gasps})
        all.push_back(make(facts));
    if (liveness)
        all.push_back(make_recovery(facts));
    return all;
}

}  // namespace sim::invariants
