// Supervisor: the dying gasp, made while there is time for it (HB-8).
#include <utility>

#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

/// All that decides whether they are believed is in the basis. What else they say of this side,
/// its revision say, is as old as they are.
void Supervisor::Implementation::renew_last_words() {
    WordsBasis basis;
    basis.state = pair_.state();
    basis.role = pair_.role();
    basis.domain = options_.pair.domain;
    basis.peer = pair_.peer_incarnation();
    basis.peer_macs = pair_.peer_macs();
    for (const PortKind port : kPortKinds)
        basis.own_macs[index_of(port)] = ports_[index_of(port)].link.mac;
    if (!std::exchange(words_outdated_, false) && basis == words_basis_)
        return;
    words_basis_ = basis;
    ++last_words_.number;
    last_words_.words.clear();
    const std::vector<redundancy::SendMessage> messages = pair_.last_words();
    for (std::uint64_t copy = 0; copy < kGaspCopies; ++copy)
        for (const redundancy::SendMessage& word : messages)
            if (!basis.own_macs[index_of(word.port)].is_zero())
                last_words_.words.push_back(
                    {word.port, word.destination,
                     sealed(word.port, word.message, basis.domain, wire::kGaspSequence + copy)});
}

}  // namespace ha::supervisor
