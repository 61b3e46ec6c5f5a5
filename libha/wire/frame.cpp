// The names of frame types and TLVs, and which port carries which type.
#include "libha/wire/frame.hpp"

#include "libha/wire/layout.hpp"

namespace ha::wire {

std::string_view to_string(FrameType type) {
    switch (type) {
        case FrameType::hello:
            return "hello";
        case FrameType::heartbeat_request:
            return "heartbeat-request";
        case FrameType::heartbeat_response:
            return "heartbeat-response";
        case FrameType::leaving:
            return "leaving";
        case FrameType::module_beacon:
            return "module-beacon";
        case FrameType::switch_request:
            return "switch-request";
        case FrameType::module_hello:
            return "module-hello";
        case FrameType::module_accept:
            return "module-accept";
        case FrameType::module_heartbeat:
            return "module-heartbeat";
        case FrameType::module_heartbeat_reply:
            return "module-heartbeat-reply";
        case FrameType::module_detach:
            return "module-detach";
        case FrameType::channel_data:
            return "channel-data";
        case FrameType::channel_ack:
            return "channel-ack";
        case FrameType::state_applied:
            return "state-applied";
        case FrameType::exchange_data:
            return "exchange-data";
        case FrameType::exchange_ack:
            return "exchange-ack";
    }
    return "unknown";
}

std::string_view to_string(TlvType type) {
    switch (type) {
        case TlvType::status:
            return "status";
        case TlvType::number:
            return "number";
        case TlvType::my_tuple:
            return "my-tuple";
        case TlvType::your_tuple:
            return "your-tuple";
        case TlvType::leaving:
            return "leaving";
        case TlvType::other_supervisor:
            return "other-supervisor";
        case TlvType::host:
            return "host";
        case TlvType::host_name:
            return "host-name";
        case TlvType::names:
            return "names";
        case TlvType::module_number:
            return "module-number";
        case TlvType::module_wish:
            return "module-wish";
        case TlvType::heartbeat_interval:
            return "heartbeat-interval";
        case TlvType::detach_reason:
            return "detach-reason";
        case TlvType::channel_data:
            return "channel-data";
        case TlvType::channel_ack:
            return "channel-ack";
        case TlvType::applied:
            return "applied";
        case TlvType::port_orders:
            return "port-orders";
        case TlvType::port_report:
            return "port-report";
        case TlvType::new_domain:
            return "new-domain";
        case TlvType::ordered_by:
            return "ordered-by";
        case TlvType::seal:
            return "seal";
    }
    return "unknown";
}

bool carries(PortKind port, FrameType type) {
    if (port == PortKind::control)
        return true;
    switch (type) {
        case FrameType::hello:
        case FrameType::heartbeat_request:
        case FrameType::heartbeat_response:
        case FrameType::leaving:
        case FrameType::exchange_data:
        case FrameType::exchange_ack:
            return true;
        case FrameType::module_beacon:
        case FrameType::switch_request:
        case FrameType::module_hello:
        case FrameType::module_accept:
        case FrameType::module_heartbeat:
        case FrameType::module_heartbeat_reply:
        case FrameType::module_detach:
        case FrameType::channel_data:
        case FrameType::channel_ack:
        case FrameType::state_applied:
            return false;
    }
    return false;
}

}  // namespace ha::wire
