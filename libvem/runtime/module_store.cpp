#include "libvem/runtime/module_store.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "libha/runtime/json_text.hpp"

namespace vem::runtime {

using ha::wire::PortOrder;
using nlohmann::json;

namespace {

/// The numbers of the ports with this order.
json numbers_of(const std::vector<PortOrder>& orders, PortOrder wanted) {
    json numbers = json::array();
    for (std::size_t index = 0; index < orders.size(); ++index)
        if (orders[index] == wanted)
            numbers.push_back(index + 1);
    return numbers;
}

/// Whether `key` is missing (an older program wrote the file) or a list of ports, which then have
/// this order.
bool take_orders(const json& document, const char* key, PortOrder order,
                 std::vector<PortOrder>& orders) {
    const auto found = document.find(key);
    if (found == document.end())
        return true;
    if (!found->is_array())
        return false;
    for (const json& item : *found) {
        const auto port = item.is_number_unsigned() ? item.get<std::uint64_t>() : 0;
        if (port == 0 || port > ha::wire::kMaximumModulePorts)
            return false;
        orders.resize(std::max<std::size_t>(orders.size(), port));
        orders[port - 1] = order;
    }
    return true;
}

}  // namespace

ha::runtime::DocumentPlace module_place(const std::string& directory) {
    return {directory, "module"};
}

std::string to_document(const StoredModule& stored) {
    json document{{"boots", stored.boots},
                  {"module", ha::number(stored.module)},
                  {"ports_shutdown", numbers_of(stored.orders, PortOrder::shutdown)},
                  {"ports_no_shutdown", numbers_of(stored.orders, PortOrder::no_shutdown)}};
    if (stored.domain && stored.configured_domain) {
        document["domain"] = ha::number(*stored.domain);
        document["configured_domain"] = ha::number(*stored.configured_domain);
    }
    return document.dump();
}

ha::DomainId domain_of(const StoredModule& stored, ha::DomainId configured) {
    return stored.domain && stored.configured_domain == configured ? *stored.domain : configured;
}

tl::expected<StoredModule, std::string> from_document(const std::string& body) {
    const json document = ha::runtime::parse_json(body);
    const auto number = [&](const char* key) -> std::optional<std::uint64_t> {
        if (!document.is_object())
            return std::nullopt;
        const auto found = document.find(key);
        if (found == document.end() || !found->is_number_unsigned())
            return std::nullopt;
        return found->get<std::uint64_t>();
    };
    const auto boots = number("boots");
    const auto module = number("module");
    if (!boots || *boots > UINT32_MAX)
        return tl::unexpected(std::string{"its value of boots is missing or out of range"});
    const bool sound =
        module &&
        (*module == 0 || (*module >= ha::kFirstModuleNumber && *module <= ha::kLastModuleNumber));
    if (!sound)
        return tl::unexpected(std::string{"its value of module is missing or out of range"});
    StoredModule stored;
    stored.boots = static_cast<std::uint32_t>(*boots);
    stored.module = static_cast<ha::Slot>(*module);
    if (document.contains("domain") || document.contains("configured_domain")) {
        const auto domain = number("domain");
        const auto configured = number("configured_domain");
        const auto is_domain = [](std::optional<std::uint64_t> value) {
            return value && *value >= ha::kDomainIdMinimum && *value <= ha::kDomainIdMaximum;
        };
        if (!is_domain(domain) || !is_domain(configured))
            return tl::unexpected(std::string{"its value of domain is missing or out of range"});
        stored.domain = ha::DomainId{static_cast<std::uint16_t>(*domain)};
        stored.configured_domain = ha::DomainId{static_cast<std::uint16_t>(*configured)};
    }
    if (!take_orders(document, "ports_shutdown", PortOrder::shutdown, stored.orders) ||
        !take_orders(document, "ports_no_shutdown", PortOrder::no_shutdown, stored.orders))
        return tl::unexpected(
            std::string{"its lists of ports are none, or a port is out of range"});
    return stored;
}

LoadedModule load_module(const ha::runtime::DocumentPlace& place) {
    ha::runtime::LoadedDocument document = ha::runtime::load_document(place);
    if (document.body.empty())
        return {{}, std::move(document.damage)};
    const auto stored = from_document(document.body);
    if (!stored)
        return {{}, ha::runtime::set_aside(place, stored.error())};
    return {*stored, {}};
}

}  // namespace vem::runtime
