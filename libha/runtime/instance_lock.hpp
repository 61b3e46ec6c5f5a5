// One process an instance: an advisory lock in the run folder, held until the process ends.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "libha/runtime/file_descriptor.hpp"

namespace ha::runtime {

class InstanceLock {
public:
    /// Takes `directory`/lock. The error is one sentence for the user; the holder is not disturbed.
    static tl::expected<InstanceLock, std::string> take(const std::string& directory,
                                                        const std::string& instance);

private:
    explicit InstanceLock(FileDescriptor file) : file_(std::move(file)) {}
    FileDescriptor file_;
};

}  // namespace ha::runtime
