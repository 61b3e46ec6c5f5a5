// One of each input and effect, with every field at something unusual, for the tests of the
// journal.
#pragma once

#include <vector>

#include "libha/journal/journal.hpp"

namespace ha::journal::samples {

supervisor::Options unusual_options();
/// One of each alternative, in their order. The payload of the frame lives as long as the program.
std::vector<supervisor::Input> all_inputs();
supervisor::Effects all_effects();
/// A journal of one life with all of them, one step for each input.
wire::Bytes journal_of_all();

/// The records of whole bytes; empty when they are not whole.
std::vector<Record> records_of(wire::ByteView bytes);

}  // namespace ha::journal::samples
