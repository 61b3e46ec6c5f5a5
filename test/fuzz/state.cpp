// Fuzz target: what a daemon finds on its disk. Any bytes are either a sound state, which stored
// again is the same, or are told to be damaged; never half of each.
#include <set>

#include "libha/runtime/state_store.hpp"
#include "libvem/runtime/module_store.hpp"
#include "test/fuzz/support/byte_source.hpp"
#include "test/fuzz/support/require.hpp"
#include "test/support/temporary_directory.hpp"

using namespace ha;
using namespace test::fuzz;

namespace {

constexpr std::size_t kModuleNumbers = kLastModuleNumber - kFirstModuleNumber + 1;

void check(const supervisor::PersistentState& state) {
    std::set<Uuid> hosts;
    std::set<Slot> numbers;
    for (const wire::ModuleRecord& record : state.modules) {
        require(number(record.module) >= kFirstModuleNumber &&
                    number(record.module) <= kLastModuleNumber,
                "a stored number is a module's");
        require(record.host_name.size() <= wire::kMaximumHostName, "a stored name fits");
        require(hosts.insert(record.host).second, "a host has one number");
        require(numbers.insert(record.module).second, "a number belongs to one host");
    }
    require(state.modules.size() <= kModuleNumbers, "there are no more modules than numbers");
    for (const MacAddress& mac : state.peer_macs)
        require(!mac.is_group(), "a learnt MAC is one node's");
    const auto again = runtime::from_document(runtime::to_document(state));
    require(again && *again == state, "a state stored again is the same");
}

void check(const vem::runtime::StoredModule& stored) {
    require(stored.module == kNoSlot || (number(stored.module) >= kFirstModuleNumber &&
                                         number(stored.module) <= kLastModuleNumber),
            "a stored number is a module's");
    const auto again = vem::runtime::from_document(vem::runtime::to_document(stored));
    require(again && *again == stored, "a module stored again is the same");
}

/// The document alone, as if the envelope around it were right.
void check_document(const std::string& body) {
    if (const auto state = runtime::from_document(body))
        check(*state);
    else
        require(!state.error().empty(), "what is refused is refused with a reason");
    if (const auto stored = vem::runtime::from_document(body))
        check(*stored);
    else
        require(!stored.error().empty(), "what is refused is refused with a reason");
}

/// The whole file: what is believed can be loaded again, what is not is set aside.
void check_file(const std::string& bytes) {
    static const test::TemporaryDirectory kFolder;
    const runtime::DocumentPlace place{kFolder.path(), "state"};
    kFolder.write("state.json", bytes);
    const runtime::LoadedState loaded = runtime::load_state(place);
    if (loaded.damage) {
        require(!loaded.damage->fault.empty(), "damage has a reason");
        require(loaded.state == supervisor::PersistentState{}, "what is damaged is not believed");
        require(kFolder.read("state.json").empty(), "a damaged file is not in the way");
        return;
    }
    check(loaded.state);
    require(runtime::store_document(place, runtime::to_document(loaded.state)).has_value(),
            "what was loaded can be stored");
    const runtime::LoadedState again = runtime::load_state(place);
    require(!again.damage && again.state == loaded.state, "a state stored again is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteSource source(data, size);
    const bool whole_file = source.flag();
    const std::string bytes = source.rest();
    if (whole_file)
        check_file(bytes);
    else
        check_document(bytes);
    return 0;
}
