// The state table as data: total, consistent with itself, and the page docs/states.md printed from
// it.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "libha/redundancy/state_table.hpp"

using namespace ha::redundancy;

namespace {

bool one_of(Action action, std::initializer_list<Action> actions) {
    return std::find(actions.begin(), actions.end(), action) != actions.end();
}

}  // namespace

TEST_CASE("Every cell is labelled and consistent", "[table]") {
    for (const Cell& row : state_table()) {
        INFO(to_string(row.state) << " / " << to_string(row.event));
        CHECK_FALSE(row.why.empty());
        CHECK((row.action != Action::none) == (row.verdict == Verdict::taken));
        // Active to standby always takes a reload (ROLE-5): no cell leads there.
        if (is_active(row.state))
            CHECK(row.next.find("standby") == std::string_view::npos);
        // Only a stable standby takes over (LOSS-2).
        if (row.action == Action::take_over)
            CHECK(row.state == PairState::standby_ha);
        if (row.state == PairState::standby_syncing && row.event == PairEvent::peer_lost)
            CHECK(row.action == Action::reset_self);
        if (one_of(row.action, {Action::win, Action::end_encounter}))
            CHECK(row.state == PairState::active_arbitrating);
    }
}

TEST_CASE("A frame of the peer never is an assertion of ours", "[table][ANY-1]") {
    for (const Cell& row : state_table()) {
        const bool from_peer = row.event <= PairEvent::reset_requested;
        const bool reads_frames =
            row.state != PairState::standalone && row.state != PairState::leaving;
        // What the life does that we count on; where we count on none, its frames are other events.
        const bool of_one_life =
            row.event == PairEvent::peer_restarted ||
            ((row.event == PairEvent::peer_leaving || row.event == PairEvent::peer_crashed) &&
             row.state == PairState::active_alone);
        const bool counts_on_one =
            is_standby(row.state) || (is_active(row.state) && row.state != PairState::active_alone);
        if (from_peer && reads_frames && (!of_one_life || counts_on_one)) {
            INFO(to_string(row.state) << " / " << to_string(row.event));
            CHECK(row.verdict != Verdict::impossible);
        }
    }
}

TEST_CASE("docs/states.md is the table that runs", "[table]") {
    const std::string path = VSM_HA_SOURCE_DIR "/docs/states.md";
    if (std::getenv("VSM_HA_REWRITE") != nullptr)
        std::ofstream(path) << render_state_table();
    std::ifstream file(path);
    std::stringstream page;
    page << file.rdbuf();
    CHECK(page.str() == render_state_table());
}
