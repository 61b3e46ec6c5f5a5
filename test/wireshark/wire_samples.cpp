// Writes captures for the test of the Wireshark dissector: what the codec makes, with what must be
// read from it as JSON on stdout. `wire-samples whole FILE` or `wire-samples damaged FILE`. Every
// whole frame comes plain, sealed, and with an 802.1Q tag.
#include <pcap/pcap.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "libha/wire/seal.hpp"
#include "test/unit/wire/samples.hpp"

namespace {

using namespace ha;
using namespace ha::wire;
using nlohmann::json;

constexpr std::size_t kShortestPayload = 46;  // what Ethernet pads to

template <typename Enum>
auto value_of(Enum value) {
    return static_cast<std::underlying_type_t<Enum>>(value);
}
std::int64_t microseconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

std::string hexadecimal(const Bytes& bytes) {
    std::string text;
    for (const std::uint8_t octet : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[octet >> 4U];
        text += kDigits[octet & 0x0fU];
    }
    return text;
}

/// What the dissector must show of a message: filter to list of values, in the order of the frame.
class Expectation {
public:
    explicit Expectation(json& out) : out_(out) {}

    void operator()(const Hello& message) {
        status(message.status);
        arbitration(message.arbitration);
    }
    void operator()(const HeartbeatRequest& message) {
        status(message.status);
        add("number", message.number);
        arbitration(message.arbitration);
        if (!message.ordered_by.empty())
            add("ordered_by", message.ordered_by);
    }
    void operator()(const HeartbeatResponse& message) {
        status(message.status);
        add("number", message.number);
    }
    void operator()(const Leaving& message) {
        status(message.status);
        add("subject", value_of(message.subject));
        add("leave_reason", value_of(message.reason));
    }
    void operator()(const ModuleBeacon& message) { other(message.other_supervisor); }
    void operator()(const SwitchRequest& message) { add("number", message.number); }
    void operator()(const ModuleHello& message) {
        add("host", message.host.to_string());
        if (!message.host_name.empty())
            add("host_name", message.host_name);
        add("wanted", value_of(message.wanted));
        add("headless", message.headless ? 1 : 0);
    }
    void operator()(const ModuleAccept& message) {
        add("names", value_of(message.names));
        add("module", value_of(message.module));
        add("heartbeat_interval", microseconds(message.heartbeat_interval));
        other(message.other_supervisor);
    }
    void operator()(const ModuleHeartbeat& message) {
        add("names", value_of(message.names));
        add("module", value_of(message.module));
        add("number", message.number);
        other(message.other_supervisor);
        if (message.orders) {
            add("port.orders", message.orders->number);
            for (const PortOrder order : message.orders->ports)
                add("port.order", value_of(order));
        }
        if (message.new_domain)
            add("new_domain", number(*message.new_domain));
    }
    void operator()(const ModuleHeartbeatReply& message) {
        add("names", value_of(message.names));
        add("host", message.host.to_string());
        add("module", value_of(message.module));
        add("number", message.number);
        if (!message.ports)
            return;
        add("port.held", message.ports->held);
        for (const PortState& port : message.ports->ports) {
            add("port.state", (port.present ? 1 : 0) + (port.admin_up ? 2 : 0) +
                                  (port.link ? 4 : 0) + (port.forwards ? 8 : 0) +
                                  (port.disobeys ? 16 : 0));
            add("port.present", port.present ? 1 : 0);
            add("port.admin_up", port.admin_up ? 1 : 0);
            add("port.link", port.link ? 1 : 0);
            add("port.forwards", port.forwards ? 1 : 0);
            add("port.disobeys", port.disobeys ? 1 : 0);
        }
    }
    void operator()(const ModuleDetach& message) {
        add("names", value_of(message.names));
        add("host", message.host.to_string());
        add("detach_reason", value_of(message.reason));
    }

    void operator()(const ChannelData& message) {
        add("names", value_of(message.names));
        add("channel.stream", message.stream);
        add("channel.number", message.number);
        add("channel.flags",
            (message.first ? 1 : 0) + (message.last ? 2 : 0) + (message.answer ? 4 : 0));
        add("channel.first", message.first ? 1 : 0);
        add("channel.last", message.last ? 1 : 0);
        add("channel.answer", message.answer ? 1 : 0);
        if (!message.bytes.empty())
            add("channel.bytes", hexadecimal(message.bytes));
    }
    void operator()(const ChannelAck& message) {
        add("names", value_of(message.names));
        add("channel.stream", message.stream);
        add("channel.next", message.next);
        add("channel.window", message.window);
        for (const ChannelRange& range : message.ranges) {
            add("channel.range_first", range.first);
            add("channel.range_last", range.last);
        }
    }
    void operator()(const StateApplied& message) {
        add("names", value_of(message.names));
        add("applied_revision", message.revision);
    }

