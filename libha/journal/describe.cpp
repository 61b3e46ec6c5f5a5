// See describe.hpp.
#include "libha/journal/describe.hpp"

#include <algorithm>

#include "libha/base/utf8.hpp"
#include "libha/wire/describe.hpp"

namespace ha::journal {
namespace {

/// Names and reasons are whatever the bytes of the journal say: no terminal obeys them.
std::string printable(const std::string& text) {
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<std::uint8_t>(text[at]);
        const std::size_t length = utf8_length(text, at);
        if (length == 0 || byte < 0x20 || byte == 0x7f)
            shown += "\\x" + hex({&byte, 1});
        else
            shown += text.substr(at, length);
        at += std::max<std::size_t>(length, 1);
    }
    return shown;
}

std::string payload_in_words(wire::ByteView payload) {
    const auto frame = wire::decode(payload);
    if (!frame)
        return "[" + std::string(to_string(frame.error())) + "] " + hex(payload);
    // A short frame without a seal is longer than it was made as well: Ethernet fills it up.
    const bool sealed = payload.size() >= wire::encode(*frame).size() + wire::kSealSize;
    return wire::describe(*frame) + (sealed ? " sealed" : "");
}

std::string on_port(PortKind port, const MacAddress& mac) {
    return std::string(to_string(port)) + " " + mac.to_string() + " ";
}

std::string keys_in_words(const wire::Keyring& keyring) {
    std::string text = keyring.empty() ? "no keys" : "keys";
    for (const wire::Key& key : keyring.keys)
        text += " " + std::to_string(key.id);
    return text;
}

struct InputInWords {
    std::string operator()(const supervisor::FrameReceived& input) const {
        std::string text = on_port(input.port, input.source) + payload_in_words(input.payload);
        if (input.received_at != input.now)
            text += " (waited " + wire::describe(input.now - input.received_at) + ")";
        return text;
    }
    std::string operator()(const supervisor::FramesDropped& input) const {
        return std::string(to_string(input.port)) + " dropped " + std::to_string(input.count) +
               " " + std::string(to_string(input.reason));
    }
    std::string operator()(const supervisor::Tick& /*input*/) const { return "tick"; }
    std::string operator()(const supervisor::LinkChanged& input) const {
        const supervisor::LinkState& link = input.link;
        const char* state = !link.present    ? "missing"
                            : !link.admin_up ? "administratively down"
                            : !link.carrier  ? "without carrier"
                                             : "up";
        std::string text = std::string(to_string(input.port)) + " " + link.interface_name + " " +
                           link.mac.to_string() + " is " + state;
        return link.reason.empty() ? text : text + " (" + link.reason + ")";
    }
    std::string operator()(const supervisor::StoreCompleted& input) const {
        return std::string(input.ok ? "stored" : "not stored") + " " + std::to_string(input.token);
    }
    std::string operator()(const supervisor::StopRequested& /*input*/) const {
        return "stop requested";
    }
    std::string operator()(const supervisor::ReloadRequested& /*input*/) const {
        return "reload requested";
    }
    std::string operator()(const supervisor::ClearPeerMac& /*input*/) const {
        return "clear peer MAC requested";
    }
    std::string operator()(const supervisor::SwitchoverRequested& /*input*/) const {
        return "switchover requested";
    }
    std::string operator()(const supervisor::LossIntervalChanged& input) const {
        return "loss interval changed to " + wire::describe(input.loss_interval);
    }
    std::string operator()(const supervisor::ClearKeptLog& input) const {
        return "clear the " + std::string(to_string(input.space));
    }
    std::string operator()(const supervisor::RoleRequested& input) const {
        return "role " + std::string(to_string(input.role)) + " requested";
    }
    std::string operator()(const supervisor::KeyringChanged& input) const {
        return "keyring changed: " + keys_in_words(input.keyring);
    }
    std::string operator()(const supervisor::ChangeRequested& input) const {
        return "change " + std::to_string(input.ticket) + " by " + printable(input.by.user) + "@" +
               printable(input.by.origin) + ": " + printable(input.command);
    }
    std::string operator()(const supervisor::ConsoleRequested& input) const {
        return "console " + std::to_string(input.ticket) + " by " + printable(input.user) + ": " +
               printable(input.line);
    }
    std::string operator()(const supervisor::ConsoleAnswered& input) const {
        return "console " + std::to_string(input.id) + " answered with " +
               std::to_string(input.answer.output.size() + input.answer.error.size()) + " bytes";
    }
    std::string operator()(const supervisor::Stalled& input) const {
        return "stalled for " + wire::describe(input.duration);
    }
};

/// Names and values are text mostly; what is not, like the numbers of a log, is shown as bytes.
std::string changes_in_words(const records::Changes& changes) {
    constexpr std::size_t kShown = 120;
    std::string text;
    for (const records::Change& change : changes) {
        text += text.empty() ? "" : ", ";
        text.append(to_string(change.key.space)).append("/").append(printable(change.key.name));
        if (!change.value) {
            text += " erased";
            continue;
        }
        text += "=" + printable(change.value->substr(0, kShown));
        if (change.value->size() > kShown)
            text += "... (" + std::to_string(change.value->size()) + " bytes)";
    }
    return text.empty() ? "nothing" : text;
}

struct EffectInWords {
    std::string operator()(const supervisor::SendFrame& effect) const {
        return "send " + on_port(effect.port, effect.destination) +
               payload_in_words(effect.payload);
    }
    std::string operator()(const supervisor::Persist& effect) const {
        return "store " + std::to_string(effect.token) + " " + changes_in_words(effect.changes);
    }
    std::string operator()(const supervisor::ChangeCompleted& effect) const {
        return "change " + std::to_string(effect.ticket) + " " +
               (effect.error.empty() ? "completed" : "refused: " + printable(effect.error));
    }
    std::string operator()(const supervisor::ConsoleCompleted& effect) const {
        return "console " + std::to_string(effect.ticket) + " " +
               (effect.failure.empty() ? "completed" : "failed: " + printable(effect.failure));
    }
    std::string operator()(const supervisor::RunConsole& effect) const {
        return "run on the console " + std::to_string(effect.id) + ": " + printable(effect.line);
    }
    std::string operator()(const supervisor::ConfigurationChanged& /*effect*/) const {
        return "configuration changed";
    }
    std::string operator()(const supervisor::HoldAddress& /*effect*/) const {
        return "hold address";
    }
    std::string operator()(const supervisor::AnnounceAddress& /*effect*/) const {
        return "announce address";
    }
    std::string operator()(const supervisor::ReleaseAddress& /*effect*/) const {
        return "release address";
    }
    std::string operator()(const supervisor::Restart& effect) const {
        return "restart: " + effect.reason;
    }
    std::string operator()(const supervisor::Exit& /*effect*/) const { return "exit"; }
    std::string operator()(const catalog::Report& effect) const { return catalog::render(effect); }
};

}  // namespace

std::string hex(wire::ByteView bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xfU];
    }
    return text;
}

std::string describe(const supervisor::Input& input) {
    return printable(std::visit(InputInWords{}, input));
}

std::string describe(const supervisor::Effect& effect) {
    return printable(std::visit(EffectInWords{}, effect));
}

std::string describe(const LifeBegun& life) {
    const redundancy::Options& pair = life.options.pair;
    return printable(life.instance + " " + std::string(to_string(pair.role)) +
                     " domain=" + std::to_string(number(pair.domain)) + " incarnation=" +
                     to_string(pair.incarnation) + " h=" + wire::describe(pair.heartbeat_interval) +
                     " T=" + wire::describe(pair.loss_interval) + " " +
                     keys_in_words(life.options.keyring) +
                     " stored: " + changes_in_words(life.options.stored.records().everything()));
}

}  // namespace ha::journal
