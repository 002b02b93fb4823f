#include "remediator/journal/sqlite_records.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "remediator/journal/event_codec.hpp"
#include "remediator/journal/record_hash.hpp"
#include "remediator/journal/sqlite_file.hpp"

namespace fieldmedic::journal {
namespace {

constexpr std::string_view kAfter =
    "SELECT sequence, incident, name, epoch, wall_ms, boot_id, boot_ms, body, hash"
    " FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
constexpr std::string_view kLastTwo =
    "SELECT sequence, incident, name, epoch, wall_ms, boot_id, boot_ms, body, hash"
    " FROM event WHERE sequence >= (SELECT max(sequence) FROM event) - 1 ORDER BY sequence";
constexpr std::string_view kOfIncident =
    "SELECT sequence, incident, name, epoch, wall_ms, boot_id, boot_ms, body, hash"
    " FROM event WHERE incident = ?1 AND incident > 0 ORDER BY sequence DESC LIMIT ?2";
constexpr std::size_t kMostRows = std::numeric_limits<int>::max();
constexpr int kIncidentColumn = 1;
constexpr int kHashColumn = 8;

StoredRecord stored_of(sqlite3_stmt* row) {
  return {.sequence = static_cast<std::uint64_t>(sqlite3_column_int64(row, 0)),
          .epoch = static_cast<std::uint64_t>(sqlite3_column_int64(row, 3)),
          .wall_ms = sqlite3_column_int64(row, 4),
          .boot_id = column_text(row, 5),
          .boot_ms = sqlite3_column_int64(row, 6),
          .name = column_text(row, 2),
          .body = column_text(row, 7)};
}

Result<Record> record_of(sqlite3_stmt* row) {
  const StoredRecord stored = stored_of(row);
  auto event = decode_event(stored.name, stored.body);
  if (!event) return fail(event.error());
  if (core::incident_of(event->payload) !=
      static_cast<std::uint64_t>(sqlite3_column_int64(row, kIncidentColumn)))
    return fail(Errc::Malformed, "its incident is not the one of its body");
  return Record{.sequence = stored.sequence,
                .epoch = stored.epoch,
                .wall = WallTime(std::chrono::milliseconds(stored.wall_ms)),
                .boot = {std::string(stored.boot_id), std::chrono::milliseconds(stored.boot_ms)},
                .event = *std::move(event)};
}

}  // namespace

// The whole chain is replay's.
Result<ChainLink> read_head(sqlite3* database) {
  auto rows = prepare(database, kLastTwo);
  if (!rows) return fail(rows.error());
  ChainLink head;
  bool intact = true;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows->get())) == SQLITE_ROW) {
    const StoredRecord stored = stored_of(rows->get());
    std::string hash(column_text(rows->get(), kHashColumn));
    intact = hash == record_hash(head.hash, stored);
    head = {stored.sequence, std::move(hash)};
  }
  if (code != SQLITE_DONE) return fail(error_of(database, code, "read the head"));
  if (!intact) return fail(Errc::Malformed, fmt::format("record {}: wrong hash", head.sequence));
  return head;
}

Result<ChainLink> read_anchor(sqlite3* database) {
  auto table = prepare(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'anchor'");
  if (!table) return fail(table.error());
  if (const int code = sqlite3_step(table->get()); code != SQLITE_ROW)
    return fail(error_of(database, code, "read the schema"));
  if (sqlite3_column_int64(table->get(), 0) == 0) return ChainLink{};  // of schema 1
  auto row = prepare(database, "SELECT sequence, hash FROM anchor");
  if (!row) return fail(row.error());
  const int code = sqlite3_step(row->get());
  if (code == SQLITE_DONE) return ChainLink{};
  if (code != SQLITE_ROW) return fail(error_of(database, code, "read the anchor"));
  return ChainLink{static_cast<std::uint64_t>(sqlite3_column_int64(row->get(), 0)),
                   std::string(column_text(row->get(), 1))};
}

Result<ChainLink> check_records(sqlite3* database, ChainLink from, std::size_t most,
                                const std::function<Status(const Record&)>& visit) {
  auto rows = prepare(database, kAfter);
  if (!rows) return fail(rows.error());
  sqlite3_bind_int64(rows->get(), 1, static_cast<std::int64_t>(from.sequence));
  sqlite3_bind_int64(rows->get(), 2, static_cast<std::int64_t>(std::min(most, kMostRows)));
  ChainLink end = std::move(from);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows->get())) == SQLITE_ROW) {
    const StoredRecord stored = stored_of(rows->get());
    const std::uint64_t expected = end.sequence + 1;
    if (stored.sequence != expected)
      return fail(Errc::Malformed,
                  fmt::format("record {} is missing, {} follows", expected, stored.sequence));
    std::string hash(column_text(rows->get(), kHashColumn));
    if (hash != record_hash(end.hash, stored))
      return fail(Errc::Malformed, fmt::format("record {}: wrong hash", expected));
    if (visit) {
      const auto record = record_of(rows->get());
      if (!record) return wrap(record.error(), fmt::format("record {}", expected));
      if (auto status = visit(*record); !status) return fail(status.error());
    }
    end = {expected, std::move(hash)};
  }
  if (code != SQLITE_DONE) return fail(error_of(database, code, "replay"));
  return end;
}

Result<std::vector<Record>> records_of(sqlite3* database, core::IncidentId incident,
                                       std::size_t most) {
  auto rows = prepare(database, kOfIncident);
  if (!rows) return fail(rows.error());
  sqlite3_bind_int64(rows->get(), 1, static_cast<std::int64_t>(incident));
  sqlite3_bind_int64(rows->get(), 2, static_cast<std::int64_t>(std::min(most, kMostRows)));

  std::vector<Record> records;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows->get())) == SQLITE_ROW) {
    auto record = record_of(rows->get());
    if (!record)
      return wrap(record.error(), fmt::format("record {}", sqlite3_column_int64(rows->get(), 0)));
    records.push_back(*std::move(record));
  }
  if (code != SQLITE_DONE) return fail(error_of(database, code, "timeline"));
  std::ranges::reverse(records);
  return records;
}

}  // namespace fieldmedic::journal
