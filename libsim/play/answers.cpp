// See answers.hpp; the daemons fill the same contexts from real clocks and files.
#include "libsim/play/answers.hpp"

#include "libha/cli/requests.hpp"
#include "libha/config/settings.hpp"
#include "libvem/runtime/commands.hpp"

namespace sim::play {

namespace {

/// Lines of the log are made only for those who ask for them.
std::vector<std::string> log_for(const Asked& asked, const std::string& line) {
    return line.find("log") == std::string::npos ? std::vector<std::string>{} : asked.log->kept();
}

std::string hostname_of(const ha::supervisor::Supervisor& supervisor,
                        const Installation& installation) {
    const auto running = ha::config::Configuration::of(supervisor.records(),
                                                       ha::records::Space::running_configuration);
    const std::string configured = ha::config::settings_of(running).hostname;
    return configured.empty() ? installation.hostname : configured;
}

ha::cli::Result ask_supervisor(const World& world, const Asked& asked,
                               const ha::supervisor::Supervisor& supervisor,
                               const TypedLine& line) {
    const auto& settings = std::get<SupervisorSettings>(asked.installation->settings);
    ha::cli::Context context;
    context.snapshot = supervisor.snapshot();
    context.configuration =
        ha::cli::view_of(ha::cli::kept_configuration(supervisor.records()), context.snapshot);
    context.mode = line.mode;
    context.kept_logs = ha::supervisor::kept_logs_of(supervisor.records());
    context.now = world.local_time(asked.node);
    context.wall_now = world.wall_time(asked.node);
    context.hostname = hostname_of(supervisor, *asked.installation);
    context.version = VSM_HA_VERSION;
    context.kernel_uptime = world.now() - kBeginning;
    context.log = log_for(asked, line.text);
    context.control_vlan = settings.interfaces[ha::index_of(ha::PortKind::control)].vlan;
    context.management_address = asked.installation->management_address;
    return ha::cli::execute(line.text, context);
}

/// As vemd words the state of its link.
std::string link_words(const vem::module::LinkChanged& link) {
    if (!link.present)
        return "missing";
    if (!link.admin_up)
        return "down";
    return link.carrier ? "up" : "no carrier";
}

ha::cli::Result ask_module(const World& world, const Asked& asked,
                           const vem::module::Module& module, const TypedLine& line) {
    const auto& settings = std::get<ModuleSettings>(asked.installation->settings);
    vem::runtime::CommandContext context;
    context.snapshot = module.snapshot();
    context.now = world.local_time(asked.node);
    context.started = context.now - (world.now() - asked.started);
    context.version = VSM_HA_VERSION;
    context.control_vlan = settings.control.vlan;
    context.control_interface = settings.control.name;
    context.control_link = link_words(context.snapshot.link);
    context.incarnation = module.incarnation();
    context.processors = 1;
    context.authenticated = !settings.options.keyring.empty();
    const auto& states = world.module_ports(asked.node);
    for (const std::string& member : asked.installation->members) {
        const std::size_t number = context.ports.size();  // the bridge comes first
        const bool is_port = number > 0 && number <= states.size();
        context.ports.push_back(
            {member, true, {}, is_port ? states[number - 1] : ha::wire::PortState{}});
    }
    context.log = log_for(asked, line.text);
    return vem::runtime::execute(line.text, context);
}

}  // namespace

std::optional<ha::cli::Result> ask(const World& world, const Asked& asked, const TypedLine& line) {
    if (world.process(asked.node) != ProcessState::running)
        return std::nullopt;
    if (const auto* supervisor = world.supervisor(asked.node))
        return ask_supervisor(world, asked, *supervisor, line);
    if (const auto* module = world.module(asked.node))
        return ask_module(world, asked, *module, line);
    return std::nullopt;
}

}  // namespace sim::play