    template <typename T>
    void add(const std::string& filter, const T& value) {
        out_["vsmha." + filter].push_back(value);
    }

private:
    void status(const SupervisorStatus& status) {
        add("state", value_of(status.state));
        add("flags", status.flags);
        add("flags.reset_yourself", status.has(ControlFlag::reset_yourself) ? 1 : 0);
        add("flags.reset_me", status.has(ControlFlag::reset_me) ? 1 : 0);
        add("flags.synchronized", status.has(ControlFlag::synchronized) ? 1 : 0);
        add("flags.peer_present", status.has(ControlFlag::peer_present) ? 1 : 0);
        add("flags.degraded", status.has(ControlFlag::degraded) ? 1 : 0);
        add("flags.switch_over", status.has(ControlFlag::switch_over) ? 1 : 0);
        add("names", value_of(status.names));
        add("heartbeat_interval", microseconds(status.heartbeat_interval));
        add("loss_interval", microseconds(status.loss_interval));
        add("revision", status.revision);
        add("applied_revision", status.applied_revision);
    }
    void arbitration(const std::optional<Arbitration>& arbitration) {
        if (!arbitration)
            return;
        tuple(arbitration->mine);
        if (arbitration->yours)
            tuple(*arbitration->yours);
    }
    void tuple(const ArbitrationTuple& tuple) {
        add("tuple.number", tuple.number);
        add("tuple.modules", tuple.module_count);
        add("tuple.maker", tuple.configuration_maker);
        add("tuple.revision", tuple.configuration_revision);
        add("tuple.configuration_age_ms", tuple.configuration_age_ms);
        add("tuple.active_age_ms", tuple.active_age_ms);
        add("tuple.vsg", tuple.vsg ? 1 : 0);
    }
    void other(const MacAddress& mac) { add("other_supervisor", mac.to_string()); }

    json& out_;
};

json expectation(const Frame& frame, std::size_t length) {
    json out = json::object();
    Expectation expect(out);
    expect.add("magic", 0x56534841U);
    expect.add("version", 1);
    expect.add("type", value_of(type_of(frame.message)));
    expect.add("length", length);
    expect.add("reserved", 0);
    expect.add("domain", value_of(frame.domain));
    expect.add("slot", value_of(frame.slot));
    expect.add("role", value_of(frame.role));
    expect.add("port", value_of(frame.port));
    expect.add("reserved2", 0);
    expect.add("incarnation", value_of(frame.incarnation));
    expect.add("sequence", frame.sequence);
    std::visit(expect, frame.message);
    return out;
}

struct Close {
    void operator()(pcap_t* handle) const { pcap_close(handle); }
    void operator()(pcap_dumper_t* dumper) const { pcap_dump_close(dumper); }
};

class Capture {
public:
    explicit Capture(const char* path)
        : handle_(pcap_open_dead(DLT_EN10MB, 65535)),
          dumper_(pcap_dump_open(handle_.get(), path)) {}
    [[nodiscard]] bool good() const { return dumper_ != nullptr; }

    /// `tag` 0: untagged. Pads as Ethernet does.
    void add(Bytes payload, std::uint16_t tag) {
        payload.resize(std::max(payload.size(), kShortestPayload));
        Bytes frame(6, 0xff);
        const auto& source = test::kPeerMac.octets;
        frame.insert(frame.end(), source.begin(), source.end());
        if (tag != 0)
            frame.insert(frame.end(), {0x81, 0x00, static_cast<std::uint8_t>(tag >> 8U),
                                       static_cast<std::uint8_t>(tag)});
        frame.insert(frame.end(), {kDefaultEtherType >> 8U, kDefaultEtherType & 0xffU});
        frame.insert(frame.end(), payload.begin(), payload.end());
        pcap_pkthdr header{};
        header.ts.tv_sec = ++count_;
        header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
        pcap_dump(reinterpret_cast<u_char*>(dumper_.get()), &header, frame.data());
    }

private:
    std::unique_ptr<pcap_t, Close> handle_;
    std::unique_ptr<pcap_dumper_t, Close> dumper_;
    int count_ = 0;
};

void write_whole(Capture& capture) {
    constexpr std::uint16_t kVlan = 260;
    const Keyring ring{{test::key(7, 0x11)}};
    json all = json::array();
    for (const Frame& frame : test::sample_frames()) {
        const Bytes plain = encode(frame);
        const Bytes sealed = test::sealed(frame, test::kPeerMac, ring);
        const json of_plain = expectation(frame, plain.size());
        json of_sealed = expectation(frame, sealed.size());
        of_sealed["vsmha.seal.key"] = {7};
        json of_tagged = of_plain;
        of_tagged["vlan.id"] = {kVlan};
        capture.add(plain, 0);
        capture.add(sealed, 0);
        capture.add(plain, kVlan);
        all.push_back(of_plain);
        all.push_back(of_sealed);
        all.push_back(of_tagged);
    }
    std::cout << all.dump() << '\n';
}

/// Frames cut at each length with the announced length left alone and made to match, and each byte
/// set to 0xff.
void write_damaged(Capture& capture) {
    for (const Message& message : test::ordinary_messages()) {
        const Bytes whole =
            test::sealed(test::frame_of(message), test::kPeerMac, {{test::key(7, 0x11)}});
        for (std::size_t length = 0; length < whole.size(); ++length) {
            Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            capture.add(cut, 0);
            if (length >= 8) {
                cut[6] = static_cast<std::uint8_t>(length >> 8U);
                cut[7] = static_cast<std::uint8_t>(length);
                capture.add(cut, 0);
            }
            Bytes changed = whole;
            changed[length] = 0xff;
            capture.add(changed, 0);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view kind = argc == 3 ? argv[1] : "";
    if (kind != "whole" && kind != "damaged") {
        std::fputs("usage: wire-samples whole|damaged FILE\n", stderr);
        return 2;
    }
    Capture capture(argv[2]);
    if (!capture.good()) {
        std::fprintf(stderr, "%s: cannot be written\n", argv[2]);
        return 1;
    }
    if (kind == "whole")
        write_whole(capture);
    else
        write_damaged(capture);
    return 0;
}
