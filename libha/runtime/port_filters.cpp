#include "libha/runtime/port_filters.hpp"

#include "libha/runtime/ethernet.hpp"

namespace ha::runtime {

namespace {

std::string of_type(std::uint16_t ether_type) {
    return "ether proto " + std::to_string(ether_type);
}

std::string to_us(const MacAddress& own) {
    return "(ether dst " + own.to_string() + " or ether broadcast)";
}

/// A frame that ends before the mark does not have it: a filter that looks there all the same lets
/// nothing through, whatever it asks for.
std::string has(const BulkMark& mark) {
    const std::size_t offset = kHeaderSize + mark.offset;
    return "greater " + std::to_string(offset + 1) + " and ether[" + std::to_string(offset) +
           "] = " + std::to_string(mark.octet);
}

}  // namespace

std::string bulk_filter(std::uint16_t ether_type, const MacAddress& own, const BulkMark& mark) {
    return of_type(ether_type) + " and " + has(mark) + " and " + to_us(own);
}

std::string capture_filter(std::uint16_t ether_type, const MacAddress& own,
                           const std::optional<BulkMark>& without) {
    const std::string type = of_type(ether_type);
    const std::string all = to_us(own) + " and (" + type + " or (vlan and " + type + "))";
    // In front: behind "vlan" all offsets are others.
    return without ? "not (" + type + " and " + has(*without) + ") and " + all : all;
}

}  // namespace ha::runtime
