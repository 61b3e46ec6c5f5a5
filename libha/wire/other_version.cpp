// See other_version.hpp.
#include "libha/wire/other_version.hpp"

#include <utility>

#include "libha/wire/cursor.hpp"
#include "libha/wire/decode_message.hpp"
#include "libha/wire/layout.hpp"

namespace ha::wire {
namespace {

bool is_of_pair(FrameType type) {
    return type == FrameType::hello || type == FrameType::heartbeat_request ||
           type == FrameType::heartbeat_response || type == FrameType::leaving;
}

ClaimedState nearest_state(std::uint8_t number) {
    return number > static_cast<std::uint8_t>(ClaimedState::switching_over)
               ? ClaimedState::standby_ha
               : static_cast<ClaimedState>(number);
}

/// The beginning of the first TLV, which is the status in every version.
tl::expected<SupervisorStatus, DropReason> read_kept_status(ByteView body) {
    Reader reader(body);
    const auto type = reader.number<std::uint16_t>();
    const auto length = reader.number<std::uint16_t>();
    Reader value(reader.bytes(length));
    const auto state = value.number<std::uint8_t>();
    value.bytes(1);  // flags
    const auto names = value.number<std::uint64_t>();
    if (reader.failed() || value.failed())
        return tl::unexpected(DropReason::truncated);
    if (type != static_cast<std::uint16_t>(TlvType::status))
        return tl::unexpected(DropReason::missing_tlv);
    if (state == 0)
        return tl::unexpected(DropReason::malformed_tlv);
    SupervisorStatus status;
    status.state = nearest_state(state);
    status.names = Incarnation{names};
    return status;
}

}  // namespace

tl::expected<OtherVersion, DropReason> decode_other_version(ByteView payload) {
    const auto part = announced_part(payload);
    if (!part)
        return tl::unexpected(part.error());
    const std::uint8_t version = (*part)[kVersionOffset];
    const auto type = static_cast<FrameType>((*part)[kTypeOffset]);
    if (version == kVersion || !is_of_pair(type))
        return tl::unexpected(DropReason::unsupported_version);
    auto frame = decode_header(*part);
    if (!frame)
        return tl::unexpected(frame.error());
    const auto status = read_kept_status(part->subspan(kHeaderSize));
    if (!status)
        return tl::unexpected(status.error());
    if (type == FrameType::leaving)
        frame->message = Leaving{*status, frame->incarnation, LeaveReason::stop};
    else
        frame->message = Hello{*status, std::nullopt};
    return OtherVersion{version, std::move(*frame)};
}

}  // namespace ha::wire
