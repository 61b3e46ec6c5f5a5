// `show processes` reads the threads from the kernel when it is asked for, and nothing else does.
#include <catch2/catch.hpp>

#include "libha/cli/cli.hpp"
#include "test/unit/cli/snapshots.hpp"

using namespace ha::cli;
using namespace ha::cli::test;

TEST_CASE("threads are read for the command that shows them alone", "[cli]") {
    Context context = situation("pair-active");
    unsigned reads = 0;
    context.processes = [&reads] {
        ++reads;
        return std::vector<Process>{{4711, 'S', "0", "vsmd"}};
    };
    for (const char* const line : {"show version", "show system redundancy status", "show modules"})
        static_cast<void>(execute(line, context));
    CHECK(reads == 0);
    CHECK(execute("show processes", context).output.find("vsmd") != std::string::npos);
    CHECK(reads == 1);
    context.processes = {};
    CHECK(execute("show processes", context).exit_status == 0);
}
