// Words for what the world tells.
#include "libsim/world/world.hpp"

namespace sim {

std::string_view to_string(ProcessState state) {
    switch (state) {
        case ProcessState::not_started:
            return "not started";
        case ProcessState::running:
            return "running";
        case ProcessState::frozen:
            return "frozen";
        case ProcessState::stopped:
            return "stopped";
        case ProcessState::killed:
            return "killed";
    }
    return "?";
}

std::string_view to_string(Loss loss) {
    switch (loss) {
        case Loss::cut:
            return "cut";
        case Loss::chance:
            return "lost";
        case Loss::no_carrier:
            return "no carrier";
        case Loss::interface_down:
            return "interface down";
        case Loss::no_process:
            return "nobody listens";
        case Loss::queue_full:
            return "queue full";
        case Loss::other_vlan:
            return "other VLAN";
    }
    return "?";
}

}  // namespace sim
