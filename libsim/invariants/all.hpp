// All invariants there are, each with what makes one of it.
#pragma once

#include "libsim/invariants/invariant.hpp"

namespace sim::invariants {

// What must never happen.
std::unique_ptr<Invariant> make_one_active(Facts& facts);
std::unique_ptr<Invariant> make_no_second_active(Facts& facts);
std::unique_ptr<Invariant> make_no_way_back(Facts& facts);
std::unique_ptr<Invariant> make_caught_up(Facts& facts);
std::unique_ptr<Invariant> make_secondary_waits(Facts& facts);
std::unique_ptr<Invariant> make_state_table(Facts& facts);
std::unique_ptr<Invariant> make_same_verdict(Facts& facts);
std::unique_ptr<Invariant> make_one_reboot(Facts& facts);
std::unique_ptr<Invariant> make_durable_numbers(Facts& facts);
std::unique_ptr<Invariant> make_durable_revisions(Facts& facts);
std::unique_ptr<Invariant> make_newer_lives(Facts& facts);
std::unique_ptr<Invariant> make_true_claims(Facts& facts);
std::unique_ptr<Invariant> make_true_gasps(Facts& facts);
std::unique_ptr<Invariant> make_kept_numbers(Facts& facts);
std::unique_ptr<Invariant> make_kept_records(Facts& facts);
std::unique_ptr<Invariant> make_kept_changes(Facts& facts);
std::unique_ptr<Invariant> make_equal_records(Facts& facts);
std::unique_ptr<Invariant> make_hand_over(Facts& facts);
std::unique_ptr<Invariant> make_patience(Facts& facts);
std::unique_ptr<Invariant> make_degraded(Facts& facts);
std::unique_ptr<Invariant> make_one_address(Facts& facts);
std::unique_ptr<Invariant> make_calm(Facts& facts);
std::unique_ptr<Invariant> make_undisturbed(Facts& facts);
std::unique_ptr<Invariant> make_explained_errors(Facts& facts);
// What must happen.
std::unique_ptr<Invariant> make_recovery(Facts& facts);

Invariants make_all(Facts& facts, bool liveness);

}  // namespace sim::invariants
