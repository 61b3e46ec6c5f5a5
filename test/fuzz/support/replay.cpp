// The main function of a fuzz target where there is no libFuzzer: plays the files, and the files in
// the folders, that are named. So the kept inputs are a test with every compiler.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void play(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::fprintf(stderr, "%s\n", file.c_str());  // the last line names the input that failed
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t played = 0;
    for (const std::string& argument : std::vector<std::string>(argv + 1, argv + argc)) {
        std::vector<std::filesystem::path> files;
        if (std::filesystem::is_directory(argument))
            for (const auto& entry : std::filesystem::directory_iterator(argument))
                files.push_back(entry.path());
        else
            files.emplace_back(argument);
        std::ranges::sort(files);
        std::ranges::for_each(files, play);
        played += files.size();
    }
    std::printf("%zu inputs played\n", played);
    return played == 0 ? 1 : 0;
}
