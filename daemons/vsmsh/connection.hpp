// Finding a running daemon and asking it. One connection a question: a reload in between is no
// error.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "daemons/vsmsh/options.hpp"

namespace vsmsh {

struct Reply {
    int exit_status = 0;
    std::string output;
    std::string error;
    std::string prompt;  ///< "switch(standby)# "
    std::string mode;    ///< of the next question
};

class Connection {
public:
    /// Chooses the instance. The error says which ones run.
    static tl::expected<Connection, std::string> find(const Options& options);

    /// The error is one sentence: nobody listens, permission denied, no answer.
    /// `mode` is that of the latest reply.
    [[nodiscard]] tl::expected<Reply, std::string> ask(const std::string& command,
                                                       const std::string& mode,
                                                       unsigned width) const;

    /// Where control.sock is.
    [[nodiscard]] const std::string& directory() const { return directory_; }

private:
    explicit Connection(std::string directory) : directory_(std::move(directory)) {}

    std::string directory_;  ///< holds control.sock
};

}  // namespace vsmsh
