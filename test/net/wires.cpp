#include "test/net/wires.hpp"

#include <linux/capability.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "libha/runtime/clock.hpp"

namespace net_test {

namespace {

void set_effective(int capability, bool on) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    if (syscall(SYS_capget, &header, data.data()) != 0)
        throw std::runtime_error(std::string{"capget: "} + std::strerror(errno));
    auto& word = data.at(static_cast<std::size_t>(capability) / 32).effective;
    const std::uint32_t bit = 1U << (static_cast<unsigned>(capability) % 32U);
    word = on ? (word | bit) : (word & ~bit);
    if (syscall(SYS_capset, &header, data.data()) != 0)
        throw std::runtime_error(std::string{"capset: "} + std::strerror(errno));
}

}  // namespace

void enter_new_namespace() {
    if (unshare(CLONE_NEWNET) != 0)
        throw std::runtime_error(std::string{"no new network namespace: "} + std::strerror(errno));
    ip("link set lo up");
}

void ip(const std::string& arguments) {
    const std::string command = "ip " + arguments;
    if (std::system(command.c_str()) != 0)
        throw std::runtime_error("failed: " + command);
}

std::string output_of(const std::string& command) {
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr)
        throw std::runtime_error("failed: " + command);
    std::string output;
    std::array<char, 4096> buffer{};
    for (std::size_t length = 0; (length = fread(buffer.data(), 1, buffer.size(), pipe)) != 0;)
        output.append(buffer.data(), length);
    pclose(pipe);
    return output;
}

WithoutCapability::WithoutCapability(int capability) : capability_(capability) {
    set_effective(capability_, false);
}
WithoutCapability::~WithoutCapability() {
    set_effective(capability_, true);
}

Wires::Wires() {
    enter_new_namespace();
    ip("link add a0 address " + kMacA.to_string() + " type veth peer name b0 address " +
       kMacB.to_string());
    ip("link set a0 up");
    ip("link set b0 up");
}

bool Wires::wait_for(const std::function<bool()>& condition, ha::Duration limit) {
    const ha::Instant end = ha::runtime::monotonic_now() + limit;
    while (!condition()) {
        if (ha::runtime::monotonic_now() >= end)
            return false;
        loop.restart();
        loop.run_one_for(10ms);
    }
    return true;
}

void Wires::run_ready() {
    loop.restart();
    loop.poll();
}

}  // namespace net_test
