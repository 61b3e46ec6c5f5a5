// The document on disk and the thread that writes it. See file_store.hpp.
#include "libha/runtime/file_store.hpp"

#include <dirent.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "libha/runtime/files.hpp"
#include "libha/runtime/json_text.hpp"

namespace ha::runtime {
namespace {

constexpr std::string_view kFormat = "vsm-ha-document";
constexpr unsigned kVersion = 1;

std::string checksum(std::string_view body) {
    std::array<unsigned char, 16> digest{};
    crypto_generichash(digest.data(), digest.size(),
                       reinterpret_cast<const unsigned char*>(body.data()), body.size(), nullptr,
                       0);
    std::array<char, 2 * digest.size() + 1> text{};
    sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
    return text.data();
}

/// The document's body, or what is wrong with the bytes.
tl::expected<std::string, std::string> open_envelope(const std::string& bytes) {
    using nlohmann::json;
    if (bytes.empty()) {
        return tl::unexpected(std::string("the file is empty"));
    }
    const json envelope = parse_json(bytes);
    if (!envelope.is_object()) {
        return tl::unexpected(std::string("the file is no JSON, or cut short"));
    }
    if (envelope.value("format", json()) != kFormat || !envelope.contains("document")) {
        return tl::unexpected(std::string("the file is not one of this program's"));
    }
    const json version = envelope.value("version", json());
    if (!version.is_number_unsigned() || version.get<std::uint64_t>() != kVersion) {
        return tl::unexpected("the file has format version " +
                              (version.is_number() ? version.dump() : "?") +
                              ", this program reads " + std::to_string(kVersion));
    }
    std::string body = envelope.at("document").dump(-1, ' ', true);
    if (envelope.value("checksum", json()) != checksum(body)) {
        return tl::unexpected(std::string("the checksum does not fit the content"));
    }
    return body;
}

std::vector<unsigned> damaged_numbers(const std::string& directory, const std::string& file) {
    std::vector<unsigned> numbers;
    const std::string prefix = file + ".damaged-";
    DIR* const folder = ::opendir(directory.c_str());
    if (folder == nullptr) {
        return numbers;
    }
    while (const dirent* entry = ::readdir(folder)) {
        const std::string_view name = entry->d_name;
        unsigned number = 0;
        if (name.starts_with(prefix) &&
            std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number).ptr ==
                name.data() + name.size()) {
            numbers.push_back(number);
        }
    }
    ::closedir(folder);
    std::ranges::sort(numbers);
    return numbers;
}

}  // namespace

Damage set_aside(const std::string& directory, const std::string& file, const std::string& fault) {
    std::vector<unsigned> numbers = damaged_numbers(directory, file);
    const std::string path = directory + "/" + file;
    const std::string prefix = path + ".damaged-";
    while (numbers.size() >= kDamagedFilesKept) {
        ::unlink((prefix + std::to_string(numbers.front())).c_str());
        numbers.erase(numbers.begin());
    }
    const std::string target = prefix + std::to_string(numbers.empty() ? 1 : numbers.back() + 1);
    if (::rename(path.c_str(), target.c_str()) != 0) {
        return {path, fault, "it is, for it cannot be renamed: " + describe_error(errno)};
    }
    return {path, fault, target};
}

Damage set_aside(const DocumentPlace& place, const std::string& fault) {
    return set_aside(place.directory, place.file(), fault);
}

LoadedDocument load_document(const DocumentPlace& place) {
    const auto content = read_file(place.path(), kMaximumDocument, Links::refuse);
    if (!content) {
        if (content.error().code == ENOENT) {
            return {};
        }
        return {{}, set_aside(place, content.error().text)};
    }
    auto body = open_envelope(content->bytes);
    if (!body) {
        return {{}, set_aside(place, body.error())};
    }
    return {std::move(*body), {}};
}

tl::expected<void, std::string> store_document(const DocumentPlace& place,
                                               const std::string& body) {
    std::string text = "{\"format\":\"";
    text.append(kFormat).append("\",\"version\":").append(std::to_string(kVersion));
    text.append(",\"checksum\":\"").append(checksum(body));
    text.append("\",\"document\":").append(body).append("}\n");
    const auto written = write_atomically(place.directory, place.file(), text);
    if (!written) {
        return tl::unexpected(written.error().text);
    }
    return {};
}

class DocumentWriter::Implementation {
public:
    Implementation(DocumentPlace place, Completion completion)
        : place_(std::move(place)),
          completion_(std::move(completion)),
          thread_([this] { run(); }) {}

    ~Implementation() {
        {
            const std::scoped_lock lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    void submit(std::uint64_t token, std::string body) {
        {
            const std::scoped_lock lock(mutex_);
            tokens_.push_back(token);
            body_ = std::move(body);
        }
        changed_.notify_all();
    }

    void flush() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return tokens_.empty() && !writing_; });
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return ending_ || !tokens_.empty(); });
            if (tokens_.empty()) {
                return;
            }
            const std::vector<std::uint64_t> tokens = std::exchange(tokens_, {});
            const std::string body = std::move(body_);
            writing_ = true;
            lock.unlock();
            const auto written = store_document(place_, body);
            for (const std::uint64_t token : tokens) {
                completion_(token, written ? std::string() : written.error());
            }
            lock.lock();
            writing_ = false;
            changed_.notify_all();
        }
    }

    DocumentPlace place_;
    Completion completion_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::uint64_t> tokens_;
    std::string body_;
    bool writing_ = false;
    bool ending_ = false;
    std::thread thread_;  // last: everything it uses is made before it starts
};

DocumentWriter::DocumentWriter(DocumentPlace place, Completion completion)
    : implementation_(std::make_unique<Implementation>(std::move(place), std::move(completion))) {}
DocumentWriter::~DocumentWriter() = default;
void DocumentWriter::submit(std::uint64_t token, std::string body) {
    implementation_->submit(token, std::move(body));
}
void DocumentWriter::flush() {
    implementation_->flush();
}

}  // namespace ha::runtime
