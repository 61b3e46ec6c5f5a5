// JSON form of the stored state. See state_store.hpp.
#include "libha/runtime/state_store.hpp"

#include <sodium.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "libha/base/boots.hpp"
#include "libha/runtime/clock.hpp"
#include "libha/runtime/json_text.hpp"

namespace ha::runtime {
namespace {

using nlohmann::json;
using supervisor::PersistentState;

constexpr std::size_t kMaximumModules = kLastModuleNumber - kFirstModuleNumber + 1;

struct Malformed {
    std::string what;
};

std::uint64_t unsigned_of(const json& object, const char* key, std::uint64_t maximum) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_unsigned() ||
        found->get<std::uint64_t>() > maximum) {
        throw Malformed{std::string("its value of ") + key + " is missing or out of range"};
    }
    return found->get<std::uint64_t>();
}

std::string text_of(const json& object, const char* key, std::size_t limit) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string() ||
        found->get_ref<const std::string&>().size() > limit) {
        throw Malformed{std::string("its value of ") + key + " is missing or no text"};
    }
    return found->get<std::string>();
}

const json& member(const json& object, const char* key, json::value_t type) {
    const auto found = object.find(key);
    if (found == object.end() || found->type() != type) {
        throw Malformed{std::string("its part ") + key + " is missing or of a wrong kind"};
    }
    return *found;
}

wire::ModuleRecord module_from(const json& entry) {
    if (!entry.is_object()) {
        throw Malformed{"a module in it is of a wrong kind"};
    }
    const auto host = Uuid::parse(text_of(entry, "host", 36));
    const std::uint64_t slot = unsigned_of(entry, "module", kLastModuleNumber);
    if (!host || slot < kFirstModuleNumber) {
        throw Malformed{"a module in it has an impossible host or number"};
    }
    return {*host, static_cast<Slot>(slot), text_of(entry, "host_name", wire::kMaximumHostName)};
}

PersistentState state_from(const json& document) {
    if (!document.is_object()) {
        throw Malformed{"its content is of a wrong kind"};
    }
    PersistentState state;
    state.boots = static_cast<std::uint32_t>(unsigned_of(document, "boots", UINT32_MAX));
    const json& macs = member(document, "peer_macs", json::value_t::object);
    for (const PortKind port : kPortKinds) {
        const auto mac = MacAddress::parse(text_of(macs, std::string(to_string(port)).c_str(), 17));
        if (!mac || mac->is_group()) {
            throw Malformed{"a peer MAC in it is none"};
        }
        state.peer_macs[index_of(port)] = *mac;
    }
    state.peer_incarnation =
        static_cast<Incarnation>(unsigned_of(document, "peer_incarnation", UINT64_MAX));
    state.configuration_maker = unsigned_of(document, "configuration_maker", UINT64_MAX);
    state.configuration_revision = unsigned_of(document, "configuration_revision", UINT64_MAX);
    const json& modules = member(document, "modules", json::value_t::array);
    if (modules.size() > kMaximumModules) {
        throw Malformed{"it holds more modules than there are numbers"};
    }
    for (const json& entry : modules) {
        wire::ModuleRecord record = module_from(entry);
        const bool repeated = std::ranges::any_of(state.modules, [&](const auto& other) {
            return other.host == record.host || other.module == record.module;
        });
        if (repeated) {
            throw Malformed{"it holds a module twice"};
        }
        state.modules.push_back(std::move(record));
    }
    return state;
}

}  // namespace

std::string to_document(const PersistentState& state) {
    json macs = json::object();
    for (const PortKind port : kPortKinds) {
        macs[std::string(to_string(port))] = state.peer_macs[index_of(port)].to_string();
    }
    json modules = json::array();
    for (const wire::ModuleRecord& record : state.modules) {
        modules.push_back({{"host", record.host.to_string()},
                           {"module", number(record.module)},
                           {"host_name", record.host_name}});
    }
    const json document = {
        {"boots", state.boots},
        {"peer_macs", std::move(macs)},
        {"peer_incarnation", static_cast<std::uint64_t>(state.peer_incarnation)},
        {"configuration_maker", state.configuration_maker},
        {"configuration_revision", state.configuration_revision},
        {"modules", std::move(modules)},
    };
    // A host name is whatever a module sent: bytes that are no UTF-8 are replaced, never thrown on.
    return document.dump(-1, ' ', true, json::error_handler_t::replace);
}

tl::expected<PersistentState, std::string> from_document(const std::string& body) {
    try {
        return state_from(parse_json(body));
    } catch (const Malformed& fault) {
        return tl::unexpected(fault.what);
    }
}

LoadedState load_state(const DocumentPlace& place) {
    LoadedDocument document = load_document(place);
    if (document.body.empty()) {
        return {{}, std::move(document.damage)};
    }
    auto state = from_document(document.body);
    if (!state) {
        return {{}, set_aside(place, state.error())};
    }
    return {std::move(*state), {}};
}

Incarnation new_incarnation(std::uint32_t boots) {
    return make_incarnation(boots, wall_now(), randombytes_random());
}

}  // namespace ha::runtime
