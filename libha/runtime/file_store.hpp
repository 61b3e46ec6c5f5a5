// One JSON document of a daemon on disk: versioned, with a checksum, written atomically on a thread
// of its own. A damaged file is set aside, never trusted and never in the way. Relates to
// the module's store and to record_store.hpp, which sets files aside the same way; knows nothing of
// their content.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

namespace ha::runtime {

inline constexpr std::size_t kMaximumDocument = std::size_t{4} << 20U;
/// How many files set aside are kept; the oldest go first.
inline constexpr unsigned kDamagedFilesKept = 5;

/// A file that could not be trusted: the arguments of the message state_file_damaged.
struct Damage {
    std::string path;
    std::string fault;
    std::string kept_as;
};

struct LoadedDocument {
    std::string body;  ///< JSON text of the document; empty when there is none
    std::optional<Damage> damage;
};

/// Where a document lives: `directory`/`name`.json.
struct DocumentPlace {
    std::string directory;
    std::string name;  ///< "state"
    [[nodiscard]] std::string file() const { return name + ".json"; }
    [[nodiscard]] std::string path() const { return directory + "/" + file(); }
};

/// Reads the document; sets aside what cannot be trusted.
LoadedDocument load_document(const DocumentPlace& place);
/// Sets `directory`/`file` aside as FILE.damaged-N, and removes the oldest of those when there are
/// kDamagedFilesKept.
Damage set_aside(const std::string& directory, const std::string& file, const std::string& fault);
/// The same for the file of a document.
Damage set_aside(const DocumentPlace& place, const std::string& fault);
/// Writes the document and returns when it is durable. The error is one sentence.
tl::expected<void, std::string> store_document(const DocumentPlace& place, const std::string& body);

/// Writes documents on its own thread, in order. When several wait only the newest is written, and
/// answers for all: each is the whole document.
class DocumentWriter {
public:
    /// Called on the writer's thread; `error` is empty when the document is durable.
    using Completion = std::function<void(std::uint64_t token, const std::string& error)>;

    DocumentWriter(DocumentPlace place, Completion completion);
    /// Writes what waits, then ends the thread.
    ~DocumentWriter();
    DocumentWriter(const DocumentWriter&) = delete;
    DocumentWriter& operator=(const DocumentWriter&) = delete;

    void submit(std::uint64_t token, std::string body);
    /// Waits until everything submitted has been answered.
    void flush();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ha::runtime
