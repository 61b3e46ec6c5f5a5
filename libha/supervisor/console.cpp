// Supervisor: the console of the standby, used from the active (SW-6). Lines and answers travel on
// the exchange, on control only and only while the pair is whole; one line at a time. Messages
// begin with their kind (1), after those of the logs: line: id (4), user and line, each with its
// length (2). answer: id (4), 1 when it is the last part (1), then a part of: exit status (1),
// length of the output (4), output, error.
#include <algorithm>

#include "libha/supervisor/implementation.hpp"
#include "libha/wire/cursor.hpp"

namespace ha::supervisor {

namespace {

constexpr std::uint8_t kLineMessage = 4;
constexpr std::uint8_t kAnswerMessage = 5;
constexpr std::size_t kMaximumUser = 64;
constexpr std::size_t kPartBytes = 60'000;
constexpr std::size_t kMaximumParts = kMaximumConsoleAnswer + 16;
constexpr std::size_t kMaximumWaiting = 8;
/// A line that is not answered by then has failed.
constexpr Duration kPatience = std::chrono::seconds{10};
/// Lines that the standby runs in a second, at most.
constexpr unsigned kLinesInASecond = 20;

void write_text(wire::Writer& writer, std::string_view text) {
    writer.number(static_cast<std::uint16_t>(text.size()));
    writer.text(text);
}
std::string read_text(wire::Reader& reader) {
    const auto octets = reader.bytes(reader.number<std::uint16_t>());
    return {octets.begin(), octets.end()};
}

std::optional<ConsoleAnswer> answer_of(const wire::Bytes& bytes) {
    wire::Reader reader(bytes);
    ConsoleAnswer answer;
    answer.exit_status = reader.number<std::uint8_t>();
    const auto output = reader.bytes(reader.number<std::uint32_t>());
    const auto error = reader.bytes(reader.left());
    if (reader.failed())
        return std::nullopt;
    answer.output.assign(output.begin(), output.end());
    answer.error.assign(error.begin(), error.end());
    return answer;
}

}  // namespace

/// Why a line cannot get to the standby now; empty when it can.
std::string Supervisor::Implementation::console_fault() const {
    const std::string module = std::to_string(number(other_slot(slot_of(pair_.role()))));
    if (pair_.state() != PairState::active_ha)
        return "Module " + module + " is not a standby that is ready (" +
               std::string(to_string(pair_.state())) + " here)";
    if (pair_.degraded())
        return "Module " + module + " cannot be reached: nothing passes on control (degraded)";
    return {};
}

void Supervisor::Implementation::on(const ConsoleRequested& input) {
    std::string fault = console_fault();
    if (fault.empty() && input.line.size() > kMaximumConsoleLine)
        fault = "The line has " + std::to_string(input.line.size()) + " bytes, at most " +
                std::to_string(kMaximumConsoleLine);
    if (fault.empty() && consoles_.size() >= kMaximumWaiting)
        fault = "More than " + std::to_string(kMaximumWaiting) + " lines wait for this console";
    if (!fault.empty()) {
        effects_->emplace_back(ConsoleCompleted{input.ticket, {}, fault});
        return;
    }
    consoles_.push_back(input);
    begin_console();
}

void Supervisor::Implementation::begin_console() {
    if (console_id_ != 0 || consoles_.empty())
        return;
    if (!exchange_sender_.is_open())
        open_exchange();
    const ConsoleRequested& console = consoles_.front();
    console_id_ = ++console_ids_;
    console_deadline_ = now_ + kPatience;
    console_parts_.clear();
    wire::Bytes message{kLineMessage};
    wire::Writer writer(message);
    writer.number(console_id_);
    write_text(writer, std::string_view(console.user).substr(0, kMaximumUser));
    write_text(writer, console.line);
    if (!exchange_sender_.send(std::move(message), now_))
        end_console({}, "Too much waits to be sent to the standby");
}

void Supervisor::Implementation::end_console(const ConsoleAnswer& answer,
                                             const std::string& failure) {
    effects_->emplace_back(ConsoleCompleted{consoles_.front().ticket, answer, failure});
    consoles_.pop_front();
    console_id_ = 0;
    console_deadline_ = kNever;
    console_parts_.clear();
}

void Supervisor::Implementation::fail_consoles(const std::string& failure) {
    while (!consoles_.empty())
        end_console({}, failure);
}

void Supervisor::Implementation::run_console() {
    if (consoles_.empty())
        return;
    if (const std::string fault = console_fault(); !fault.empty())
        return fail_consoles(fault);
    if (console_deadline_ <= now_)
        end_console({}, "The standby has not answered within 10 s");
    begin_console();
}

void Supervisor::Implementation::note_console(PairState from, PairState to,
                                              const std::string& reason) {
    if (from != PairState::active_ha && from != PairState::standby_ha)
        return;
    if (to == PairState::active_arbitrating)
        return fail_consoles("The connection to the standby is closed: " + reason);
    fail_consoles("The connection to the standby is closed: " + reason);
    console_running_ = 0;
    exchange_sender_.close();
}

void Supervisor::Implementation::take_console_message(std::span<const std::uint8_t> message) {
    wire::Reader reader(message);
    const auto kind = reader.number<std::uint8_t>();
    const auto id = reader.number<std::uint32_t>();
    if (kind == kLineMessage && pair_.state() == PairState::standby_ha) {
        const std::string user = read_text(reader);
        const std::string line = read_text(reader);
        if (!reader.exact() || line.size() > kMaximumConsoleLine || user.size() > kMaximumUser)
            return;
        if (now_ - console_counted_at_ >= std::chrono::seconds{1}) {
            console_counted_at_ = now_;
            console_count_ = 0;
        }
        if (console_running_ != 0 || ++console_count_ > kLinesInASecond)
            return answer_console(id, {1, {}, "% The console is busy; try again\n"});
        console_running_ = id;
        effects_->emplace_back(RunConsole{id, user, line});
    } else if (kind == kAnswerMessage && id == console_id_ && id != 0) {
        const auto last = reader.number<std::uint8_t>();
        const auto part = reader.bytes(reader.left());
        console_parts_.insert(console_parts_.end(), part.begin(), part.end());
        if (console_parts_.size() > kMaximumParts)
            return end_console({}, "The standby answers more than it may");
        if (last == 0)
            return;
        const auto answer = answer_of(console_parts_);
        end_console(answer.value_or(ConsoleAnswer{}),
                    answer ? "" : "The answer of the standby cannot be read");
        begin_console();
    }
}

void Supervisor::Implementation::on(const ConsoleAnswered& input) {
    if (input.id != console_running_ || pair_.state() != PairState::standby_ha)
        return;
    console_running_ = 0;
    const std::size_t size = input.answer.output.size() + input.answer.error.size();
    if (size <= kMaximumConsoleAnswer)
        return answer_console(input.id, input.answer);
    answer_console(input.id, {1,
                              {},
                              "% The answer has " + std::to_string(size) + " bytes, at most " +
                                  std::to_string(kMaximumConsoleAnswer) +
                                  " are sent: ask for less with a filter, like | last 1000\n"});
}

void Supervisor::Implementation::answer_console(std::uint32_t id, const ConsoleAnswer& answer) {
    if (!exchange_sender_.is_open())
        open_exchange();
    wire::Bytes whole;
    wire::Writer writer(whole);
    writer.number(answer.exit_status);
    writer.number(static_cast<std::uint32_t>(answer.output.size()));
    writer.text(answer.output);
    writer.text(answer.error);
    for (std::size_t offset = 0; offset < whole.size(); offset += kPartBytes) {
        const std::size_t size = std::min(kPartBytes, whole.size() - offset);
        wire::Bytes message{kAnswerMessage};
        wire::Writer part(message);
        part.number(id);
        part.number(static_cast<std::uint8_t>(offset + size == whole.size() ? 1 : 0));
        part.bytes(std::span(whole).subspan(offset, size));
        if (!exchange_sender_.send(std::move(message), now_))
            return;  // the one who asked gives up in time
    }
}

}  // namespace ha::supervisor
