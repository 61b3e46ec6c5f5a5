// Supervisor: the logs of both sides are kept before the loser of a split brain restarts (SB-4).
// The pair settles it on its own; this only makes the loser wait, for a part of T at most.
#include <iterator>

#include "libha/config/accounting.hpp"
#include "libha/supervisor/implementation.hpp"

namespace ha::supervisor {

using records::Space;
using replication::LogKind;

namespace {

/// The exchange may take this part of T; what is left of kLogsShare is for the disk.
constexpr int kExchangeShare = 6;
static_assert(kExchangeShare > redundancy::kLogsShare);

/// A text of a long entry that is told to the other side.
constexpr std::size_t kMaximumToldText = 400;

/// Entries are short; of one that is not, the beginnings of its texts are told.
std::string told(const std::string& value) {
    if (value.size() <= replication::kMaximumLogEntry)
        return value;
    auto entry = config::decode_accounting(value);
    if (!entry)
        return value;
    for (std::string* text : {&entry->user, &entry->origin, &entry->command})
        text->resize(std::min(text->size(), kMaximumToldText));
    return config::encode(*entry);
}

std::string in_milliseconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
           " ms";
}

}  // namespace

WallTime Supervisor::Implementation::wall_now() const {
    return dated_ + std::chrono::duration_cast<std::chrono::milliseconds>(now_ - dated_at_);
}

void Supervisor::Implementation::note_encounter(PairState from, PairState to) {
    if (to == PairState::active_arbitrating) {
        logs_ = {};
        // Who did not give the encounter up when we did does not tell its logs again.
        if (now_ - their_logs_at_ > pair_.loss_interval())
            their_logs_ = {};
    } else if (from == PairState::active_arbitrating) {
        // Whatever ended it: what has come is kept, also what came after the rest was.
        if (logs_.begun && (!logs_.kept || their_logs_.count() > logs_.kept_entries))
            keep_logs();
        logs_ = {};
        exchange_sender_.close();
    }
}

replication::Logs Supervisor::Implementation::own_logs() const {
    replication::Logs logs;
    for (const auto& [key, value] : database_.of(Space::accounting))
        logs[index_of(LogKind::accounting)].push_back(value);
    for (const redundancy::TraceEntry& entry : pair_.trace()) {
        const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - entry.at);
        logs[index_of(LogKind::redundancy_trace)].push_back(
            encode({wall_now() - age, entry.from, entry.to, entry.event, entry.reason}));
    }
    return logs;
}

void Supervisor::Implementation::begin_log_exchange() {
    logs_.begun = true;
    logs_.deadline = now_ + pair_.loss_interval() / kExchangeShare;
    replication::Logs logs = own_logs();
    for (std::string& value : logs[index_of(LogKind::accounting)])
        value = told(value);
    open_exchange();
    for (wire::Bytes& message : replication::messages_of(logs))
        static_cast<void>(exchange_sender_.send(std::move(message), now_));  // they all fit
}

void Supervisor::Implementation::run_log_exchange() {
    if (pair_.state() != PairState::active_arbitrating || !options_.keeps_logs)
        return;
    if (!logs_.begun && pair_.has_met_active())
        begin_log_exchange();
    if (!logs_.begun || logs_.kept)
        return;
    const bool complete = their_logs_.complete() && exchange_sender_.idle();
    if (!complete && now_ < logs_.deadline)
        return;
    keep_logs();
    logs_.storing = true;
    note_logs_stored();
}

void Supervisor::Implementation::keep_logs() {
    logs_.kept = true;
    logs_.kept_entries = their_logs_.count();
    KeptLog about;
    about.at = wall_now();
    about.outcome = pair_.verdict().value_or("");
    records::Changes changes;
    const auto add = [&](Space space, std::size_t entries, std::string lacking,
                         const std::vector<std::string>& values) {
        about.entries = static_cast<std::uint32_t>(entries);
        about.lacking = std::move(lacking);
        std::ranges::move(keep(database_, space, about, values), std::back_inserter(changes));
    };
    const replication::Logs mine = own_logs();
    const std::string limit = in_milliseconds(pair_.loss_interval() / kExchangeShare);
    std::string extent;
    for (const LogKind kind : replication::kLogKinds) {
        const bool accounting = kind == LogKind::accounting;
        const auto& own = mine[index_of(kind)];
        add(accounting ? Space::accounting_backup : Space::redundancy_trace_backup, own.size(), "",
            own);
        const auto theirs = their_logs_.entries(kind);
        const std::uint32_t announced = their_logs_.announced(kind);
        std::string lacking;
        if (!their_logs_.begun())
            lacking = "nothing came from the other supervisor within " + limit;
        else if (!their_logs_.complete())
            lacking = "the exchange ended, or its " + limit + " were over, before all had come";
        else if (theirs.size() < announced)
            lacking = "the newest only, as many as fit into " +
                      std::to_string(replication::kMaximumLogBytes[index_of(kind)]) + " bytes";
        add(accounting ? Space::accounting_of_remote : Space::redundancy_trace_of_remote, announced,
            lacking, theirs);
        extent += std::string(extent.empty() ? "" : ", ") + std::to_string(theirs.size()) + " of " +
                  std::to_string(announced) +
                  (accounting ? " accounting entries" : " lines of the redundancy trace");
    }
    database_.apply(changes);
    write(changes);
    carry_out(
        catalog::Report{catalog::MessageId::split_brain_logs_kept,
                        {their_logs_.begun() ? extent : "nothing came from it within " + limit}});
}

/// Everything up to now is on the disk, or cannot be: then nobody waits for it either.
void Supervisor::Implementation::note_logs_stored() {
    if (!logs_.storing || storing_)
        return;
    logs_.storing = false;
    feed(redundancy::LogsKept{now_});
}

void Supervisor::Implementation::on(const ClearKeptLog& input) {
    if (!is_kept_log(input.space))
        return;
    const records::Changes changes = database_.clear(input.space);
    database_.apply(changes);
    write(changes);
}

}  // namespace ha::supervisor
