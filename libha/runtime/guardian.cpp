// See guardian.hpp.
//
// The shared page has two halves. keep() fills the one that does not count and then names it; the
// child reads it when nobody writes any more. So neither needs to wait for the other, and a process
// that dies in the middle of keep() leaves the testament before.
#include "libha/runtime/guardian.hpp"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>

#include "libha/runtime/address_requests.hpp"
#include "libha/runtime/crash_announcer.hpp"
#include "libha/runtime/ethernet.hpp"
#include "libha/runtime/file_descriptor.hpp"
#include "libha/runtime/files.hpp"
#include "libha/runtime/proof_of_death.hpp"

namespace ha::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kName = "vsmd-guardian";
constexpr std::size_t kMaximumFrames = 8;
constexpr std::size_t kMaximumFrameBytes = 320;
constexpr std::size_t kMaximumAddresses = 64;
/// A burst that swallows one copy should not swallow the next.
constexpr auto kFrameGap = 250us;
/// How long the kernel may take over the end of a process whose descriptors are closed, or from a
/// fatal signal to the core. What takes longer is known when the process is gone.
constexpr int kLongestEndMs = 2000;
constexpr int kRetireLimitMs = 200;

struct StoredFrame {
    int interface_index;
    std::uint16_t length;
    std::array<std::uint8_t, kMaximumFrameBytes> bytes;
};
struct StoredAddress {
    std::array<char, 16> interface_name;
    InterfaceAddress address;
};
struct Half {
    std::size_t frame_count;
    std::size_t address_count;
    std::array<StoredFrame, kMaximumFrames> frames;
    std::array<StoredAddress, kMaximumAddresses> addresses;
};
/// In memory that both processes share; begins as zeros.
struct Page {
    std::atomic<std::uint32_t> current;  ///< 0: there is nothing to do; n: halves[n - 1] counts
    std::array<Half, 2> halves;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

struct Unmap {
    void operator()(Page* page) const { ::munmap(page, sizeof(Page)); }
};
using SharedPage = std::unique_ptr<Page, Unmap>;

/// What the child has, and nothing else.
struct Watch {
    const Page* page = nullptr;
    pid_t process = -1;
    FileDescriptor end;   ///< gives bytes when it begins to crash, hangs up when it has closed it
    FileDescriptor life;  ///< becomes readable when the process is dead
    FileDescriptor wire;  ///< packet socket that only sends
};

int open_process(pid_t process) {
    return static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
}

/// Readable, or hung up, within the limit; -1: none.
bool is_ready(int descriptor, int limit_ms) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, limit_ms) > 0;
}

void close_everything_but(const Watch& watch) {
    std::array<int, 3> kept{watch.end.get(), watch.life.get(), watch.wire.get()};
    std::ranges::sort(kept);
    unsigned from = 3;
    for (const int descriptor : kept) {
        const auto number = static_cast<unsigned>(descriptor);
        if (from < number)
            ::close_range(from, number - 1, 0);
        from = number + 1;
    }
    ::close_range(from, ~0U, 0);
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(nothing, standard);
    if (nothing > STDERR_FILENO)
        ::close(nothing);
}

/// In ps and for those who look for processes by their name.
void take_name(char* const* arguments) {
    ::prctl(PR_SET_NAME, kName.data(), 0, 0, 0);
    // The kernel puts the arguments one behind the other.
    char* const begin = arguments[0];
    char* end = begin;
    for (; *arguments != nullptr; ++arguments)
        end = *arguments + std::strlen(*arguments);
    std::fill(begin, end, '\0');
    if (static_cast<std::size_t>(end - begin) >= kName.size())
        kName.copy(begin, kName.size());
}

