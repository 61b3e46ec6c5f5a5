// See record.hpp.
#include "libha/records/record.hpp"

namespace ha::records {

namespace {

constexpr std::size_t kSequenceLength = 8;

}  // namespace

bool is_known(std::uint8_t number) {
    return (number >= 1 && number <= 6) || (number >= 128 && number <= 133);
}

std::string_view to_string(Space space) {
    switch (space) {
        case Space::running_configuration:
            return "running configuration";
        case Space::startup_configuration:
            return "startup configuration";
        case Space::facts:
            return "facts";
        case Space::modules:
            return "modules";
        case Space::accounting:
            return "accounting";
        case Space::checkpoints:
            return "checkpoints";
        case Space::identity:
            return "identity";
        case Space::accounting_backup:
            return "accounting backup";
        case Space::accounting_of_remote:
            return "accounting of the remote side";
        case Space::redundancy_trace_backup:
            return "redundancy trace backup";
        case Space::redundancy_trace_of_remote:
            return "redundancy trace of the remote side";
        case Space::events:
            return "events";
    }
    return "unknown";
}

std::string fault_of(const Changes& changes) {
    for (const Change& change : changes) {
        const std::string place =
            "a record of the space " + std::string(to_string(change.key.space));
        if (!is_known(static_cast<std::uint8_t>(change.key.space)))
            return "a record of the unknown space " +
                   std::to_string(static_cast<unsigned>(change.key.space));
        if (change.key.name.empty() || change.key.name.size() > kMaximumName)
            return place + " has a name of " + std::to_string(change.key.name.size()) +
                   " bytes (1.." + std::to_string(kMaximumName) + ")";
        if (change.value && change.value->size() > kMaximumValue)
            return place + " has a value of " + std::to_string(change.value->size()) +
                   " bytes (0.." + std::to_string(kMaximumValue) + ")";
    }
    return {};
}

std::string sequence_name(std::uint64_t number) {
    std::string name(kSequenceLength, '\0');
    for (std::size_t index = kSequenceLength; index-- > 0; number >>= 8U)
        name[index] = static_cast<char>(number & 0xffU);
    return name;
}

std::optional<std::uint64_t> sequence_of(std::string_view name) {
    if (name.size() != kSequenceLength)
        return std::nullopt;
    std::uint64_t number = 0;
    for (const char octet : name)
        number = (number << 8U) | static_cast<std::uint8_t>(octet);
    return number;
}

}  // namespace ha::records
