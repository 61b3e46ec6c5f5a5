// See pending_requests.hpp.
#include "libha/runtime/pending_requests.hpp"

#include <utility>

namespace ha::runtime {

std::uint64_t PendingRequests::begin(ControlSocket::Completion completion, ControlAnswer success,
                                     ControlAnswer failure) {
    if (waiting_.size() >= kMaximum) {
        waiting_.erase(waiting_.begin());
    }
    waiting_.emplace(++latest_,
                     Waiting{std::move(completion), std::move(success), std::move(failure)});
    return latest_;
}

void PendingRequests::complete(std::uint64_t ticket, const std::string& error) {
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) {
        return;
    }
    Waiting waiting = std::move(found->second);
    waiting_.erase(found);
    if (error.empty()) {
        waiting.completion(std::move(waiting.success));
        return;
    }
    waiting.failure.error = "% " + error + "\n";
    waiting.completion(std::move(waiting.failure));
}

}  // namespace ha::runtime
