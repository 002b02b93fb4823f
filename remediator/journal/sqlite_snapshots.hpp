// Snapshots of the state in a journal's SQLite file, each anchored in the chain of records, and the
// dropping of records that lie under one (S18).
#pragma once

#include <cstddef>
#include <optional>

#include "remediator/core/state.hpp"
#include "remediator/journal/sqlite_records.hpp"

struct sqlite3;

namespace fieldmedic::journal {

// The state after all records up to `at`.
struct Snapshot {
  ChainLink at;
  core::State state;
};

// The newest one that is intact: its own digest holds, the record at its place has its hash, and
// it can be read by this version. nullopt: there is none. Errc::Malformed: one knows more records
// than there are, so the end of the journal was cut off.
[[nodiscard]] Result<std::optional<Snapshot>> newest_snapshot(sqlite3* database,
                                                              const ChainLink& head);

// Inserts one and leaves the two newest; within the caller's transaction. An extended result code
// of SQLite.
[[nodiscard]] int insert_snapshot(sqlite3* database, const ChainLink& at, const core::State& state);

// Drops at most `most` of the oldest records: those written before `before`, under the oldest
// snapshot, and not among the last two. The anchor moves with them. Within the caller's
// transaction. How many, or why not.
[[nodiscard]] Result<std::size_t> drop_records(sqlite3* database, std::uint64_t head,
                                               WallTime before, std::size_t most);

}  // namespace fieldmedic::journal
