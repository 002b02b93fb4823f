#include "remediator/journal/sqlite_snapshots.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "remediator/journal/record_hash.hpp"
#include "remediator/journal/sqlite_file.hpp"
#include "remediator/journal/state_codec.hpp"

namespace fieldmedic::journal {
namespace {

// Whether the chain goes through the snapshot's place.
Result<bool> is_anchored(sqlite3* database, const ChainLink& at) {
  const auto anchor = read_anchor(database);
  if (!anchor) return fail(anchor.error());
  if (at.sequence == anchor->sequence) return at == *anchor;
  auto row = prepare(database, "SELECT hash FROM event WHERE sequence = ?1");
  if (!row) return fail(row.error());
  sqlite3_bind_int64(row->get(), 1, static_cast<std::int64_t>(at.sequence));
  const int code = sqlite3_step(row->get());
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_ROW) return fail(error_of(database, code, "read a snapshot's record"));
  return column_text(row->get(), 0) == at.hash;
}

int bind_blob(sqlite3_stmt* statement, int index, std::string_view bytes) {
  return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
}

int run_with(sqlite3* database, std::string_view sql, const ChainLink& link) {
  auto statement = prepare(database, sql);
  if (!statement) return sqlite3_extended_errcode(database);
  sqlite3_bind_int64(statement->get(), 1, static_cast<std::int64_t>(link.sequence));
  if (sqlite3_bind_parameter_count(statement->get()) > 1) bind_blob(statement->get(), 2, link.hash);
  const int code = sqlite3_step(statement->get());
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

Result<std::uint64_t> oldest_snapshot(sqlite3* database) {
  auto row = prepare(database, "SELECT ifnull(min(sequence), 0) FROM snapshot");
  if (!row) return fail(row.error());
  const int code = sqlite3_step(row->get());
  if (code != SQLITE_ROW) return fail(error_of(database, code, "read the snapshots"));
  return static_cast<std::uint64_t>(sqlite3_column_int64(row->get(), 0));
}

}  // namespace

Result<std::optional<Snapshot>> newest_snapshot(sqlite3* database, const ChainLink& head) {
  auto rows =
      prepare(database, "SELECT sequence, hash, body, digest FROM snapshot ORDER BY sequence DESC");
  if (!rows) return fail(rows.error());
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows->get())) == SQLITE_ROW) {
    const ChainLink at{static_cast<std::uint64_t>(sqlite3_column_int64(rows->get(), 0)),
                       std::string(column_text(rows->get(), 1))};
    const std::string_view body = column_text(rows->get(), 2);
    if (column_text(rows->get(), 3) != snapshot_digest(at.sequence, at.hash, body)) continue;
    if (at.sequence > head.sequence)
      return fail(Errc::Malformed,
                  fmt::format("it ends with record {}, but there was a record {}: its end was cut "
                              "off",
                              head.sequence, at.sequence));
    const auto anchored = is_anchored(database, at);
    if (!anchored) return fail(anchored.error());
    if (!*anchored) continue;
    if (auto state = decode_state(body)) return Snapshot{at, *std::move(state)};
  }
  if (code != SQLITE_DONE) return fail(error_of(database, code, "read the snapshots"));
  return std::nullopt;
}

int insert_snapshot(sqlite3* database, const ChainLink& at, const core::State& state) {
  const std::string body = encode_state(state);
  const std::string digest = snapshot_digest(at.sequence, at.hash, body);
  auto insert = prepare(
      database,
      "INSERT OR REPLACE INTO snapshot(sequence, hash, body, digest) VALUES(?1, ?2, ?3, ?4)");
  if (!insert) return sqlite3_extended_errcode(database);
  sqlite3_bind_int64(insert->get(), 1, static_cast<std::int64_t>(at.sequence));
  bind_blob(insert->get(), 2, at.hash);
  bind_blob(insert->get(), 3, body);
  bind_blob(insert->get(), 4, digest);
  if (const int code = sqlite3_step(insert->get()); code != SQLITE_DONE) return code;
  return run(database,
             "DELETE FROM snapshot WHERE sequence NOT IN"
             " (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT 2)");
}

Result<std::size_t> drop_records(sqlite3* database, std::uint64_t head, WallTime before,
                                 std::size_t most) {
  const auto snapshot = oldest_snapshot(database);
  if (!snapshot) return fail(snapshot.error());
  auto rows =
      prepare(database, "SELECT sequence, hash, wall_ms FROM event ORDER BY sequence LIMIT ?1");
  if (!rows) return fail(rows.error());
  sqlite3_bind_int64(rows->get(), 1, static_cast<std::int64_t>(most));
  ChainLink last;
  std::size_t count = 0;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows->get())) == SQLITE_ROW) {
    const auto sequence = static_cast<std::uint64_t>(sqlite3_column_int64(rows->get(), 0));
    const WallTime wall{std::chrono::milliseconds(sqlite3_column_int64(rows->get(), 2))};
    if (wall >= before || sequence > *snapshot || sequence + 2 > head) break;
    last = {sequence, std::string(column_text(rows->get(), 1))};
    ++count;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    return fail(error_of(database, code, "read the oldest records"));
  if (count == 0) return count;
  rows->reset();
  for (const std::string_view sql :
       {std::string_view("INSERT OR REPLACE INTO anchor(id, sequence, hash) VALUES(1, ?1, ?2)"),
        std::string_view("DELETE FROM event WHERE sequence <= ?1")})
    if (const int failed = run_with(database, sql, last); failed != SQLITE_OK)
      return fail(error_of(database, failed, "drop old records"));
  return count;
}

}  // namespace fieldmedic::journal
