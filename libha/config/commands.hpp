// The table of all configuration commands. Editing, loading and the order of printing go by it, and
// so does the grammar of the command line; docs/configuration.md explains it to operators.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace ha::config {

/// Where a line may stand: at top level, or below the header of a section.
enum class Mode : std::uint8_t {
    global,
    svs_domain,
    control_interface,
    mgmt_interface,
    module_interface,
    module,
};
inline constexpr Mode kModes[] = {
    Mode::global,         Mode::svs_domain,       Mode::control_interface,
    Mode::mgmt_interface, Mode::module_interface, Mode::module};
/// What the prompt says: "config", "config-svs-domain", "config-if", "config-vem-slot".
std::string_view prompt_word(Mode mode);

/// What a command is about: a program lists only those that it obeys.
enum class Feature : std::uint8_t {
    host_name,
    ha_pair,
    module_table,
    snmp,
    heartbeat,
    interface,
    module_port,
    logging,
    domain,
};

/// What `no` does.
enum class No : std::uint8_t {
    erase,   ///< as if it had never been given; a section goes with all its lines
    negate,  ///< "no …" is a line of its own, in the place of the other
    refuse,
};

/// One word: its notation is that of forms.hpp.
struct Word {
    std::string_view text;
    std::string_view help;
};

struct Command {
    std::vector<Mode> modes;
    Feature feature = Feature::host_name;
    std::vector<Word> words;
    /// So many of the first words name the place: a line with the same ones replaces this line, and
    /// `no` needs no more of them.
    std::size_t place_words = 0;
    No no = No::erase;
    /// Another word for the first: "svcs-domain" is written "svs-domain".
    std::string_view written = {};
    /// Whose header this is, Mode::global for all others.
    Mode opens = Mode::global;
    /// So many lines may differ in the last word of their place only; 0: as many as it has values.
    std::size_t limit = 0;
    /// Empty when the values of WORD are what they must be, or one sentence.
    std::string (*fault)(const std::vector<std::string>& arguments) = nullptr;
    /// What stands for WORD is kept in lower case: it is the same in any.
    bool ignores_case = false;
    /// Not empty: known, never taken, and this is why.
    std::string_view refusal = {};
};

/// In the order of printing.
const std::vector<Command>& commands();

/// A line found in the table.
struct Match {
    std::size_t index = 0;               ///< in commands()
    std::vector<std::string> arguments;  ///< what stands for numbers, words …, as stored
    std::string line;                    ///< as stored and printed, without indentation
    std::string place;                   ///< what it is about
    std::string order;                   ///< sorts it among the lines of its section
    bool negated = false;
};
/// How far a line was understood, in words, and what is wrong there.
struct Mismatch {
    std::size_t words = 0;
    std::string error;  ///< NX-OS's sentence without "% "
};
/// Keywords are written out; the command line has done that. A negated line of a command whose `no`
/// erases has its place, and a line only for a message.
tl::expected<Match, Mismatch> find(Mode mode, std::string_view line);

/// The mode below a section's header as find() writes it; global for "" and for what is no header.
Mode mode_of(std::string_view section);

}  // namespace ha::config
