// See capture.hpp.
#include "libsim/play/capture.hpp"

#include <algorithm>

#include "libha/wire/layout.hpp"
#include "libsim/scenario/nodes.hpp"
#include "libsim/scenario/words.hpp"

namespace sim::play {

using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t kGratuitousArp = ha::wire::kFrameTypeCount + 1;
constexpr std::uint8_t kNeighborAdvertisement = ha::wire::kFrameTypeCount + 2;
constexpr ha::MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};
/// When an announcement is made, counted from the first.
constexpr std::array<Duration, 6> kAnnouncements{0ms, 100ms, 1s, 2s, 3s, 4s};

/// 0 when it is no frame of the product.
std::uint8_t type_of(const ha::wire::Bytes& payload) {
    constexpr std::array<std::uint8_t, 4> kMagic{'V', 'S', 'H', 'A'};
    if (payload.size() <= ha::wire::kTypeOffset ||
        !std::equal(kMagic.begin(), kMagic.end(), payload.begin()))
        return 0;
    const std::uint8_t type = payload[ha::wire::kTypeOffset];
    return type <= ha::wire::kFrameTypeCount ? type : 0;
}

}  // namespace

void Capture::take(const Frame& frame) {
    if (!needs_.counts && !needs_.payloads)
        return;
    const std::uint8_t type = type_of(*frame.payload);
    if (needs_.counts)
        records_.push_back({frame.source, frame.destination, frame.port, type});
    if (needs_.payloads) {
        latest_[{frame.port, frame.source, std::uint8_t{0}}] = *frame.payload;
        latest_[{frame.port, frame.source, type}] = *frame.payload;
    }
}

void Capture::announce(NodeIndex node, const ha::MacAddress& source, std::size_t ipv4,
                       std::size_t ipv6, Instant now) {
    if (!needs_.counts)
        return;
    announcing_[node] = {source, ipv4, ipv6, now, 0};
    advance(now);
}

void Capture::add(const Announcing& announcing) {
    // As a request and as a reply: some hosts believe only one of them.
    for (std::size_t frame = 0; frame < 2 * announcing.ipv4; ++frame)
        records_.push_back(
            {announcing.source, ha::kBroadcastMac, ha::PortKind::mgmt, kGratuitousArp});
    for (std::size_t frame = 0; frame < announcing.ipv6; ++frame)
        records_.push_back(
            {announcing.source, kAllNodesMac, ha::PortKind::mgmt, kNeighborAdvertisement});
}

void Capture::advance(Instant now) {
    for (auto it = announcing_.begin(); it != announcing_.end();) {
        Announcing& announcing = it->second;
        while (announcing.done < kAnnouncements.size() &&
               announcing.first + kAnnouncements[announcing.done] <= now) {
            add(announcing);
            ++announcing.done;
        }
        it = announcing.done == kAnnouncements.size() ? announcing_.erase(it) : std::next(it);
    }
}

Instant Capture::next_announcement() const {
    Instant next = ha::kNever;
    for (const auto& [node, announcing] : announcing_)
        next = std::min(next, announcing.first + kAnnouncements[announcing.done]);
    return next;
}

Capture::Wanted::Wanted(const scenario::FramesSeen& frames) : port(frames.port) {
    if (!frames.from.empty())
        for (const ha::PortKind kind : ha::kPortKinds)
            if (!port || *port == kind)
                sources.push_back(scenario::mac_of(frames.from, kind));
    if (frames.to == "broadcast" || frames.to == "unicast")
        broadcast = frames.to == "broadcast";
    else if (!frames.to.empty() && port)
        destination = scenario::mac_of(frames.to, *port);
    const auto words = scenario::seen_frame_words();
    const auto word = std::ranges::find(words, frames.type);
    if (word != words.end())
        type = static_cast<std::uint8_t>(word - words.begin() + 1);
}

std::size_t Capture::count(const Wanted& wanted, std::size_t from) const {
    const auto matches = [&wanted](const Record& record) {
        return (!wanted.port || record.port == *wanted.port) &&
               (wanted.type == 0 || record.type == wanted.type) &&
               (wanted.sources.empty() ||
                std::ranges::find(wanted.sources, record.source) != wanted.sources.end()) &&
               (!wanted.destination || record.destination == *wanted.destination) &&
               (!wanted.broadcast ||
                *wanted.broadcast == (record.destination == ha::kBroadcastMac));
    };
    return static_cast<std::size_t>(std::count_if(
        records_.begin() + static_cast<std::ptrdiff_t>(from), records_.end(), matches));
}

const ha::wire::Bytes* Capture::latest(ha::PortKind port, const ha::MacAddress& source,
                                       std::optional<ha::wire::FrameType> type) const {
    const auto found =
        latest_.find({port, source, type ? static_cast<std::uint8_t>(*type) : std::uint8_t{0}});
    return found == latest_.end() ? nullptr : &found->second;
}

}  // namespace sim::play
