// Records what a supervisor gets and does into a journal (libha/journal), for `vsm-sim replay`.
//
// Nobody waits for it: records go through a bounded queue to a thread that encodes and writes them.
// When the disk cannot keep up, or fails, this is told once, the journal says that the life is not
// recorded any further, and the supervisor goes on as if nothing was. The next life tries again.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "libha/journal/journal.hpp"

namespace ha::runtime {

class JournalRecorder {
public:
    /// Gets one sentence for each thing that an operator should know. Called on any thread.
    using Tell = std::function<void(const std::string& text)>;
    /// The bytes that may wait to be written.
    static constexpr std::size_t kQueueLimit = std::size_t{32} << 20U;

    /// The file is opened with the first life.
    JournalRecorder(std::string path, Tell tell, std::size_t queue_limit = kQueueLimit);
    /// Writes what waits, but does not wait for a stuck disk for longer than two seconds.
    ~JournalRecorder();
    JournalRecorder(const JournalRecorder&) = delete;
    JournalRecorder& operator=(const JournalRecorder&) = delete;

    void begin(journal::LifeBegun life);
    /// One step of the life that was begun last.
    void record(const supervisor::Input& input, const supervisor::Effects& effects);

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
