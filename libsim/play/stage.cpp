// Nodes, their processes and what is around them. See stage.hpp.
#include "libsim/play/stage.hpp"

#include <utility>

#include "libha/cli/requests.hpp"

namespace sim::play {

using ha::catalog::MessageId;

namespace {

constexpr ha::PortKind kMgmt = ha::PortKind::mgmt;
const ha::supervisor::Operator kOperator{"root", "console0"};

WorldOptions world_options(const scenario::Lab& lab, const PlayOptions& options) {
    WorldOptions world = options.world;
    world.seed = options.seed.value_or(lab.seed);
    world.store_jitter += std::chrono::microseconds{lab.store_jitter_us};
    world.wake_jitter += std::chrono::microseconds{lab.wake_jitter_us};
    return world;
}

std::string program_of(const std::string& node) {
    return scenario::is_module(node) ? "vemd" : "vsmd";
}

}  // namespace

Stage::Stage(const scenario::Lab& lab, const PlayOptions& options, CaptureNeeds needs)
    : world(world_options(lab, options)),
      capture(needs),
      pings(world, lab.traffic, options.seed.value_or(lab.seed)),
      lab_(lab),
      witness_(options.witness) {
    world.add_observer(*this);
    for (const std::string& name : scenario::default_nodes(lab.vems))
        add(name);
}

Actor* Stage::find(const std::string& name) {
    const NodeIndex node = world.find(name);
    return node == kNoNode ? nullptr : &actors_[node];
}

const Actor* Stage::find(const std::string& name) const {
    const NodeIndex node = world.find(name);
    return node == kNoNode ? nullptr : &actors_[node];
}

Actor& Stage::add(const std::string& name) {
    auto installation = install(lab_, name, nullptr);
    const bool is_good = installation.has_value();
    if (!is_good) {
        // Its host is there all the same; the complaints come when it is started.
        scenario::Lab plain = lab_;
        plain.nodes.clear();
        installation = install(plain, name, nullptr);
    }
    actors_.emplace_back();
    Actor& actor = actors_.back();
    actor.name = name;
    actor.log = Logbook(program_of(name));
    actor.installation = std::move(*installation);
    actor.is_configured_anew = !is_good;
    if (const auto* settings = std::get_if<SupervisorSettings>(&actor.installation.settings))
        actor.node = world.add_supervisor(name, *settings);
    else
        actor.node = world.add_module(name, std::get<ModuleSettings>(actor.installation.settings));
    mgmt_macs_[actor.node] = scenario::mac_of(name, kMgmt);
    return actor;
}

void Stage::start(Actor& actor, const scenario::Setting* config) {
    actor.was_started = true;
    actor.refused = false;
    pings.set_power(actor.node, true);
    if (config != nullptr || actor.is_configured_anew) {
        auto installation = install(lab_, actor.name, config);
        actor.is_configured_anew = config != nullptr || !installation;
        if (!installation) {
            actor.refused = true;
            for (const std::string& complaint : installation.error()) {
                actor.log.add_plain(complaint);
                tell_log(actor);
            }
            change(actor);
            return;
        }
        actor.installation = std::move(*installation);
        if (const auto* settings = std::get_if<SupervisorSettings>(&actor.installation.settings))
            world.configure(actor.node, *settings);
        else
            world.configure(actor.node, std::get<ModuleSettings>(actor.installation.settings));
    }
    world.start(actor.node);
}

void Stage::thaw(Actor& actor) {
    const bool lease_ended = actor.holds_address && !world.has_address(actor.node);
    world.thaw(actor.node);
    if (lease_ended)
        fail_address(actor, "its lease ran out while this process did not run; it is put back");
}

void Stage::power_off(Actor& actor, DiskFault disk) {
    pings.set_power(actor.node, false);
    world.power_off(actor.node, disk);
}

void Stage::reread(Actor& actor) {
    log(actor, {MessageId::configuration_reloaded, {actor.name + ".yaml"}});
}

void Stage::unplug(Actor& actor, ha::PortKind port) {
    world.unplug(actor.node, port);
    change(actor);
    const bool was_there = std::exchange(actor.has_port[ha::index_of(port)], false);
    if (port != kMgmt || !was_there)
        return;
    capture.fall_silent(actor.node);
    if (actor.holds_address)
        fail_address(actor, "there is no interface for it");
}

void Stage::plug(Actor& actor, ha::PortKind port, const ha::MacAddress& mac) {
    world.plug(actor.node, port, mac);
    change(actor);
    actor.has_port[ha::index_of(port)] = true;
    if (port == kMgmt)
        mgmt_macs_[actor.node] = mac;
}

std::optional<ha::cli::Result> Stage::ask(Actor& actor, const std::string& line,
                                          const std::string& mode) {
    auto result = play::ask(world, {actor.node, &actor.installation, &actor.log, actor.started},
                            {line, mode});
    const auto* const action =
        result && result->action ? std::get_if<ha::cli::Action>(&*result->action) : nullptr;
    if (action != nullptr) {
        log_line(actor, 6, "'" + line + "' by user 0");
        world.request(actor.node, ha::cli::input_of(*action, kOperator));
    }
    return result;
}

std::uint64_t Stage::change_of(Actor& actor, const ha::cli::Request& request) {
    auto change = ha::cli::change_of(request);
    if (!change)
        return 0;
    change->ticket = ++last_ticket_;
    change->by = kOperator;
    change->wall_now = world.wall_time(actor.node);
    world.request(actor.node, std::move(*change));
    return last_ticket_;
}

std::optional<std::string> Stage::completed(const Actor& actor, std::uint64_t ticket) const {
    const auto found = completed_.find({actor.node, ticket});
    return found == completed_.end() ? std::nullopt : std::optional(found->second);
}

std::string Stage::process(const Actor& actor) const {
    if (actor.refused)
        return "failed (exit status 2)";
    return std::string(to_string(world.process(actor.node)));
}

const ha::supervisor::Supervisor* Stage::supervisor(const Actor& actor) const {
    return world.process(actor.node) == ProcessState::running ? world.supervisor(actor.node)
                                                              : nullptr;
}

const vem::module::Module* Stage::module(const Actor& actor) const {
    return world.process(actor.node) == ProcessState::running ? world.module(actor.node) : nullptr;
}

}  // namespace sim::play
