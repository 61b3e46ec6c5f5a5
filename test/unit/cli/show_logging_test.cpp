// `show logging …`: what is configured, what became of it, and why something is not written.
#include <catch2/catch.hpp>

#include "libha/config/load.hpp"
#include "test/unit/cli/snapshots.hpp"

using namespace ha;
using namespace ha::cli;
using namespace ha::cli::test;

namespace {

Context configured(const std::string& text) {
    Context context = situation("pair-active");
    context.configuration.emplace();
    context.configuration->features = {config::Feature::logging};
    context.configuration->running = config::load(text, "1").value();
    return context;
}

std::string output_of(const std::string& line, const Context& context) {
    const auto result = execute(line, context);
    CHECK(result.error.empty());
    return result.output;
}

}  // namespace

TEST_CASE("Servers are shown with what they got and did not get", "[cli][logging]") {
    Context context = configured("");
    CHECK(output_of("show logging server", context) ==
          "Logging server:                 disabled\n");
    context.configuration->logging.servers = {{"10.0.0.7", 4, 12, 3, 2, "Network is unreachable"},
                                              {"10.0.0.8", 5, 7, 0, 0, ""}};
    CHECK(output_of("show logging server", context) ==
          "Logging server:                 enabled\n"
          "{10.0.0.7}\n"
          "        server severity:        warnings\n"
          "        server facility:        local7\n"
          "        lines sent:             12\n"
          "        lines not sent:         3 refused by the network, 2 dropped\n"
          "        reason:                 Network is unreachable\n"
          "{10.0.0.8}\n"
          "        server severity:        notifications\n"
          "        server facility:        local7\n"
          "        lines sent:             7\n"
          "        lines not sent:         0 refused by the network, 0 dropped\n");
    CHECK(output_of("show logging server | json", context) ==
          R"({"server":"enabled","TABLE_loggingserver":{"ROW_loggingserver":[)"
          R"({"server_address":"10.0.0.7","server_severity":4,"server_facility":"local7",)"
          R"("sent":12,"failed":3,"dropped":2,"reason":"Network is unreachable"},)"
          R"({"server_address":"10.0.0.8","server_severity":5,"server_facility":"local7",)"
          R"("sent":7,"failed":0,"dropped":0,"reason":null}]}})"
          "\n");
}

TEST_CASE("Levels are those of all facilities, those configured marked by their number",
          "[cli][logging]") {
    const Context context = configured("logging level SYSMGR 3\nlogging level elsewhere 7\n");
    const std::string text = output_of("show logging level", context);
    CHECK(
        text.starts_with("Facility        Default Severity        Current Session Severity\n"
                         "--------        ----------------        ------------------------\n"
                         "daemon                  6                       6\n"
                         "elsewhere               6                       7\n"));
    CHECK(text.find("\nsysmgr                  6                       3\n") != std::string::npos);
    CHECK(text.find("\nredundancy              6                       6\n") != std::string::npos);
    CHECK(text.ends_with("6(information)          7(debugging)\n"));
}

TEST_CASE("The file is shown with what is wrong with it", "[cli][logging]") {
    Context context = configured("logging logfile messages 5\n");
    CHECK(output_of("show logging", context)
              .find("Logging logfile:                enabled\n"
                    "        Name - messages: Severity - notifications\n\nFacility") !=
          std::string::npos);
    context.configuration->logging.file_fault = "no space left";
    context.configuration->logging.file_dropped = 9;
    const std::string text = output_of("show logging", context);
    CHECK(text.find("        lines dropped:          9\n"
                    "        not written:            no space left\n") != std::string::npos);
    CHECK(output_of("show logging", configured(""))
              .find("Logging logfile:                disabled\n") != std::string::npos);
}

TEST_CASE("Lines of the log are typed and taken away", "[cli][logging]") {
    Context context = configured("logging level sysmgr 3\n");
    context.mode = "config";
    CHECK(execute("logging server 10.0.0.7 4", context).action ==
          Request{Configure{"", "logging server 10.0.0.7 4"}});
    CHECK(execute("logging logfile messages 5", context).action ==
          Request{Configure{"", "logging logfile messages 5"}});
    CHECK(execute("no logging level SYSMGR", context).action ==
          Request{Configure{"", "no logging level SYSMGR"}});
    CHECK_FALSE(execute("logging level Sysmgr 3", context).action);
    CHECK(execute("logging logfile ../x 5", context)
              .error.find("Invalid name: letters, digits, '-', '_' and '.', the first a letter or "
                          "digit") != std::string::npos);
    CHECK(execute("logging level sysmgr 8", context).error.find("range is (0:7)") !=
          std::string::npos);
    CHECK(execute("logging server 300.0.0.1", context).error.find("Invalid ip address") !=
          std::string::npos);
}
