// See bootflash.hpp.
#include "libha/runtime/bootflash.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "libha/runtime/files.hpp"

namespace ha::runtime {
namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

std::string told(const std::string& name, const std::string& text) {
    return "bootflash:" + name + ": " + text;
}

}  // namespace

Bootflash::Bootflash(const std::string& state_directory)
    : directory_(state_directory + "/bootflash") {}

std::vector<StoredFileEntry> Bootflash::list() const {
    std::vector<StoredFileEntry> entries;
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(directory_.c_str()));
    while (directory && entries.size() < kMaximumStoredFiles) {
        const dirent* const entry = ::readdir(directory.get());
        if (entry == nullptr) {
            break;
        }
        struct stat status {};
        const std::string path = directory_ + "/" + entry->d_name;
        if (entry->d_name[0] == '.' || ::lstat(path.c_str(), &status) != 0 ||
            !S_ISREG(status.st_mode)) {
            continue;
        }
        entries.push_back({entry->d_name, static_cast<std::uint64_t>(status.st_size),
                           WallTime{std::chrono::seconds{status.st_mtim.tv_sec}}});
    }
    std::ranges::sort(entries, {}, &StoredFileEntry::name);
    return entries;
}

tl::expected<std::string, std::string> Bootflash::read(const std::string& name,
                                                       std::size_t limit) const {
    auto content = read_file(directory_ + "/" + name, limit, Links::refuse);
    if (!content) {
        return tl::unexpected(told(name, content.error().text));
    }
    return std::move(content->bytes);
}

tl::expected<void, std::string> Bootflash::write(const std::string& name,
                                                 std::string_view bytes) const {
    if (const auto made = make_directory(directory_, 0700); !made) {
        return tl::unexpected(told(name, made.error().text));
    }
    const auto entries = list();
    const bool is_new = std::ranges::find(entries, name, &StoredFileEntry::name) == entries.end();
    if (is_new && entries.size() >= kMaximumStoredFiles) {
        return tl::unexpected(
            told(name, "there are " + std::to_string(kMaximumStoredFiles) + " files already"));
    }
    if (const auto written = write_atomically(directory_, name, bytes); !written) {
        return tl::unexpected(told(name, written.error().text));
    }
    return {};
}

}  // namespace ha::runtime
