// The bulk frames of a port on a packet socket of their own, beside libpcap's capture: a frame is
// queued for the reader as it is, where the capture's ring has it copied at once by whoever
// delivers it; and no amount of bulk takes the place of another frame in the ring.
//
// Thread: one at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <tl/expected.hpp>

#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/stamped_frame.hpp"

namespace ha::runtime {

class BulkQueue {
public:
    /// Receives what comes in on the interface and passes the filter, in tcpdump's language, whose
    /// offsets are those of an untagged frame. `buffer_bytes` bound what the kernel keeps unread.
    /// Errors: a filter that is none; a kernel that does not give what is asked for, among it the
    /// buffer, which needs CAP_NET_ADMIN above net.core.rmem_max.
    static tl::expected<BulkQueue, std::string> open(int interface_index, const std::string& filter,
                                                     std::size_t buffer_bytes);

    tl::expected<void, std::string> set_filter(const std::string& filter);

    /// The frames that wait, in the order of their arrival, at most `limit` and kBatch; valid until
    /// the next call. None also while the interface is down or gone: whoever has the capture of the
    /// interface hears of that. Errors: any other that the kernel has.
    tl::expected<std::span<const StampedFrame>, std::string> read(std::size_t limit);
    static constexpr std::size_t kBatch = 32;

    /// Frames that found no place in the queue since the last call.
    std::uint64_t take_drops();

    /// To be watched for reading.
    [[nodiscard]] int descriptor() const { return socket_.get(); }

private:
    struct Buffers;
    struct FreeBuffers {
        void operator()(Buffers* buffers) const;
    };

    explicit BulkQueue(FileDescriptor socket);

    FileDescriptor socket_;
    std::unique_ptr<Buffers, FreeBuffers> buffers_;
};

}  // namespace ha::runtime
