// A folder of a test's own, gone with all it holds when the test ends.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace test {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vsm-ha-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    /// Writes `text` to a file and returns the file's path.
    std::string write(const std::string& name, const std::string& text, int mode = 0600) const {
        const std::string file = path_ + "/" + name;
        std::ofstream(file, std::ios::binary) << text;
        std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
        return file;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        return content(path_ + "/" + name);
    }
    /// Of any file, empty when it cannot be read.
    [[nodiscard]] static std::string content(const std::string& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

private:
    std::string path_;
};

}  // namespace test
