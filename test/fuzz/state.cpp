// Fuzz target: what a daemon finds on its disk. Any bytes are either a sound state, which stored
// again is the same, or are told to be damaged; never half of each.
#include "libha/runtime/file_store.hpp"
#include "libvem/runtime/module_store.hpp"
#include "test/fuzz/support/byte_source.hpp"
#include "test/fuzz/support/require.hpp"
#include "test/support/temporary_directory.hpp"

using namespace ha;
using namespace test::fuzz;

namespace {

void check(const vem::runtime::StoredModule& stored) {
    require(stored.module == kNoSlot || (number(stored.module) >= kFirstModuleNumber &&
                                         number(stored.module) <= kLastModuleNumber),
            "a stored number is a module's");
    const auto again = vem::runtime::from_document(vem::runtime::to_document(stored));
    require(again && *again == stored, "a module stored again is the same");
}

/// The document alone, as if the envelope around it were right.
void check_document(const std::string& body) {
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
    const runtime::LoadedDocument loaded = runtime::load_document(place);
    if (loaded.damage) {
        require(!loaded.damage->fault.empty(), "damage has a reason");
        require(loaded.body.empty(), "what is damaged is not believed");
        require(kFolder.read("state.json").empty(), "a damaged file is not in the way");
        return;
    }
    check_document(loaded.body);
    if (loaded.body.empty())
        return;
    require(runtime::store_document(place, loaded.body).has_value(),
            "what was loaded can be stored");
    const runtime::LoadedDocument again = runtime::load_document(place);
    require(!again.damage && again.body == loaded.body, "what is stored again is the same");
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
