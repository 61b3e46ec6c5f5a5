#include "libha/cli/cli.hpp"

namespace ha::cli {
namespace {

enum Command : int { kShowVersion = kFirstFreeCommand, kReload, kClearPeerMac };

Grammar make_grammar() {
    const Token show{"show", "Show running system information"};
    Grammar grammar;
    add_session_commands(grammar);
    grammar.add(kShowVersion, {show, {"version", "Show the software version"}});
    grammar.add(kReload, {{"reload", "Reboot the supervisor"}});
    grammar.add(kClearPeerMac,
                {{"clear", "Reset functions"},
                 {"system", "System information"},
                 {"redundancy", "Redundancy information"},
                 {"peer-mac", "Forget the learnt MAC addresses of the other supervisor"}});
    return grammar;
}

}  // namespace

Result execute(std::string_view line, const Context& context) {
    static const Grammar kGrammar = make_grammar();
    return run(kGrammar, line, [&context](const Invocation& invocation) {
        Answer answer;
        switch (static_cast<Command>(invocation.command)) {
            case kShowVersion:
                answer.document.field("  system:    version ", "sys_ver_str", context.version);
                break;
            case kReload:
                answer.action = Action::reload;
                break;
            case kClearPeerMac:
                answer.action = Action::clear_peer_mac;
                break;
        }
        return answer;
    });
}

}  // namespace ha::cli
