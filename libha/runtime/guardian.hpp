// The guardian: a small process that outlives this one for a moment and does what it has left to be
// done when it died without a farewell (BEHAVIOUR HB-8): the dying gasp is sent, the held addresses
// are given up.
//
// It is forked before this process opens anything, holds nothing of it but a page of shared memory,
// and acts only on proof that no thread of it runs any more. docs/architecture.md explains the
// proof. It ignores every signal that may be ignored, so what a service manager sends to a whole
// group does not silence it, and it ends at once when its work is done or there is none.
//
// Thread: the one that made it.
#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "libha/runtime/scheduling.hpp"
#include "libha/runtime/testament.hpp"

namespace ha::runtime {

class Guardian {
public:
    /// Forks. To be called while this process has one thread and nothing open that must not live
    /// on. `arguments` are main's: the child shows its own name there. The error says what the
    /// system refuses; everything else works without a guardian.
    static tl::expected<Guardian, std::string> start(const SchedulingSettings& scheduling,
                                                     char* const* arguments);
    Guardian(Guardian&& other) noexcept;
    Guardian& operator=(Guardian&&) = delete;
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;
    /// Ends the guardian, which then says and does nothing, and waits for that.
    ~Guardian();

    /// Replaces what is to be done; an empty testament: nothing. Takes a microsecond, never waits,
    /// and is whole or not at all whenever this process dies. What does not fit is left out.
    void keep(const Testament& testament);
    /// Becomes readable when the guardian has ended before this process.
    [[nodiscard]] int descriptor() const;

private:
    struct State;
    explicit Guardian(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace ha::runtime
