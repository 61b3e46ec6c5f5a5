// What the kernel says about interfaces: there or not, up or not, carrier or not, which MAC. On a
// libnl route socket: a dump at start, events from then on, another dump when events were lost.
//
// Carrier loss arrives here within 0.1 ms on some links and after a second on others: it may speed
// detection up and is never the only detector (BEHAVIOUR HB-6).
//
// Thread: the one that runs the loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "libha/base/mac_address.hpp"

namespace boost::asio {
class io_context;
}

namespace ha::runtime {

struct LinkState {
    bool present = false;   ///< the interface exists
    bool admin_up = false;  ///< IFF_UP
    bool carrier = false;   ///< IFF_LOWER_UP
    int index = 0;          ///< the kernel's number of it: another one means another interface
    MacAddress mac;
    std::string interface_name;
    std::string reason;  ///< what is wrong with it, empty when nothing
    friend bool operator==(const LinkState&, const LinkState&) = default;
};

class LinkMonitor {
public:
    using Handler = std::function<void(const LinkState&)>;

    explicit LinkMonitor(boost::asio::io_context& loop);
    ~LinkMonitor();
    LinkMonitor(const LinkMonitor&) = delete;
    LinkMonitor& operator=(const LinkMonitor&) = delete;

    /// Adds an interface to be watched, before start(). `handler` is called from start() with what
    /// is found and then at every change; several handlers may watch one interface.
    void watch(const std::string& interface_name, Handler handler);

    /// Reads the state of all watched interfaces, calls their handlers, and goes on watching.
    tl::expected<void, std::string> start();

    /// As last seen; `present` is false for an interface that is not watched.
    [[nodiscard]] LinkState state(const std::string& interface_name) const;

    /// How often events were lost and everything was read again.
    [[nodiscard]] unsigned overruns() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
