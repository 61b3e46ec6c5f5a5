// What a module keeps across restarts: its boot counter and the number it had. The number is a wish
// only, the supervisor's record rules; so a lost file costs nothing but that wish.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "libha/base/identity.hpp"
#include "libha/runtime/file_store.hpp"

namespace vem::runtime {

struct StoredModule {
    std::uint32_t boots = 0;
    ha::Slot module = ha::kNoSlot;
    friend bool operator==(const StoredModule&, const StoredModule&) = default;
};

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
