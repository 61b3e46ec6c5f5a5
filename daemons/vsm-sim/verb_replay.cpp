// See verb_replay.hpp.
#include "daemons/vsm-sim/verb_replay.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <ctime>
#include <limits>
#include <string>

#include "daemons/vsm-sim/arguments.hpp"
#include "daemons/vsm-sim/journal_file.hpp"
#include "daemons/vsm-sim/seed_story.hpp"
#include "libha/journal/describe.hpp"
#include "libha/journal/replay.hpp"
#include "libsim/search/draw.hpp"

namespace vsm_sim {

using namespace ha;

namespace {

struct Count {
    std::uint64_t inputs = 0;
    std::uint64_t effects = 0;
    Duration time{};
};

double in_seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::string date_of(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    std::array<char, 40> text{};
    if (::gmtime_r(&seconds, &parts) == nullptr ||
        std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
        return "an impossible date";
    return text.data();
}

/// Goes through the records and says what it finds.
class Player {
public:
    Player(JournalFile file, bool print) : file_(std::move(file)), print_(print) {}

    int play() {
        while (true) {
            auto record = file_.next();
            if (!record) {
                end_life();
                return spoiled(record.error());
            }
            if (!*record)
                break;
            if (const int status = std::visit(*this, **record); status != kFine)
                return status;
        }
        end_life();
        if (lives_ == 0)
            return spoiled(file_.path() + ": no life is recorded in it");
        if (file_.left_over() > 0)
            std::printf("The file ends in the middle of record %" PRIu64 " (%zu bytes of it).\n",
                        file_.number() + 1, file_.left_over());
        std::printf("Identical: %u %s, %" PRIu64 " inputs, %" PRIu64
                    " effects, %.3f s of virtual time.\n",
                    lives_, lives_ == 1 ? "life" : "lives", total_.inputs, total_.effects,
                    in_seconds(total_.time));
        return kFine;
    }

    int operator()(const journal::LifeBegun& life) {
        end_life();
        replay_.begin(life);
        product_version_ = life.product_version;
        complete_ = true;
        std::printf("Life %u: %s\n  began %s, recorded by version %s\n", ++lives_,
                    journal::describe(life).c_str(), date_of(life.wall_time).c_str(),
                    life.product_version.c_str());
        return kFine;
    }

    int operator()(const journal::Step& step) {
        if (!replay_.has_life() || !complete_)
            return spoiled(file_.path() + ": record " + std::to_string(file_.number()) +
                           ": a step that belongs to no life");
        const auto difference = replay_.step(step);
        ++life_.inputs;
        life_.effects += step.effects.size();
        if (print_)
            print(step);
        return difference ? tell(step, *difference) : kFine;
    }

    int operator()(const journal::Gap& gap) {
        if (!replay_.has_life())
            return spoiled(file_.path() + ": record " + std::to_string(file_.number()) +
                           ": a gap before any life");
        complete_ = false;
        std::printf("  not recorded any further: %s\n", gap.reason.c_str());
        return kFine;
    }

private:
    void print(const journal::Step& step) const {
        std::printf("%14.6f  %s\n", in_seconds(replay_.age()),
                    journal::describe(step.input).c_str());
        for (const supervisor::Effect& effect : step.effects)
            std::printf("%14s    %s\n", "", journal::describe(effect).c_str());
    }

    void end_life() {
        if (!replay_.has_life())
            return;
        life_.time = replay_.age();
        std::printf("  %" PRIu64 " inputs, %" PRIu64 " effects, %.3f s: identical\n", life_.inputs,
                    life_.effects, in_seconds(life_.time));
        total_.inputs += life_.inputs;
        total_.effects += life_.effects;
        total_.time += life_.time;
        life_ = {};
    }

    int tell(const journal::Step& step, const journal::Difference& difference) const {
        const std::string nothing = "(nothing)";
        std::printf("DIFFERENT at record %" PRIu64
                    ", life %u, %.6f s after its beginning\n"
                    "  input:    %s\n"
                    "  effect %zu\n"
                    "  recorded: %s\n"
                    "  given:    %s\n",
                    file_.number(), lives_, in_seconds(replay_.age()),
                    journal::describe(step.input).c_str(), difference.effect + 1,
                    difference.recorded.value_or(nothing).c_str(),
                    difference.given.value_or(nothing).c_str());
        if (product_version_ != VSM_HA_VERSION)
            std::printf("  (recorded by version %s, this is %s)\n", product_version_.c_str(),
                        VSM_HA_VERSION);
        return kBadVerdict;
    }

    static int spoiled(const std::string& text) {
        std::fflush(stdout);
        std::fprintf(stderr, "vsm-sim replay: %s\n", text.c_str());
        return kCannotRun;
    }

    JournalFile file_;
    bool print_;
    journal::Replay replay_;
    bool complete_ = true;
    std::string product_version_;
    unsigned lives_ = 0;
    Count life_;
    Count total_;
};

/// A number names a seed of the search; a journal with such a name is reached as ./NUMBER.
bool names_seed(const std::string& word) {
    return word.find_first_not_of("0123456789") == std::string::npos;
}

int replay_seed(const std::string& word, bool frames) {
    const auto seed = parse_number("the seed", word, 0, std::numeric_limits<std::uint32_t>::max());
    if (!seed)
        return refuse(kReplay, seed.error());
    const bool held = tell_story(sim::search::draw(*seed).scenario, frames);
    std::printf("Seed %s: %s\n", word.c_str(),
                held ? "every invariant held." : "an invariant was violated.");
    return held ? kFine : kBadVerdict;
}

int run(const std::vector<std::string>& words) {
    const auto arguments = parse_arguments(words, {{"--print", false}});
    if (!arguments)
        return refuse(kReplay, arguments.error());
    if (arguments->words.size() != 1 || arguments->words.front().empty())
        return refuse(kReplay, "name one journal or one seed");
    if (names_seed(arguments->words.front()))
        return replay_seed(arguments->words.front(), arguments->has("--print"));
    auto file = JournalFile::open(arguments->words.front());
    if (!file) {
        std::fprintf(stderr, "vsm-sim replay: %s\n", file.error().c_str());
        return kCannotRun;
    }
    return Player(std::move(*file), arguments->has("--print")).play();
}

}  // namespace

const Verb kReplay{
    "replay",
    "run a journal of vsmd, or a seed of the search, again",
    "Usage: vsm-sim replay [OPTION]... FILE\n"
    "       vsm-sim replay [OPTION]... SEED\n"
    "Give a fresh supervisor what a recorded one got, at the same times, and compare byte for "
    "byte\n"
    "what it does. FILE was written by 'vsmd --journal FILE'.\n"
    "Or, with a number, play that seed of 'vsm-sim search' and tell its whole story.\n"
    "\n"
    "  --print  print every input and every effect, frames in words; of a seed, the frames\n"
    "\n"
    "Exit status: 0 identical, or no invariant was violated; 1 different, or one was; 2 wrong\n"
    "usage, or FILE is damaged or no journal.\n",
    run,
};

}  // namespace vsm_sim
