#include "remediator/journal/sqlite_journal.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "remediator/core/fold.hpp"
#include "remediator/journal/event_codec.hpp"
#include "remediator/journal/record_hash.hpp"
#include "remediator/journal/sqlite_file.hpp"
#include "remediator/journal/sqlite_records.hpp"
#include "remediator/journal/sqlite_snapshots.hpp"

namespace fieldmedic {
namespace {

using journal::ChainLink;
using journal::DatabaseHandle;
using journal::StatementHandle;
using journal::StoredRecord;

constexpr int kWalPagesBeforeCheckpoint = 512;      // 2 MiB of log
constexpr std::size_t kSlice = 500;                 // records that tidying looks at in one go
constexpr std::uintmax_t kRoomWanted = 256 * 1024;  // bytes, for a probe to pass: a usual batch

constexpr std::string_view kInsert =
    "INSERT INTO event(sequence, incident, name, epoch, wall_ms, boot_id, boot_ms, body, hash)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
  // An empty view may point nowhere, which SQLite would store as NULL.
  sqlite3_bind_text64(statement, index, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(DatabaseHandle database, JournalLimits limits)
      : database_(std::move(database)), limits_(limits) {}
  ~SqliteJournal() override;

  Status start();
  Head head() const override { return {head_.sequence, journal::to_hex(head_.hash)}; }
  std::expected<Head, AppendFailure> append(const Head& expected, const Stamp& stamp,
                                            const std::vector<core::Event>& events) override;
  std::expected<void, AppendFailure> probe() override;
  Status replay(const std::function<Status(const Record&)>& visit) override;
  Result<std::vector<Record>> timeline(core::IncidentId incident, std::size_t most) override;
  Result<core::State> state() override;
  std::expected<Tidied, AppendFailure> tidy(const core::State& state, WallTime now) override;

 private:
  Result<core::State> read_state();
  [[nodiscard]] Tidied check_behind();
  std::expected<Tidied, AppendFailure> take_snapshot(const core::State& state);
  std::expected<Tidied, AppendFailure> drop_old(WallTime now);
  int insert(const Stamp& stamp, const core::Event& event, std::uint64_t sequence,
             std::string& hash);
  int insert_all(const Stamp& stamp, const std::vector<core::Event>& events, std::string& hash);
  std::expected<void, AppendFailure> in_transaction(std::string_view doing,
                                                    const std::function<int()>& work);
  int checkpoint();
  bool was_moved();
  std::unexpected<AppendFailure> broken(std::string message);
  std::unexpected<AppendFailure> refused_or_broken(int code, std::string_view doing);

  DatabaseHandle database_;
  StatementHandle insert_;  // after database_: finalized before it is closed
  JournalLimits limits_;
  ChainLink head_;
  std::uint64_t snapshot_due_ = 0;  // at this sequence
  // What state() did not read: from here, to the snapshot that it read instead.
  ChainLink behind_;
  ChainLink behind_until_;
  bool may_drop_ = true;
  int wal_pages_ = 0;
  std::string broken_;  // why, once it is
};

SqliteJournal::~SqliteJournal() {
  // What is on disk is not known: leave it to the recovery of the next start.
  if (!broken_.empty() && database_)
    journal::move_log_on_close(database_.get(), journal::MoveLog::No);
}

Status SqliteJournal::start() {
  auto insert = journal::prepare(database_.get(), kInsert);
  if (!insert) return fail(insert.error());
  insert_ = *std::move(insert);
  sqlite3_wal_hook(
      database_.get(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteJournal*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  auto head = journal::read_head(database_.get());
  if (!head) return fail(head.error());
  head_ = *std::move(head);
  journal::move_log_on_close(database_.get(), journal::MoveLog::Yes);
  return {};
}

std::unexpected<AppendFailure> SqliteJournal::broken(std::string message) {
  broken_ = message;
  return std::unexpected(AppendFailure{AppendError::Broken, std::move(message)});
}

std::unexpected<AppendFailure> SqliteJournal::refused_or_broken(int code, std::string_view doing) {
  std::string message = journal::error_of(database_.get(), code, doing).message;
  const bool clean = journal::is_clean_refusal(database_.get(), code);
  const bool open = sqlite3_get_autocommit(database_.get()) == 0;
  if (open && journal::run(database_.get(), "ROLLBACK") != SQLITE_OK)
    return broken(message + "; and the rollback failed");
  if (!clean) return broken(std::move(message));
  return std::unexpected(AppendFailure{AppendError::Refused, std::move(message)});
}

// Writing on into a file that has lost its name would lose all of it at the next start.
bool SqliteJournal::was_moved() {
  int moved = 0;
  const int code = sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return code != SQLITE_OK || moved != 0;
}

int SqliteJournal::insert(const Stamp& stamp, const core::Event& event, std::uint64_t sequence,
                          std::string& hash) {
  const std::string body = encode_event(event);
  const StoredRecord record{.sequence = sequence,
                            .epoch = stamp.epoch,
                            .wall_ms = stamp.wall.time_since_epoch().count(),
                            .boot_id = stamp.boot.boot_id,
                            .boot_ms = stamp.boot.since_boot.count(),
                            .name = core::name_of(event.payload),
                            .body = body};
  hash = journal::record_hash(hash, record);

  sqlite3_stmt* row = insert_.get();
  sqlite3_bind_int64(row, 1, static_cast<std::int64_t>(sequence));
  sqlite3_bind_int64(row, 2, static_cast<std::int64_t>(core::incident_of(event.payload)));
  bind_text(row, 3, record.name);
  sqlite3_bind_int64(row, 4, static_cast<std::int64_t>(record.epoch));
  sqlite3_bind_int64(row, 5, record.wall_ms);
  bind_text(row, 6, record.boot_id);
  sqlite3_bind_int64(row, 7, record.boot_ms);
  bind_text(row, 8, record.body);
  sqlite3_bind_blob64(row, 9, hash.data(), hash.size(), SQLITE_STATIC);
  const int code = sqlite3_step(row);
  sqlite3_reset(row);
  sqlite3_clear_bindings(row);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int SqliteJournal::insert_all(const Stamp& stamp, const std::vector<core::Event>& events,
                              std::string& hash) {
  std::uint64_t sequence = head_.sequence;
  for (const auto& event : events)
    if (const int code = insert(stamp, event, ++sequence, hash); code != SQLITE_OK) return code;
  return SQLITE_OK;
}

// The log is durable already; this moves it into the table. A full disk may wait for the next time.
int SqliteJournal::checkpoint() {
  if (wal_pages_ < kWalPagesBeforeCheckpoint) return SQLITE_OK;
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
  const bool may_wait = journal::is_clean_refusal(database_.get(), code);
  return may_wait ? SQLITE_OK : code;
}

std::expected<Head, AppendFailure> SqliteJournal::append(const Head& expected, const Stamp& stamp,
                                                         const std::vector<core::Event>& events) {
  if (!broken_.empty()) return broken(broken_);
  if (expected != head())
    return std::unexpected(AppendFailure{
        AppendError::Refused, fmt::format("the head is at {}, not at {} or with another hash",
                                          head_.sequence, expected.sequence)});
  if (events.empty()) return expected;
  std::string hash = head_.hash;
  const auto written = in_transaction("insert", [&] { return insert_all(stamp, events, hash); });
  if (!written) return std::unexpected(written.error());
  head_ = {head_.sequence + events.size(), std::move(hash)};
  return head();
}

// Nothing of it or all of it, durable on return. `work` answers an extended result code.
std::expected<void, AppendFailure> SqliteJournal::in_transaction(std::string_view doing,
                                                                 const std::function<int()>& work) {
  if (was_moved()) return broken("the journal's file was moved or removed");
  if (const int code = journal::run(database_.get(), "BEGIN IMMEDIATE"); code != SQLITE_OK)
    return refused_or_broken(code, "begin");
  if (const int code = work(); code != SQLITE_OK) return refused_or_broken(code, doing);
  if (const int code = journal::run(database_.get(), "COMMIT"); code != SQLITE_OK)
    return refused_or_broken(code, "commit");
  if (const int code = checkpoint(); code != SQLITE_OK)
    return broken(journal::error_of(database_.get(), code, "checkpoint").message);
  return {};
}

// What a refused commit left of itself in the log is written over, so one page fits there also when
// nothing else does: the room is asked for by itself.
std::expected<void, AppendFailure> SqliteJournal::probe() {
  if (!broken_.empty()) return broken(broken_);
  if (was_moved()) return broken("the journal's file was moved or removed");
  std::error_code error;
  const auto space = std::filesystem::space(sqlite3_db_filename(database_.get(), "main"), error);
  if (!error && space.available < kRoomWanted)
    return std::unexpected(AppendFailure{
        AppendError::Refused, fmt::format("probe: {} bytes are free on its disk, wants {}",
                                          space.available, kRoomWanted)});
  // Setting a field of the file's header writes its page, also when the value stays.
  const std::string same = fmt::format("PRAGMA user_version = {}", journal::kSchemaVersion);
  if (const int code = journal::run(database_.get(), same.c_str()); code != SQLITE_OK)
    return refused_or_broken(code, "probe");
  return {};
}

Status SqliteJournal::replay(const std::function<Status(const Record&)>& visit) {
  auto begin = journal::read_anchor(database_.get());
  if (!begin) return fail(begin.error());
  const auto end =
      journal::check_records(database_.get(), *std::move(begin), journal::kAllRecords, visit);
  return end ? Status{} : fail(end.error());
}

Result<std::vector<Record>> SqliteJournal::timeline(core::IncidentId incident, std::size_t most) {
  return journal::records_of(database_.get(), incident, most);
}

// What is damaged is left as it is.
Result<core::State> SqliteJournal::state() {
  auto read = read_state();
  if (!read) journal::move_log_on_close(database_.get(), journal::MoveLog::No);
  return read;
}

Result<core::State> SqliteJournal::read_state() {
  auto begin = journal::read_anchor(database_.get());
  if (!begin) return fail(begin.error());
  auto snapshot = journal::newest_snapshot(database_.get(), head_);
  if (!snapshot) return fail(snapshot.error());
  if (!*snapshot && begin->sequence != 0)
    return fail(Errc::Malformed,
                fmt::format("the records up to {} were dropped, and no snapshot of them is intact: "
                            "restore a backup",
                            begin->sequence));
  core::State state;
  behind_ = *begin;
  behind_until_ = *std::move(begin);
  if (*snapshot) {
    state = std::move((*snapshot)->state);
    behind_until_ = std::move((*snapshot)->at);
  }
  snapshot_due_ = behind_until_.sequence + limits_.snapshot_after;
  const auto end = journal::check_records(database_.get(), behind_until_, journal::kAllRecords,
                                          [&state](const Record& record) -> Status {
                                            core::fold(state, record.event);
                                            return {};
                                          });
  if (!end) return fail(end.error());
  return state;
}

std::expected<Tidied, AppendFailure> SqliteJournal::tidy(const core::State& state, WallTime now) {
  if (!broken_.empty()) return broken(broken_);
  if (head_.sequence >= snapshot_due_) return take_snapshot(state);
  if (behind_.sequence < behind_until_.sequence) return check_behind();
  if (may_drop_ && limits_.keep.count() > 0) return drop_old(now);
  return Tidied{};
}

Tidied SqliteJournal::check_behind() {
  auto reached = journal::check_records(
      database_.get(), behind_,
      std::min<std::uint64_t>(kSlice, behind_until_.sequence - behind_.sequence), {});
  std::string altered;
  if (!reached)
    altered = reached.error().message;
  else if (reached->sequence == behind_.sequence ||
           (reached->sequence == behind_until_.sequence && *reached != behind_until_))
    altered =
        fmt::format("record {} is not the one that its snapshot knows", behind_until_.sequence);
  behind_ = altered.empty() ? *std::move(reached) : behind_until_;
  return {true, std::move(altered)};
}

std::expected<Tidied, AppendFailure> SqliteJournal::take_snapshot(const core::State& state) {
  snapshot_due_ = head_.sequence + limits_.snapshot_after;  // also when it is refused
  const auto taken = in_transaction(
      "write a snapshot", [&] { return journal::insert_snapshot(database_.get(), head_, state); });
  if (!taken) return std::unexpected(taken.error());
  may_drop_ = true;
  return Tidied{true, {}};
}

std::expected<Tidied, AppendFailure> SqliteJournal::drop_old(WallTime now) {
  may_drop_ = false;
  std::size_t count = 0;
  const auto dropped = in_transaction("drop old records", [&] {
    const auto rows =
        journal::drop_records(database_.get(), head_.sequence, now - limits_.keep, kSlice);
    if (!rows) return std::max(sqlite3_extended_errcode(database_.get()), SQLITE_ERROR);
    count = *rows;
    return SQLITE_OK;
  });
  if (!dropped) return std::unexpected(dropped.error());
  may_drop_ = count > 0;
  return Tidied{may_drop_, {}};
}

}  // namespace

Result<std::unique_ptr<Journal>> open_sqlite_journal(const std::filesystem::path& path,
                                                     JournalLimits limits) {
  auto database = journal::open_file(path);
  if (!database) return fail(database.error());
  auto opened = std::make_unique<SqliteJournal>(*std::move(database), limits);
  if (auto status = opened->start(); !status)
    return wrap(status.error(), fmt::format("journal {}", path.string()));
  return opened;
}

}  // namespace fieldmedic
