// Module numbers that an operator gives to hosts, or takes back (`vem N`, VEM-1). Nothing here
// moves a module that is attached.
#include <algorithm>
#include <string>
#include <utility>

#include "libvem/registry/registry.hpp"

namespace vem::registry {

namespace {

std::string name_of(const ModuleSnapshot& module) {
    const std::string& name = module.record.host_name;
    return module.record.host.to_string() + (name.empty() ? "" : " (" + name + ")");
}

}  // namespace

std::string Registry::reservation_fault(ha::Slot module, const ha::Uuid& host) const {
    for (const auto& [number, entry] : modules_) {
        const bool attached = entry.shown.attachment != Attachment::absent;
        const bool same_number = number == ha::number(module);
        const bool same_host = entry.shown.record.host == host;
        if (!attached || same_number == same_host) {
            continue;
        }
        return same_number ? "Module " + std::to_string(number) +
                                 " is attached and belongs to host " + name_of(entry.shown)
                           : "Host " + name_of(entry.shown) + " is attached as module " +
                                 std::to_string(number);
    }
    return {};
}

std::string Registry::release_fault(ha::Slot module) const {
    const auto found = modules_.find(ha::number(module));
    if (found == modules_.end() || found->second.shown.attachment == Attachment::absent) {
        return {};
    }
    return "Module " + std::to_string(ha::number(module)) + " is attached; host " +
           name_of(found->second.shown) + " keeps its number";
}

void Registry::on(const NumberReserved& input, Effects& effects) {
    const unsigned number = ha::number(input.module);
    const bool is_number = number >= ha::kFirstModuleNumber && number <= ha::kLastModuleNumber;
    if (!is_number || input.host.is_nil() || !reservation_fault(input.module, input.host).empty()) {
        return;
    }
    const Entry* known = find(input.host);
    if (known != nullptr && known->shown.record.module == input.module) {
        return;
    }
    Entry entry;
    entry.shown.record = {input.host, input.module, {}};
    if (known != nullptr) {
        entry.shown.record.host_name = known->shown.record.host_name;
        modules_.erase(ha::number(known->shown.record.module));
    }
    entry.shown.reason = "not seen since its number was reserved";
    entry.shown.since = input.now;
    entry.proven = true;
    entry.stored_under = ++revision_;
    modules_.insert_or_assign(number, std::move(entry));
    effects.push_back(RecordsChanged{revision_});
}

void Registry::on(const NumberReleased& input, Effects& effects) {
    if (release_fault(input.module).empty() && modules_.erase(ha::number(input.module)) > 0) {
        effects.push_back(RecordsChanged{++revision_});
    }
}

}  // namespace vem::registry
