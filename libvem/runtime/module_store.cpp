#include "libvem/runtime/module_store.hpp"

#include <nlohmann/json.hpp>

#include "libha/runtime/json_text.hpp"

namespace vem::runtime {

using nlohmann::json;

ha::runtime::DocumentPlace module_place(const std::string& directory) {
    return {directory, "module"};
}

std::string to_document(const StoredModule& stored) {
    return json{{"boots", stored.boots}, {"module", ha::number(stored.module)}}.dump();
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
    return StoredModule{static_cast<std::uint32_t>(*boots), static_cast<ha::Slot>(*module)};
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
