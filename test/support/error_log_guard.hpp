// An error in the log fails the test unless the test announced it.
#pragma once

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "libha/runtime/log.hpp"

namespace test {

/// Watches a log from its making to its end. expect() announces mnemonics ("STORE_FAILED").
class ErrorLogGuard {
public:
    explicit ErrorLogGuard(const ha::runtime::Log& log) : log_(log) {}
    ~ErrorLogGuard() {
        for (const std::string& line : log_.last()) {
            if (ha::runtime::severity_of(line) <= 3 && !is_expected(line)) {
                INFO("an error was logged that the test did not announce");
                CHECK(line == "");
            }
        }
    }
    ErrorLogGuard(const ErrorLogGuard&) = delete;
    ErrorLogGuard& operator=(const ErrorLogGuard&) = delete;

    void expect(const std::string& mnemonic) { expected_.insert(mnemonic); }

private:
    [[nodiscard]] bool is_expected(const std::string& line) const {
        for (const std::string& mnemonic : expected_) {
            if (line.find("-" + mnemonic + ":") != std::string::npos) {
                return true;
            }
        }
        return false;
    }

    const ha::runtime::Log& log_;
    std::set<std::string> expected_;
};

}  // namespace test
