// See narrator.hpp.
#include "libsim/search/narrator.hpp"

#include "libsim/invariants/facts.hpp"

namespace sim::search {

using namespace ha;

namespace {

std::string claim(const wire::SupervisorStatus& status) {
    static constexpr const char* kClaims[] = {
        "?",          "initializing",  "waiting", "active", "standby-syncing",
        "standby-ha", "switching-over"};
    std::string text = std::string(" ") + kClaims[static_cast<std::size_t>(status.state)] +
                       ", names " + to_string(status.names);
    if (status.has(wire::ControlFlag::reset_yourself))
        text += ", reset yourself";
    if (status.has(wire::ControlFlag::reset_me))
        text += ", reset me";
    if (status.has(wire::ControlFlag::switch_over))
        text += ", take over";
    if (status.has(wire::ControlFlag::synchronized))
        text += ", synchronized";
    return text;
}

/// Empty for what supervisors do not say to each other.
std::string words(const wire::Message& message) {
    if (const auto* hello = std::get_if<wire::Hello>(&message))
        return claim(hello->status);
    if (const auto* request = std::get_if<wire::HeartbeatRequest>(&message))
        return claim(request->status) + (request->arbitration ? ", with a tuple" : "");
    if (const auto* response = std::get_if<wire::HeartbeatResponse>(&message))
        return claim(response->status);
    if (const auto* leaving = std::get_if<wire::Leaving>(&message))
        return claim(leaving->status);
    return {};
}

}  // namespace

void Narrator::say(const std::string& who, const std::string& what) {
    std::string time = invariants::in_ms(world_.now() - kBeginning);
    time.insert(0, time.size() < 16 ? 16 - time.size() : 0, ' ');
    std::string padded = who;
    padded.resize(std::max<std::size_t>(padded.size(), 6), ' ');
    lines_.push_back(time + "  " + padded + "  " + what);
}

void Narrator::on_sent(const Frame& frame) {
    if (!options_.frames)
        return;
    const auto read = wire::decode(*frame.payload);
    if (!read)
        return;
    const std::string text = words(read->message);
    if (!text.empty())
        say(world_.name(frame.from),
            "  " + std::string(to_string(frame.port)) + " to " + frame.destination.to_string() +
                ": " + std::string(to_string(wire::type_of(read->message))) + text);
}

void Narrator::on_effects(NodeIndex node, const supervisor::Effects& effects) {
    for (const supervisor::Effect& effect : effects)
        if (const auto* report = std::get_if<catalog::Report>(&effect))
            say(world_.name(node), catalog::render(*report));
}

void Narrator::on_effects(NodeIndex node, const vem::module::Effects& effects) {
    for (const vem::module::Effect& effect : effects)
        if (const auto* report = std::get_if<catalog::Report>(&effect))
            say(world_.name(node), catalog::render(*report));
}

void Narrator::on_process(NodeIndex node, ProcessState /*state*/, const std::string& what) {
    say(world_.name(node), what);
}

}  // namespace sim::search
