// See testament.hpp.
#include "libha/runtime/testament.hpp"

#include <net/if.h>

#include "libha/runtime/ethernet.hpp"

namespace ha::runtime {

std::vector<Testament::Frame> frames_of(const std::vector<supervisor::SendFrame>& words,
                                        const SupervisorConfiguration& configuration,
                                        const std::array<LinkState, kPortCount>& links) {
    std::vector<Testament::Frame> frames;
    for (const supervisor::SendFrame& word : words) {
        const PortSettings& port = word.port == PortKind::mgmt && configuration.mgmt
                                       ? *configuration.mgmt
                                       : configuration.control;
        const Framing framing{configuration.ether_type, port.vlan};
        FrameBuffer buffer{};
        const LinkState& link = links[index_of(word.port)];
        const auto frame = build_frame(buffer, framing, word.destination, link.mac, word.payload);
        const int index =
            link.index != 0 ? link.index : static_cast<int>(if_nametoindex(port.name.c_str()));
        frames.push_back({index, {frame.begin(), frame.end()}});
    }
    return frames;
}

}  // namespace ha::runtime