void ignore_signals() {
    for (int number = 1; number < SIGRTMAX; ++number)
        if (number != SIGCHLD)
            ::signal(number, SIG_IGN);
    sigset_t none{};
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// After its side was closed: by the end of the process, or by its starting anew, as another life.
bool ends_now(const Watch& watch) {
    if (watch.page->current.load(std::memory_order_acquire) == 0)
        return false;
    for (int waited_ms = 0; waited_ms < kLongestEndMs; ++waited_ms)
        if (is_exiting(watch.process) || is_ready(watch.life.get(), 1))
            return true;
    return false;
}

/// Waits until no thread of the process can run any more: true. Or until it has let go of us.
bool wait_for_death(const Watch& watch) {
    std::array<pollfd, 2> ready{pollfd{watch.life.get(), POLLIN, 0},
                                pollfd{watch.end.get(), POLLIN, 0}};
    int looks_left = 0;  // one each millisecond after a crash was announced
    while (true) {
        if (::poll(ready.data(), ready.size(), looks_left > 0 ? 1 : -1) < 0)
            continue;
        if (ready[0].revents != 0)
            return true;
        if ((ready[1].revents & POLLIN) != 0) {
            std::array<char, 16> announcement{};
            if (::read(watch.end.get(), announcement.data(), announcement.size()) > 0)
                looks_left = kLongestEndMs;
        } else if (ready[1].revents != 0) {
            return ends_now(watch);
        }
        if (looks_left > 0 && is_dumping_core(watch.process))
            return true;
        looks_left = std::max(looks_left - 1, 0);
    }
}

void send(const Watch& watch, const StoredFrame& frame) {
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = frame.interface_index;
    to.sll_halen = 6;
    std::copy_n(frame.bytes.begin(), to.sll_halen, std::begin(to.sll_addr));
    ::sendto(watch.wire.get(), frame.bytes.data(), frame.length, MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

/// The first words at once, what is held then, and the copies of the words afterwards: giving an
/// address up may have to wait for others who change the kernel's interfaces.
void carry_out(const Watch& watch, const Half& half) {
    const std::size_t frames = std::min(half.frame_count, kMaximumFrames);
    const std::size_t at_once = std::min<std::size_t>(frames, 2);
    for (std::size_t frame = 0; frame < at_once; ++frame)
        send(watch, half.frames[frame]);
    const auto rest = [&](std::size_t from, std::size_t to) {
        for (std::size_t frame = from; frame < to; ++frame) {
            std::this_thread::sleep_for(kFrameGap);
            send(watch, half.frames[frame]);
        }
    };
    rest(at_once, std::min(frames, 2 * at_once));
    AddressRequests requests;
    if (half.address_count != 0 && requests.open())
        for (std::size_t at = 0; at < std::min(half.address_count, kMaximumAddresses); ++at)
            static_cast<void>(requests.remove(half.addresses[at].interface_name.data(),
                                              half.addresses[at].address));
    rest(std::min(frames, 2 * at_once), frames);
}

/// The child's whole life.
[[noreturn]] void guard(const Watch& watch, SchedulingSettings scheduling, char* const* arguments) {
    ignore_signals();
    close_everything_but(watch);
    take_name(arguments);
    // Where it cannot go there, a file system stays busy for a moment longer.
    [[maybe_unused]] const int moved = ::chdir("/");
    ::unsetenv("NOTIFY_SOCKET");
    // It sleeps until the moment it is needed and is gone a millisecond later: a saturated node
    // should run it then, whatever the timers. What it cannot have the daemon complains of.
    scheduling.realtime_priority = std::max(scheduling.realtime_priority, kDefaultRealtimePriority);
    static_cast<void>(apply_scheduling(scheduling));
    if (wait_for_death(watch)) {
        const std::uint32_t current = watch.page->current.load(std::memory_order_acquire);
        if (current != 0)
            carry_out(watch, watch.page->halves[current - 1]);
    }
    ::_exit(0);
}

/// The highest descriptor there may be: the kernel closes those of a dying process from there, and
/// the sockets of ports, which it takes milliseconds over, come later.
int move_up(FileDescriptor descriptor) {
    for (int lowest = 1000; lowest > 16; lowest /= 2) {
        const int moved = ::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, lowest);
        if (moved >= 0)
            return moved;
    }
    return descriptor.release();
}

}  // namespace

struct Guardian::State {
    SharedPage page;
    FileDescriptor end;  ///< ours of the pipe
    pid_t child = -1;
    FileDescriptor child_life;
    std::optional<CrashAnnouncer> announcer;  ///< on `end`
};

Guardian::Guardian(std::unique_ptr<State> state) : state_(std::move(state)) {}
Guardian::Guardian(Guardian&& other) noexcept = default;

tl::expected<Guardian, std::string> Guardian::start(const SchedulingSettings& scheduling,
                                                    char* const* arguments) {
    const auto refused = [](const char* what) {
        return tl::unexpected(std::string("there will be no dying gasp: ") + what + ": " +
                              describe_error(errno));
    };
    auto state = std::make_unique<State>();
    void* memory =
        ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return refused("shared memory");
    state->page.reset(static_cast<Page*>(memory));
    Watch watch;
    watch.page = state->page.get();
    watch.process = ::getpid();
    watch.wire = FileDescriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (!watch.wire.valid())
        return refused("packet socket");
    const int priority = kTagPriority;
    ::setsockopt(watch.wire.get(), SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority);
    watch.life = FileDescriptor(open_process(watch.process));
    if (!watch.life.valid())
        return refused("pidfd_open");
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return refused("pipe");
    watch.end = FileDescriptor(ends[0]);
    state->end = FileDescriptor(move_up(FileDescriptor(ends[1])));
    state->child = ::fork();
    if (state->child < 0)
        return refused("fork");
    if (state->child == 0)
        guard(watch, scheduling, arguments);
    state->child_life = FileDescriptor(open_process(state->child));
    state->announcer.emplace(state->end.get());
    return Guardian(std::move(state));
}

Guardian::~Guardian() {
    if (!state_)
        return;
    state_->page->current.store(0, std::memory_order_release);
    state_->announcer.reset();
    state_->end = {};
    if (!is_ready(state_->child_life.get(), kRetireLimitMs))
        ::kill(state_->child, SIGKILL);
    while (::waitpid(state_->child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void Guardian::keep(const Testament& testament) {
    Page& page = *state_->page;
    if (testament.frames.empty() && testament.addresses.empty()) {
        page.current.store(0, std::memory_order_release);
        return;
    }
    const std::uint32_t other = page.current.load(std::memory_order_relaxed) == 1 ? 2 : 1;
    Half& half = page.halves[other - 1];
    half.frame_count = 0;
    for (const Testament::Frame& frame : testament.frames) {
        if (half.frame_count == kMaximumFrames || frame.bytes.size() > kMaximumFrameBytes)
            continue;
        StoredFrame& stored = half.frames[half.frame_count++];
        stored.interface_index = frame.interface_index;
        stored.length = static_cast<std::uint16_t>(frame.bytes.size());
        std::ranges::copy(frame.bytes, stored.bytes.begin());
    }
    half.address_count = 0;
    for (const Testament::Address& address : testament.addresses) {
        if (half.address_count == kMaximumAddresses)
            break;
        StoredAddress& stored = half.addresses[half.address_count++];
        stored.interface_name = {};
        address.interface_name.copy(stored.interface_name.data(), stored.interface_name.size() - 1);
        stored.address = address.address;
    }
    page.current.store(other, std::memory_order_release);
}

int Guardian::descriptor() const {
    return state_->child_life.get();
}

}  // namespace ha::runtime
