// What a module keeps: it survives, and damage costs the wish for a number and nothing more.
#include "libvem/runtime/module_store.hpp"

#include <catch2/catch.hpp>

#include "test/support/temporary_directory.hpp"

using namespace vem::runtime;

TEST_CASE("the module's number and its orders survive a restart", "[VEM-1][VEM-8]") {
    const test::TemporaryDirectory folder;
    const auto place = module_place(folder.path());
    CHECK(load_module(place).stored == StoredModule{});
    using enum ha::wire::PortOrder;
    const StoredModule stored{41, ha::Slot{7}, {none, shutdown, no_shutdown}};
    REQUIRE(ha::runtime::store_document(place, to_document(stored)));
    const auto loaded = load_module(place);
    CHECK(loaded.stored == stored);
    CHECK_FALSE(loaded.damage);
}

TEST_CASE("where a module was taken counts until another domain is configured", "[OPS-1]") {
    const test::TemporaryDirectory folder;
    const auto place = module_place(folder.path());
    const StoredModule stored{41, ha::Slot{7}, {}, ha::DomainId{200}, ha::DomainId{100}};
    REQUIRE(ha::runtime::store_document(place, to_document(stored)));
    CHECK(load_module(place).stored == stored);
    CHECK(domain_of(stored, ha::DomainId{100}) == ha::DomainId{200});
    CHECK(domain_of(stored, ha::DomainId{300}) == ha::DomainId{300});
    CHECK(domain_of(StoredModule{}, ha::DomainId{300}) == ha::DomainId{300});
    CHECK_FALSE(from_document(R"({"boots":1,"module":3,"domain":5000,"configured_domain":1})"));
    CHECK_FALSE(from_document(R"({"boots":1,"module":3,"domain":50})"));
}

TEST_CASE("a damaged module file is set aside, the module starts fresh", "[VEM-1][ANY-1]") {
    const test::TemporaryDirectory folder;
    const auto place = module_place(folder.path());
    SECTION("binary") {
        folder.write("module.json", std::string("\x00\xff\x01", 3));
    }
    SECTION("empty") {
        folder.write("module.json", "");
    }
    SECTION("half written") {
        REQUIRE(ha::runtime::store_document(place, to_document({41, ha::Slot{7}, {}})));
        const auto whole = folder.read("module.json");
        folder.write("module.json", whole.substr(0, whole.size() / 2));
    }
    SECTION("impossible number") {
        REQUIRE(ha::runtime::store_document(place, R"({"boots":1,"module":2})"));
    }
    SECTION("impossible port") {
        REQUIRE(
            ha::runtime::store_document(place, R"({"boots":1,"module":3,"ports_shutdown":[249]})"));
    }
    SECTION("ports that are no list") {
        REQUIRE(ha::runtime::store_document(place,
                                            R"({"boots":1,"module":3,"ports_no_shutdown":"all"})"));
    }
    const auto loaded = load_module(place);
    CHECK(loaded.stored == StoredModule{});
    CHECK(loaded.damage);
}

TEST_CASE("what an older program stored says nothing of ports", "[VEM-8]") {
    const auto stored = from_document(R"({"boots":1,"module":3})");
    REQUIRE(stored);
    CHECK(*stored == StoredModule{1, ha::Slot{3}, {}});
}
