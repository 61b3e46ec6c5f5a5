// See link_switch.hpp.
#include "libha/runtime/link_switch.hpp"

#include <net/if.h>
#include <unistd.h>

#include <utility>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

constexpr std::size_t kQueuedJobs = 64;

}  // namespace

LinkSwitch::LinkSwitch(std::string run_directory, Reporter report)
    : run_directory_(std::move(run_directory)), report_(std::move(report)), queue_(kQueuedJobs) {}

void LinkSwitch::set_down(const std::string& port, const std::string& interface_name) {
    queue_.insist([this, port, interface_name] { shut(port, interface_name); });
}

void LinkSwitch::set_up(const std::string& port) {
    queue_.insist([this, port] { open(port); });
}

void LinkSwitch::shut(const std::string& port, const std::string& interface_name) {
    const auto marked = write_atomically(run_directory_, mark_of(port), interface_name);
    tl::expected<void, std::string> done;
    if (!marked) {
        done = tl::unexpected(run_directory_ + ": " + marked.error().text);
    } else {
        if (!opened_)
            opened_ = requests_.open().has_value();
        done = requests_.set_link(interface_name, false);
    }
    if (!done)
        report_({catalog::MessageId::link_failed, {port, interface_name, "down", done.error()}});
}

void LinkSwitch::open(const std::string& port) {
    const std::string path = run_directory_ + "/" + mark_of(port);
    const auto mark = read_file(path, IF_NAMESIZE, Links::refuse);
    if (!mark)
        return;
    if (!opened_)
        opened_ = requests_.open().has_value();
    // An interface that is gone has nothing to be set up; a new one of its name begins afresh.
    const bool is_there = ::if_nametoindex(mark->bytes.c_str()) != 0;
    const auto done =
        is_there ? requests_.set_link(mark->bytes, true) : tl::expected<void, std::string>{};
    if (!done)
        return report_({catalog::MessageId::link_failed, {port, mark->bytes, "up", done.error()}});
    ::unlink(path.c_str());
}

}  // namespace ha::runtime
