#include "libvem/runtime/host_identity.hpp"

#include <unistd.h>

#include <array>

#include "libha/runtime/files.hpp"

namespace vem::runtime {

tl::expected<ha::Uuid, std::string> machine_uuid(const std::string& file) {
    constexpr std::size_t kDigits = 32;
    const std::string advice = "; set host.uuid in the configuration";
    const auto content = ha::runtime::read_file(file, 128, ha::runtime::Links::follow);
    if (!content)
        return tl::unexpected("the machine has no identifier: " + file + ": " +
                              content.error().text + advice);
    std::string digits = content->bytes.substr(0, content->bytes.find('\n'));
    if (digits.size() == kDigits) {
        for (const std::size_t dash : {8U, 13U, 18U, 23U})
            digits.insert(dash, 1, '-');
        const auto uuid = ha::Uuid::parse(digits);
        if (uuid && !uuid->is_nil())
            return *uuid;
    }
    return tl::unexpected("the machine has no identifier: " + file +
                          " does not hold 32 hexadecimal digits" + advice);
}

std::string machine_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0')
        return "localhost";
    const std::string full{name.data()};
    return full.substr(0, full.find('.'));
}

}  // namespace vem::runtime
