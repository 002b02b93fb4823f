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

constexpr std::string_view kAll =
    "SELECT sequence, incident, name, epoch, wall_ms, boot_id, boot_ms, body, hash"
    " FROM event ORDER BY sequence";
constexpr std::string_view kLastTwo =
    "SELECT sequence, incident, name, epoch, wall_ms, boot_id, boot_ms, body, hash"
    " FROM event WHERE sequence >= (SELECT max(sequence) FROM event) - 1 ORDER BY sequence";
constexpr std::string_view kOfIncident =
    "SELECT sequence, incident, name, epoch, wall_ms, boot_id, boot_ms, body, hash"
    " FROM event WHERE incident = ?1 AND incident > 0 ORDER BY sequence DESC LIMIT ?2";
constexpr int kIncidentColumn = 1;
constexpr int kHashColumn = 8;

std::string_view text_of(sqlite3_stmt* row, int column) {
  const void* bytes = sqlite3_column_blob(row, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

StoredRecord stored_of(sqlite3_stmt* row) {
  return {.sequence = static_cast<std::uint64_t>(sqlite3_column_int64(row, 0)),
          .epoch = static_cast<std::uint64_t>(sqlite3_column_int64(row, 3)),
          .wall_ms = sqlite3_column_int64(row, 4),
          .boot_id = text_of(row, 5),
          .boot_ms = sqlite3_column_int64(row, 6),
          .name = text_of(row, 2),
          .body = text_of(row, 7)};
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
    std::string hash(text_of(rows->get(), kHashColumn));
    intact = hash == record_hash(head.hash, stored);
    head = {stored.sequence, std::move(hash)};
  }
  if (code != SQLITE_DONE) return fail(error_of(database, code, "read the head"));
  if (!intact) return fail(Errc::Malformed, fmt::format("record {}: wrong hash", head.sequence));
  return head;
}

Result<ChainLink> replay_records(sqlite3* database,
                                 const std::function<Status(const Record&)>& visit) {
  auto rows = prepare(database, kAll);
  if (!rows) return fail(rows.error());
  ChainLink end;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(rows->get())) == SQLITE_ROW) {
    const StoredRecord stored = stored_of(rows->get());
    const std::uint64_t expected = end.sequence + 1;
    if (stored.sequence != expected)
      return fail(Errc::Malformed,
                  fmt::format("record {} is missing, {} follows", expected, stored.sequence));
    std::string hash(text_of(rows->get(), kHashColumn));
    if (hash != record_hash(end.hash, stored))
      return fail(Errc::Malformed, fmt::format("record {}: wrong hash", expected));
    const auto record = record_of(rows->get());
    if (!record) return wrap(record.error(), fmt::format("record {}", expected));
    if (auto status = visit(*record); !status) return fail(status.error());
    end = {expected, std::move(hash)};
  }
  if (code != SQLITE_DONE) return fail(error_of(database, code, "replay"));
  return end;
}

Result<std::vector<Record>> records_of(sqlite3* database, core::IncidentId incident,
                                       std::size_t most) {
  auto rows = prepare(database, kOfIncident);
  if (!rows) return fail(rows.error());
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  sqlite3_bind_int64(rows->get(), 1, static_cast<std::int64_t>(incident));
  sqlite3_bind_int64(rows->get(), 2, static_cast<std::int64_t>(std::min(most, kMost)));

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
