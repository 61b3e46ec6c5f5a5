// Keys that systemd passes to the service.
#include "libha/runtime/key_file.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "test/support/temporary_directory.hpp"

using ha::runtime::read_key_file;

namespace {

class Credentials {
public:
    Credentials() { ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1); }
    ~Credentials() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;

    void put(const std::string& name, const std::string& text) const {
        const std::string path = folder_.path() + "/" + name;
        std::ofstream(path) << text;
        ::chmod(path.c_str(), 0400);
    }

private:
    test::TemporaryDirectory folder_;
};

std::string fault_of(const std::string& path) {
    const auto key = read_key_file(path);
    return key ? "" : key.error();
}

}  // namespace

TEST_CASE("a key is read from the credential of that name") {
    const Credentials credentials;
    credentials.put("vsm-ha.key", std::string(62, '0') + "a5\n");
    const auto key = read_key_file("credential:vsm-ha.key");
    REQUIRE(key);
    CHECK(key->back() == 0xa5);
}

TEST_CASE("a credential that is missing or none is refused with its name", "[ANY-1]") {
    {
        const Credentials credentials;
        credentials.put("short", "12");
        CHECK_THAT(fault_of("credential:short"), Catch::Matchers::Contains("holds 2 characters"));
        CHECK_THAT(fault_of("credential:other"), Catch::Matchers::Contains("/other: "));
        for (const char* name : {"", "..", "../key", "a/b", ".hidden"}) {
            CHECK_THAT(fault_of(std::string("credential:") + name),
                       Catch::Matchers::Contains("a credential has the name of a file"));
        }
    }
    // By hand, where the service's own directory is not there.
    CHECK_THAT(fault_of("credential:no-such-key-of-a-test"),
               Catch::Matchers::StartsWith("key file /etc/credstore/no-such-key-of-a-test: "));
}
