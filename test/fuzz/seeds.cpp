// Writes inputs to start from, made from what the project really has: frames of the codec's
// samples, stored states, the shipped configurations, every command; and stories. scripts/fuzz
// calls it before each run, so that a format that changes does not leave the fuzzer with
// yesterday's inputs.
//
//   fuzz-seeds SOURCE_FOLDER TARGET_FOLDER        writes TARGET_FOLDER/<target>/seed-*
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "libha/journal/journal.hpp"
#include "libha/runtime/file_store.hpp"
#include "libvem/runtime/module_store.hpp"
#include "test/fuzz/support/messages.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/unit/cli/snapshots.hpp"
#include "test/unit/runtime/record_samples.hpp"
#include "test/unit/wire/samples.hpp"

using namespace ha;
namespace files = std::filesystem;

namespace {

class Folder {
public:
    Folder(const files::path& parent, const std::string& target) : path_(parent / target) {
        files::create_directories(path_);
    }
    void write(const std::string& bytes) {
        std::ofstream(path_ / ("seed-" + std::to_string(++count_)), std::ios::binary) << bytes;
    }

private:
    files::path path_;
    unsigned count_ = 0;
};

/// A first byte for the target, then the payload.
std::string input(std::uint8_t choices, const wire::Bytes& payload) {
    return std::string(1, static_cast<char>(choices)) + std::string(payload.begin(), payload.end());
}

void write_frames(Folder folder) {
    for (const wire::Frame& frame : wire::test::sample_frames()) {
        const std::uint8_t port = frame.port == PortKind::mgmt ? 1 : 0;
        folder.write(input(port, wire::encode(frame)));
    }
    for (wire::Message& message : wire::test::ordinary_messages())
        folder.write(input(0, wire::test::sealed(wire::test::frame_of(std::move(message)),
                                                 test::fuzz::kPeerMac, {{test::fuzz::key(1)}})));
}

/// Each document alone, and as the file that the daemon writes.
void write_states(Folder folder) {
    const test::TemporaryDirectory disk;
    const auto write = [&](const std::string& body) {
        const runtime::DocumentPlace place{disk.path(), "state"};
        folder.write(std::string(1, '\0') + body);
        if (runtime::store_document(place, body))
            folder.write(std::string(1, '\1') + disk.read("state.json"));
    };
    write(vem::runtime::to_document({7, Slot{3}, {wire::PortOrder::shutdown}}));
}

void write_configurations(Folder folder, const files::path& source) {
    for (const auto& entry : files::directory_iterator(source / "configs"))
        if (entry.is_regular_file())
            folder.write(test::TemporaryDirectory::content(entry.path()));
}

/// Every command of the list that the daemon itself prints, bare and with each pipe in turn.
void write_commands(Folder folder) {
    static constexpr const char* kPipes[] = {"",           " | json",         " | xml",
                                             " | no-more", " | grep -i -v a", " | last 3",
                                             " | head -2", " | include a|b*", " | begin [a-z]",
                                             " | count",   " | exclude ^$"};
    const auto situations = cli::test::situations();
    std::istringstream list(cli::execute("show cli list", situations.front().second).output);
    std::size_t number = 0;
    for (std::string line; std::getline(list, line); ++number) {
        const std::size_t begin = line.find_first_not_of(' ');
        if (begin == std::string::npos)
            continue;
        folder.write(std::string(1, static_cast<char>(number % situations.size())) +
                     line.substr(begin) + kPipes[number % std::size(kPipes)]);
    }
}

/// The kept journals, whole lives and pieces of them, each body behind its length.
void write_journals(Folder folder, const files::path& source) {
    constexpr std::size_t kLongest = 6000;
    for (const char* name : {"vsm-a.journal", "vsm-b.journal"}) {
        const std::string content =
            test::TemporaryDirectory::content(source / "test/journal" / name);
        const wire::Bytes bytes(content.begin(), content.end());
        std::string life;
        std::string piece;
        wire::ByteView left = bytes;
        for (auto framed = journal::unframe(left); framed && *framed;
             framed = journal::unframe(left)) {
            const wire::ByteView body = (*framed)->body;
            std::string one{static_cast<char>(body.size()), static_cast<char>(body.size() >> 8U)};
            one.append(body.begin(), body.end());
            if (const auto record = journal::decode(body);
                record && std::holds_alternative<journal::LifeBegun>(*record))
                life = one;
            if (piece.size() + one.size() > kLongest || one == life) {
                folder.write('\0' + piece);
                piece = life;
            }
            if (one != life)
                piece += one;
            left = left.subspan((*framed)->size);
        }
        folder.write('\0' + piece);
        folder.write('\1' + content.substr(0, kLongest));
    }
}

void write_scenarios(Folder folder, const files::path& source) {
    for (const auto& entry : files::recursive_directory_iterator(source / "test/scenarios"))
        if (entry.is_regular_file() && entry.path().extension() == ".yaml")
            folder.write(test::TemporaryDirectory::content(entry.path()));
    folder.write(test::TemporaryDirectory::content(source / "scripts/lab_tool/demo.yaml"));
}

/// Whole stores: one as it is made, one with a few transactions.
void write_records(Folder folder) {
    for (const unsigned transactions : {0U, 3U}) {
        const test::TemporaryDirectory disk;
        if (runtime::test::fill({disk.path()}, transactions))
            folder.write('\1' + disk.read("state.mdb"));
    }
}

/// For targets that make a story of their bytes: the same long random ones each time.
void write_stories(Folder folder) {
    std::mt19937 random(20261121);  // NOLINT: the same bytes in every run
    for (unsigned count = 0; count < 64; ++count) {
        std::string bytes(128 + random() % 1920, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random());
        folder.write(bytes);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: fuzz-seeds SOURCE_FOLDER TARGET_FOLDER\n");
        return 2;
    }
    const files::path source = argv[1];
    const files::path target = argv[2];
    write_frames(Folder(target, "frame"));
    write_states(Folder(target, "state"));
    write_records(Folder(target, "records"));
    write_configurations(Folder(target, "configuration"), source);
    write_commands(Folder(target, "cli"));
    write_scenarios(Folder(target, "scenario"), source);
    write_journals(Folder(target, "journal"), source);
    write_stories(Folder(target, "supervisor"));
    write_stories(Folder(target, "module"));
    return 0;
}
