// libpcap on one Ethernet interface: what comes in and passes a filter, and frames on their way
// out. Ring, priorities and directions are set for a port (l2_port.hpp).
//
// Thread: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <tl/expected.hpp>

#include "libha/runtime/stamped_frame.hpp"

struct pcap;

namespace ha::runtime {

struct CaptureOptions {
    std::string interface_name;
    std::size_t buffer_bytes = 0;  ///< of the ring in our memory
    bool promiscuous = false;
};

class FrameCapture {
public:
    /// Errors: one sentence that names the interface and says what is wrong with it.
    static tl::expected<FrameCapture, std::string> open(const CaptureOptions& options,
                                                        const std::string& filter);

    /// In tcpdump's language.
    tl::expected<void, std::string> set_filter(const std::string& filter);

    /// The next frame that waits, valid until the next call; none when there is none. At most one,
    /// whatever the limit. Errors: what libpcap says; the capture is of no use then.
    tl::expected<std::span<const StampedFrame>, std::string> read(std::size_t limit);

    /// Puts a whole frame on the wire; the kernel's error otherwise.
    tl::expected<void, int> send(std::span<const std::uint8_t> frame);

    /// Frames that found the ring full since the last call.
    std::uint64_t take_drops();

    /// To be watched for reading.
    [[nodiscard]] int descriptor() const;

private:
    struct Close {
        void operator()(pcap* capture) const;
    };

    FrameCapture(std::string interface_name, pcap* capture);
    tl::expected<void, std::string> activate(const CaptureOptions& options,
                                             const std::string& filter);

    std::string interface_name_;
    std::unique_ptr<pcap, Close> capture_;
    StampedFrame frame_;
    std::uint32_t told_drops_ = 0;
};

}  // namespace ha::runtime
