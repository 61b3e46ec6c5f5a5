// What a module keeps across restarts: its boot counter, the number it had, and the orders for its
// ports. The number is a wish only, the supervisor's record rules, and orders are given again at
// the next attachment; so a lost file costs little.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "libha/base/identity.hpp"
#include "libha/runtime/file_store.hpp"
#include "libha/wire/frame.hpp"

namespace vem::runtime {

struct StoredModule {
    std::uint32_t boots = 0;
    ha::Slot module = ha::kNoSlot;
    std::vector<ha::wire::PortOrder> orders;  ///< of the ports 1, 2, … (VEM-8)
    /// Where its supervisor took it, and the domain that was configured then: another one that is
    /// configured later counts instead. Both or none.
    std::optional<ha::DomainId> domain{};
    std::optional<ha::DomainId> configured_domain{};
    friend bool operator==(const StoredModule&, const StoredModule&) = default;
};

/// The domain of a module that is configured for `configured`.
ha::DomainId domain_of(const StoredModule& stored, ha::DomainId configured);

/// `directory`/module.json.
ha::runtime::DocumentPlace module_place(const std::string& directory);
std::string to_document(const StoredModule& stored);
/// The error is one sentence without the file's name.
tl::expected<StoredModule, std::string> from_document(const std::string& body);

struct LoadedModule {
    StoredModule stored;
    std::optional<ha::runtime::Damage> damage;
};
/// Never fails: without a usable file the module is a fresh one.
LoadedModule load_module(const ha::runtime::DocumentPlace& place);

}  // namespace vem::runtime
