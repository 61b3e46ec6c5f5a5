// Lines of the control socket. See control_protocol.hpp.
#include "libha/runtime/control_protocol.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "libha/runtime/json_text.hpp"

namespace ha::runtime {
namespace {

using nlohmann::json;

constexpr unsigned kMaximumWidth = 10000;

std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

bool is_member(const ControlPeer& peer, std::uint32_t group) {
    return peer.group == group || std::ranges::find(peer.groups, group) != peer.groups.end();
}

std::string to_line(const ControlRequest& request) {
    if (request.follow) {
        json line{{"follow", true}};
        if (request.since) {
            line["since"] = *request.since;
        }
        return dump(line);
    }
    return dump({{"command", request.command},
                 {"width", request.width},
                 {"mode", request.mode},
                 {"terminal", request.terminal}});
}

std::string to_line(const ControlAnswer& answer) {
    return dump({{"exit", answer.exit_status},
                 {"output", answer.output},
                 {"error", answer.error},
                 {"prompt", answer.prompt},
                 {"mode", answer.mode}});
}

std::string event_line(std::string_view json) {
    return "{\"event\":" + std::string(json) + "}\n";
}

std::string missed_line(std::uint64_t first, std::uint64_t last) {
    return dump({{"missed", {first, last}}});
}

tl::expected<FollowLine, std::string> parse_follow_line(std::string_view line) {
    const nlohmann::ordered_json value = nlohmann::ordered_json::parse(line, nullptr, false);
    FollowLine read;
    if (!value.is_object()) {
        return tl::unexpected(std::string("the line cannot be understood"));
    }
    if (const auto event = value.find("event"); event != value.end() && event->is_object()) {
        read.event = event->dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
        return read;
    }
    if (const auto missed = value.find("missed");
        missed != value.end() && missed->is_array() && missed->size() == 2 &&
        (*missed)[0].is_number_unsigned() && (*missed)[1].is_number_unsigned()) {
        read.first_missed = (*missed)[0].get<std::uint64_t>();
        read.last_missed = (*missed)[1].get<std::uint64_t>();
        return read;
    }
    const auto answer = parse_answer(line);
    if (!answer || answer->error.empty()) {
        return tl::unexpected(std::string("the line cannot be understood"));
    }
    read.error = answer->error;
    return read;
}

tl::expected<ControlRequest, std::string> parse_request(std::string_view line) {
    const json value = parse_json(line);
    if (!value.is_object()) {
        return tl::unexpected(std::string("the request is not one JSON object on one line"));
    }
    ControlRequest request;
    for (const auto& [key, member] : value.items()) {
        if (key == "command" && member.is_string()) {
            request.command = member.get<std::string>();
        } else if (key == "width" && member.is_number_unsigned() &&
                   member.get<std::uint64_t>() <= kMaximumWidth) {
            request.width = member.get<unsigned>();
        } else if (key == "mode" && member.is_string() &&
                   member.get_ref<const std::string&>().size() <= kMaximumMode) {
            request.mode = member.get<std::string>();
        } else if (key == "terminal" && member.is_number_integer() &&
                   member.get<std::int64_t>() == member.get<std::int32_t>()) {
            request.terminal = member.get<std::int32_t>();
        } else if (key == "terminal") {
            return tl::unexpected(std::string("terminal is not a number of 32 bits"));
        } else if (key == "mode") {
            return tl::unexpected(std::string("mode is not a text of at most 256 bytes"));
        } else if (key == "follow" && member.is_boolean()) {
            request.follow = member.get<bool>();
        } else if (key == "since" && member.is_number_unsigned()) {
            request.since = member.get<std::uint64_t>();
        } else if (key == "follow") {
            return tl::unexpected(std::string("follow is not true or false"));
        } else if (key == "since") {
            return tl::unexpected(std::string("since is not the number of an event (0..)"));
        } else if (key == "command") {
            return tl::unexpected(std::string("command is not a text"));
        } else if (key == "width") {
            return tl::unexpected(std::string("width is not a whole number (0..10000)"));
        } else {
            return tl::unexpected(std::string(
                "the request has an unknown key (allowed: command, follow, mode, since, "
                "terminal, width)"));
        }
    }
    if (!request.follow && !value.contains("command")) {
        return tl::unexpected(std::string("command is missing"));
    }
    if (request.follow == value.contains("command")) {
        return tl::unexpected(std::string("command and follow exclude each other"));
    }
    if (request.since && !request.follow) {
        return tl::unexpected(std::string("since is for follow alone"));
    }
    return request;
}

tl::expected<ControlAnswer, std::string> parse_answer(std::string_view line) {
    const json value = parse_json(line);
    const auto text = [&](const char* key) {
        const auto found = value.find(key);
        return found != value.end() && found->is_string() ? found->get<std::string>() : "";
    };
    if (!value.is_object() || !value.contains("exit") || !value["exit"].is_number_integer()) {
        return tl::unexpected(std::string("the answer cannot be understood"));
    }
    return ControlAnswer{value["exit"].get<int>(), text("output"), text("error"), text("prompt"),
                         text("mode")};
}

}  // namespace ha::runtime
