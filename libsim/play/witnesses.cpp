// Several witnesses as one. See player.hpp.
#include "libsim/play/player.hpp"

namespace sim::play {

void Witnesses::on_begin(Instant at) {
    for (Witness* one : all_)
        one->on_begin(at);
}
void Witnesses::on_heading(Instant at, const std::string& words) {
    for (Witness* one : all_)
        one->on_heading(at, words);
}
void Witnesses::on_action(Instant at, const std::string& words) {
    for (Witness* one : all_)
        one->on_action(at, words);
}
void Witnesses::on_output(Instant at, const std::string& text) {
    for (Witness* one : all_)
        one->on_output(at, text);
}
void Witnesses::on_observed(Instant at, const Observed& observed) {
    for (Witness* one : all_)
        one->on_observed(at, observed);
}
void Witnesses::on_log(Instant at, NodeIndex node, const std::string& line) {
    for (Witness* one : all_)
        one->on_log(at, node, line);
}

}  // namespace sim::play
