// The gate's order of checks. A payload that fails one leaves nothing behind: a replay window is
// touched only by frames that passed everything else.
#include "libha/wire/receiver.hpp"

#include <algorithm>
#include <utility>

#include "libha/wire/layout.hpp"

namespace ha::wire {
namespace {

constexpr std::uint64_t kWindowSize = 64;

}  // namespace

Receiver::Receiver(DomainId domain, Keyring keyring)
    : domain_(domain), keyring_(std::move(keyring)) {}

tl::expected<Received, DropReason> Receiver::receive(ByteView payload, PortKind port,
                                                     const MacAddress& source,
                                                     const MacAddress& own) {
    if (payload.size() > kMaximumPayload)
        return tl::unexpected(DropReason::oversized);
    if (source.is_group() || source.is_zero())
        return tl::unexpected(DropReason::bad_source);
    if (source == own)
        return tl::unexpected(DropReason::own_frame);
    auto frame = decode(payload);
    if (!frame)
        return tl::unexpected(frame.error());
    return admit(std::move(*frame), payload, port, source);
}

std::optional<ReceivedOtherVersion> Receiver::receive_other_version(ByteView payload, PortKind port,
                                                                    const MacAddress& source) {
    auto other = decode_other_version(payload);
    if (!other)
        return std::nullopt;
    auto received = admit(std::move(other->frame), payload, port, source);
    if (!received)
        return std::nullopt;
    return ReceivedOtherVersion{other->version, std::move(*received)};
}

tl::expected<Received, DropReason> Receiver::admit(Frame frame, ByteView payload, PortKind port,
                                                   const MacAddress& source) {
    if (frame.domain != domain_)
        return tl::unexpected(DropReason::foreign_domain);
    if (frame.port != port || !carries(port, type_of(frame.message)))
        return tl::unexpected(DropReason::wrong_port);
    if (const auto verified = verify(payload, source, keyring_); !verified)
        return tl::unexpected(verified.error());
    // Frames of another version count apart: a copy of a frame that says another one must not use
    // up the number of the frame itself. Nothing comes from a group address.
    MacAddress counted = source;
    if (payload[kVersionOffset] != kVersion)
        counted.octets[0] = static_cast<std::uint8_t>(counted.octets[0] | 1U);
    if (const auto fresh = check_replay({counted, port, frame.incarnation}, type_of(frame.message),
                                        frame.sequence);
        !fresh)
        return tl::unexpected(fresh.error());
    return Received{std::move(frame), source, requires_proof()};
}

void Receiver::set_domain(DomainId domain) {
    domain_ = domain;
}

void Receiver::set_keyring(Keyring keyring) {
    keyring_ = std::move(keyring);
}

tl::expected<void, DropReason> Receiver::check_replay(const Sender& sender, FrameType type,
                                                      std::uint64_t sequence) {
    auto position = windows_.find(sender);
    if (position == windows_.end()) {
        if (sequence == 0)
            return tl::unexpected(DropReason::replayed);
        if (windows_.size() == kMaximumSenders)
            windows_.erase(std::ranges::min_element(
                windows_, {}, [](const auto& entry) { return entry.second.used; }));
        position = windows_.emplace(sender, Windows{}).first;
    }
    Windows& windows = position->second;
    if (!is_new(type == kBulkType ? windows.bulk : windows.others, sequence))
        return tl::unexpected(DropReason::replayed);
    windows.used = ++uses_;
    return {};
}

bool Receiver::is_new(Window& window, std::uint64_t sequence) {
    if (sequence > window.newest) {
        const std::uint64_t step = sequence - window.newest;
        // Bit n of `seen` stands for newest - 1 - n; what was newest becomes bit step - 1.
        window.seen = step >= kWindowSize ? 0 : window.seen << step;
        if (step <= kWindowSize)
            window.seen |= std::uint64_t{1} << (step - 1);
        window.newest = sequence;
        return true;
    }
    const std::uint64_t age = window.newest - sequence;
    if (sequence == 0 || age == 0 || age > kWindowSize)
        return false;
    const std::uint64_t bit = std::uint64_t{1} << (age - 1);
    if ((window.seen & bit) != 0)
        return false;
    window.seen |= bit;
    return true;
}

}  // namespace ha::wire
