// Line editing on a terminal with libedit: history, Tab, `?` without Enter, Ctrl-C clears the line.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemons/vsmsh/session.hpp"

namespace vsmsh {

class Editor {
public:
    explicit Editor(Session& session);
    ~Editor();
    Editor(const Editor&) = delete;
    Editor& operator=(const Editor&) = delete;

    /// The next line, nothing at the end of input (Ctrl-D).
    std::optional<std::string> read();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace vsmsh
