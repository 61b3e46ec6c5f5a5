// The store of records under a loss of power at every write that its process makes: what is durable
// is what a flush has been waited for, and of everything since then any part (BEHAVIOUR ANY-1,
// SYNC-2). The process is followed from system call to system call.
#include <fcntl.h>
#include <sys/syscall.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "libha/runtime/record_file.hpp"
#include "libha/runtime/record_store.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/traced_child.hpp"
#include "test/unit/runtime/record_mixtures.hpp"
#include "test/unit/runtime/record_samples.hpp"

namespace {

using namespace ha;
using namespace ha::runtime;
using namespace ha::runtime::test;
using ::test::TemporaryDirectory;

constexpr unsigned kLast = 16;

bool is_flush(std::uint64_t call) {
    return call == SYS_fsync || call == SYS_fdatasync || call == SYS_msync || call == SYS_sync ||
           call == SYS_syncfs;
}

bool is_write(std::uint64_t call) {
    return call == SYS_write || call == SYS_pwrite64 || call == SYS_writev || call == SYS_pwritev ||
           call == SYS_pwritev2 || call == SYS_ftruncate || call == SYS_fallocate;
}

bool is_rename(std::uint64_t call) {
#ifdef SYS_rename
    if (call == SYS_rename)
        return true;
#endif
    return call == SYS_renameat || call == SYS_renameat2;
}

/// Follows a process that opens a store and commits to it, and keeps what is durable meanwhile.
class Witness {
public:
    /// The process tells by one byte in `told` that it is ready, and then every commit.
    Witness(const TemporaryDirectory& folder, const ::test::TracedChild& child, int told)
        : folder_(folder), child_(child), told_(static_cast<std::uint64_t>(told)) {}

    void look() {
        const auto call = child_.system_call();
        if (call.op == PTRACE_SYSCALL_INFO_ENTRY) {
            number_ = call.entry.nr;
            file_ = call.entry.args[0];
            if (number_ == SYS_write && file_ == told_)
                take_acknowledgement();
        } else if (call.op == PTRACE_SYSCALL_INFO_EXIT && !is_ready_) {
            take_step_of_opening();
        } else if (call.op == PTRACE_SYSCALL_INFO_EXIT) {
            if (is_write(number_) && file_ != told_)
                take_write();
            if (is_flush(number_) || (is_write(number_) && file_ != told_ && is_synchronous()))
                take_flush();
        }
    }

    [[nodiscard]] unsigned acknowledged() const { return acknowledged_; }
    [[nodiscard]] unsigned flushes() const { return flushes_; }
    [[nodiscard]] unsigned losses() const { return losses_; }

private:
    [[nodiscard]] std::string content() const { return folder_.read("state.mdb"); }

    /// Whether each write to the file waits for the disk.
    [[nodiscard]] bool is_synchronous() const {
        std::ifstream info(child_.proc("fdinfo/" + std::to_string(file_)));
        std::string word;
        while (info >> word && word != "flags:") {
        }
        info >> word;
        return (std::stoul(word, nullptr, 8) & O_DSYNC) != 0;
    }

    /// A fresh file is durable before it takes its place, and its place before it is counted on.
    void take_step_of_opening() {
        if (is_flush(number_)) {
            is_in_place_ = is_renamed_;
            if (!is_renamed_)
                durable_ = folder_.read("state.mdb.new");
        } else if (is_rename(number_)) {
            is_renamed_ = true;
            REQUIRE((content() == durable_));
        }
    }

    void take_acknowledgement() {
        if (!std::exchange(is_ready_, true)) {
            REQUIRE(is_in_place_);
            REQUIRE((content() == durable_));
            return;
        }
        ++acknowledged_;
        const auto file = read_record_file(durable_);
        REQUIRE(file);
        REQUIRE(file->torn.empty());
        REQUIRE(file->database == after(acknowledged_));
    }

    void take_write() {
        const records::Database before = after(acknowledged_);
        const records::Database next = after(acknowledged_ + 1);
        every_mixture(durable_, content(), 60, random_, [&](const std::string& bytes) {
            const auto file = read_record_file(bytes);
            if (!file)
                FAIL("after " << acknowledged_ << " transactions: " << file.error());
            REQUIRE((file->database == before || file->database == next));
            ++losses_;
        });
    }

    void take_flush() {
        ++flushes_;
        durable_ = content();
    }

    const TemporaryDirectory& folder_;
    const ::test::TracedChild& child_;
    std::uint64_t told_;
    std::uint64_t number_ = 0;  ///< of the system call that was entered
    std::uint64_t file_ = 0;    ///< its first argument
    bool is_renamed_ = false;
    bool is_in_place_ = false;
    bool is_ready_ = false;
    std::string durable_;  ///< what the disk holds for certain
    unsigned acknowledged_ = 0;
    unsigned flushes_ = 0;
    unsigned losses_ = 0;
    std::mt19937 random_{20261122};
};

int commit_all(const RecordPlace& place, int told) {
    LoadedRecords loaded;
    auto store = RecordStore::open(place, loaded);
    for (unsigned number = 0; store && number <= kLast; ++number)
        if ((number > 0 && !store->commit(transaction(number))) || ::write(told, "", 1) != 1)
            return 1;
    return store ? 0 : 1;
}

}  // namespace

TEST_CASE(
    "every commit is durable when it returns, after one flush, and a loss of power at any write "
    "before leaves the old or the new",
    "[ANY-1][SYNC-2]") {
    const TemporaryDirectory folder;
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    ::test::TracedChild child([&] { return commit_all({folder.path()}, pipe[1]); });
    if (!child.is_traced()) {
        WARN("SKIPPED: this machine lets nobody trace a child");
        return;
    }
    Witness witness(folder, child, pipe[1]);
    while (child.is_stopped()) {
        witness.look();
        child.go_on();
    }
    ::close(pipe[0]);
    ::close(pipe[1]);
    CHECK(child.has_finished());
    CHECK(witness.acknowledged() == kLast);
    CHECK(witness.flushes() == kLast);
    CHECK(witness.losses() > 1000);
}
