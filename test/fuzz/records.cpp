// Fuzz target: what the store of records finds on its disk. Any bytes are refused with a reason;
// a real store with some of its bytes changed is read as what was stored in it, or as what the last
// transaction found there, or refused.
#include "libha/runtime/record_file.hpp"
#include "test/fuzz/support/byte_source.hpp"
#include "test/fuzz/support/require.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/unit/runtime/record_samples.hpp"

using namespace ha;
using namespace test::fuzz;

namespace {

constexpr std::size_t kPage = 4096;
constexpr unsigned kTransactions = 40;  // enough for a tree of two levels and pages to reuse

const std::string& stored() {
    static const std::string kBytes = [] {
        const test::TemporaryDirectory folder;
        require(runtime::test::fill({folder.path()}, kTransactions), "a store can be written");
        return folder.read("state.mdb");
    }();
    return kBytes;
}

void check_bytes(const std::string& bytes) {
    const auto file = runtime::read_record_file(bytes);
    if (!file) {
        require(!file.error().empty(), "what is refused is refused with a reason");
        return;
    }
    require(file->seal.count == file->database.size(), "the seal counts the records");
}

/// Changes of single bytes: where, and to what.
void check_changed(ByteSource& source) {
    std::string bytes = stored();
    while (!source.empty()) {
        const std::size_t page = source.byte() * kPage;
        const std::size_t at = (page + source.number16() % kPage) % bytes.size();
        bytes[at] = static_cast<char>(source.byte());
    }
    const auto file = runtime::read_record_file(bytes);
    if (!file) {
        require(!file.error().empty(), "what is refused is refused with a reason");
        return;
    }
    require(file->database == runtime::test::after(kTransactions) ||
                (!file->torn.empty() && file->database == runtime::test::after(kTransactions - 1)),
            "a changed store is right, or as before its last transaction, or refused");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteSource source(data, size);
    if (source.flag())
        check_bytes(source.rest());
    else
        check_changed(source);
    return 0;
}
