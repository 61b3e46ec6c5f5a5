// The gate in front of the machines: size, format, domain, port, authentication, replay, in this
// order, each refusal with its reason. Role, learnt MACs and incarnations named are the machines'.
#pragma once

#include <map>
#include <optional>
#include <tuple>

#include <tl/expected.hpp>

#include "libha/wire/codec.hpp"
#include "libha/wire/other_version.hpp"
#include "libha/wire/seal.hpp"

namespace ha::wire {

/// What comes in great numbers. Ports queue it apart, so that it keeps nothing else waiting: it
/// overtakes frames of other types and is overtaken by them.
inline constexpr FrameType kBulkType = FrameType::channel_data;

/// A frame that passed the gate.
struct Received {
    Frame frame;
    MacAddress source;
    bool authenticated = false;  ///< it carried a valid proof
};

/// See other_version.hpp.
struct ReceivedOtherVersion {
    std::uint8_t version = 0;
    Received received;
};

class Receiver {
public:
    /// `domain` and `keyring` as configured; both can change live.
    Receiver(DomainId domain, Keyring keyring);

    /// `own` is the MAC of the port the payload came in on. Bounded memory: the replay windows of
    /// at most kMaximumSenders senders are kept, the one heard longest ago is forgotten first.
    tl::expected<Received, DropReason> receive(ByteView payload, PortKind port,
                                               const MacAddress& source, const MacAddress& own);

    /// The same for a payload that receive() has refused as unsupported_version: a supervisor's
    /// that passed the gate but for its version. Nothing where the gate refuses it for more than
    /// that, or it does not say who sent it.
    std::optional<ReceivedOtherVersion> receive_other_version(ByteView payload, PortKind port,
                                                              const MacAddress& source);

    void set_domain(DomainId domain);
    void set_keyring(Keyring keyring);
    [[nodiscard]] bool requires_proof() const { return !keyring_.empty(); }

    static constexpr std::size_t kMaximumSenders = 256;

private:
    /// The newest sequence and which of the 64 before it were seen; 0: none yet.
    struct Window {
        std::uint64_t newest = 0;
        std::uint64_t seen = 0;
    };
    /// A sender's: its bulk frames and all others overtake each other by more than a window.
    struct Windows {
        Window bulk;
        Window others;
        std::uint64_t used = 0;  ///< for forgetting the one used longest ago
    };
    using Sender = std::tuple<MacAddress, PortKind, Incarnation>;

    /// What is asked of a frame once it could be read.
    tl::expected<Received, DropReason> admit(Frame frame, ByteView payload, PortKind port,
                                             const MacAddress& source);
    tl::expected<void, DropReason> check_replay(const Sender& sender, FrameType type,
                                                std::uint64_t sequence);
    static bool is_new(Window& window, std::uint64_t sequence);

    DomainId domain_;
    Keyring keyring_;
    std::map<Sender, Windows> windows_;
    std::uint64_t uses_ = 0;
};

}  // namespace ha::wire
