// What is done for a process that has died, made while it lives: guardian.hpp does it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "libha/runtime/configuration.hpp"
#include "libha/runtime/interface_address.hpp"
#include "libha/runtime/link_monitor.hpp"

namespace ha::runtime {

struct Testament {
    struct Frame {
        int interface_index = 0;
        std::vector<std::uint8_t> bytes;  ///< complete, as it goes onto the wire
    };
    struct Address {
        std::string interface_name;
        InterfaceAddress address;
    };
    std::vector<Frame> frames;       ///< in the order to send them
    std::vector<Address> addresses;  ///< to be given up
};

/// The words as they leave the ports; those of interfaces that are not there go nowhere. `links`
/// are those of the ports, by index_of(PortKind); the kernel is asked for a number that is not
/// known.
std::vector<Testament::Frame> frames_of(const std::vector<supervisor::SendFrame>& words,
                                        const SupervisorConfiguration& configuration,
                                        const std::array<LinkState, kPortCount>& links);

}  // namespace ha::runtime
