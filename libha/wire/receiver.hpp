// The gate in front of the machines: size, format, domain, port, authentication, replay, in this
// order, each refusal with its reason. Role, learnt MACs and incarnations named are the machines'.
#pragma once

#include <map>
#include <tuple>

#include <tl/expected.hpp>

#include "libha/wire/codec.hpp"
#include "libha/wire/seal.hpp"

namespace ha::wire {

/// A frame that passed the gate.
struct Received {
    Frame frame;
    MacAddress source;
    bool authenticated = false;  ///< it carried a valid proof
};

class Receiver {
public:
    /// `domain` and `keyring` as configured; both can change live.
    Receiver(DomainId domain, Keyring keyring);

    /// `own` is the MAC of the port the payload came in on. Bounded memory: the replay windows of
    /// at most kMaximumSenders senders are kept, the one heard longest ago is forgotten first.
    tl::expected<Received, DropReason> receive(ByteView payload, PortKind port,
                                               const MacAddress& source, const MacAddress& own);

    void set_domain(DomainId domain);
    void set_keyring(Keyring keyring);
    [[nodiscard]] bool requires_proof() const { return !keyring_.empty(); }

    static constexpr std::size_t kMaximumSenders = 256;

private:
    /// A sender's newest sequence and which of the 64 before it were seen.
    struct Window {
        std::uint64_t newest = 0;
        std::uint64_t seen = 0;
        std::uint64_t used = 0;  ///< for forgetting the one used longest ago
    };
    using Sender = std::tuple<MacAddress, PortKind, Incarnation>;

    tl::expected<void, DropReason> check_replay(const Sender& sender, std::uint64_t sequence);

    DomainId domain_;
    Keyring keyring_;
    std::map<Sender, Window> windows_;
    std::uint64_t uses_ = 0;
};

}  // namespace ha::wire
