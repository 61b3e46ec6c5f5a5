// Fuzz target: the operator's lines, with pipes, `?` and tab, on every situation there is a
// snapshot of; and the requests that carry them to the daemon. Whatever comes, the answer can be
// printed, JSON is JSON, and an error leaves nothing to be done.
#include <nlohmann/json.hpp>

#include "libha/runtime/control_protocol.hpp"
#include "test/fuzz/support/byte_source.hpp"
#include "test/fuzz/support/printable.hpp"
#include "test/unit/cli/snapshots.hpp"

using namespace ha;
using namespace test::fuzz;

namespace {

constexpr std::size_t kMaximumError = std::size_t{64} << 10U;

void check_line(const std::string& line, const cli::Context& context) {
    const cli::Result result = cli::execute(line, context);
    require_printable(result.output);
    require_printable(result.error);
    require((result.exit_status == 0) == result.error.empty(), "who fails says why");
    require(result.error.size() <= kMaximumError, "an error is bounded");
    require(result.exit_status == 0 || !result.action, "an error leaves nothing to be done");
    // With a pipe before it, `| json` may be a part of that pipe's pattern.
    if (result.exit_status == 0 && line.ends_with("| json") && line.find('|') == line.rfind('|'))
        require(result.output.empty() || nlohmann::json::accept(result.output), "JSON is JSON");
}

void check_protocol(const std::string& line) {
    const auto request = runtime::parse_request(line);
    if (!request) {
        require(!request.error().empty(), "who is refused is told why");
    } else {
        const auto again = runtime::parse_request(runtime::to_line(*request));
        require(again && again->command == request->command && again->width == request->width &&
                    again->mode == request->mode,
                "a request that was written is read as it was");
    }
    if (const auto answer = runtime::parse_answer(line)) {
        const auto again = runtime::parse_answer(runtime::to_line(*answer));
        require(again && again->output == answer->output && again->error == answer->error &&
                    again->exit_status == answer->exit_status && again->prompt == answer->prompt &&
                    again->mode == answer->mode,
                "an answer that was written is read as it was");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<cli::test::Situation> kSituations = cli::test::situations();
    ByteSource source(data, size);
    const cli::Context& context =
        kSituations[source.below(static_cast<unsigned>(kSituations.size()))].second;
    const std::string line = source.rest();
    check_line(line, context);
    check_line(line + "?", context);
    check_line(line + "\t", context);
    check_line(line + " | json", context);
    // The same in a mode of the configuration, which the length of the line chooses.
    static constexpr std::string_view kModes[] = {"", "config", "config/svs-domain",
                                                  "config/interface mgmt0",
                                                  "config/interface Ethernet3/1"};
    cli::Context configurable = context;
    configurable.configuration.emplace();
    for (const config::Command& command : config::commands())
        configurable.configuration->features.push_back(command.feature);
    configurable.mode = kModes[line.size() % std::size(kModes)];
    check_line(line, configurable);
    check_line(line + "?", configurable);
    check_line(line + "\t", configurable);
    check_protocol(line);
    return 0;
}
