// Own network namespaces for tests on real sockets: every Wires is a fresh one with veth pairs in
// it, and nothing of it is left when the test ends. Both ends of a pair are in the same namespace:
// raw frames pass between them all the same.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "libha/base/mac_address.hpp"
#include "libha/base/time.hpp"
#include "libha/runtime/link_monitor.hpp"

namespace net_test {

using namespace std::chrono_literals;

/// Enters a new network namespace with nothing but a loopback interface; throws when refused.
void enter_new_namespace();

/// Runs `ip ARGUMENTS`; throws when that fails.
void ip(const std::string& arguments);

/// What a command prints.
std::string output_of(const std::string& command);

/// Takes a capability out of the thread's effective set for as long as it lives.
class WithoutCapability {
public:
    explicit WithoutCapability(int capability);
    ~WithoutCapability();
    WithoutCapability(const WithoutCapability&) = delete;
    WithoutCapability& operator=(const WithoutCapability&) = delete;

private:
    int capability_;
};

/// a0 ⇄ b0, both up, in a namespace of their own.
class Wires {
public:
    Wires();

    /// Runs the loop until `condition` holds; false when it does not within the limit.
    bool wait_for(const std::function<bool()>& condition, ha::Duration limit = 5s);
    /// Runs what is due now.
    void run_ready();

    boost::asio::io_context loop;
};

inline constexpr ha::MacAddress kMacA{{0x02, 0, 0, 0, 0, 0x0a}};
inline constexpr ha::MacAddress kMacB{{0x02, 0, 0, 0, 0, 0x0b}};

}  // namespace net_test
