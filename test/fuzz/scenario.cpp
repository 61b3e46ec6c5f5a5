// Fuzz target: scenario files. A text is read into a scenario that is the same when it is written
// and read again, and that scripts/lab can be given; or refused with lines that each name the file
// and can be printed.
#include <nlohmann/json.hpp>

#include "libsim/scenario/json.hpp"
#include "libsim/scenario/reader.hpp"
#include "libsim/scenario/writer.hpp"
#include "test/fuzz/support/printable.hpp"

using namespace sim::scenario;
using test::fuzz::require;
using test::fuzz::require_printable;

namespace {

const std::string kFile = "test/scenarios/a.yaml";

void check_errors(const std::vector<std::string>& errors) {
    require(!errors.empty(), "who is refused is told why");
    for (const std::string& line : errors) {
        require(line.starts_with(kFile), "a complaint names the file: " + line);
        require_printable(line);
    }
}

void check(const Scenario& scenario) {
    const std::string written = write(scenario);
    const auto again = read(written, kFile);
    require(again.has_value(), "a scenario that was written can be read:\n" + written +
                                   (again ? "" : again.error().front()));
    require(*again == scenario, "a scenario that was written is read as it was:\n" + written);
    require(write(*again) == written, "a scenario has one form");
    require(!to_json(scenario).dump().empty(), "the lab can be given it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto scenario = read(text, kFile))
        check(*scenario);
    else
        check_errors(scenario.error());
    return 0;
}
