// See agenda.hpp.
#include "libsim/world/agenda.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sim {

namespace {
/// A heap has the greatest in front.
bool is_later(const Event& one, const Event& other) {
    return std::tie(one.at, one.kind, one.order) > std::tie(other.at, other.kind, other.order);
}
}  // namespace

void Agenda::add(Event event) {
    event.order = ++order_;
    events_.push_back(std::move(event));
    std::push_heap(events_.begin(), events_.end(), is_later);
}

Event Agenda::take() {
    std::pop_heap(events_.begin(), events_.end(), is_later);
    Event event = std::move(events_.back());
    events_.pop_back();
    return event;
}

}  // namespace sim
