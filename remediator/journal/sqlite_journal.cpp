#include "remediator/journal/sqlite_journal.hpp"

#include <cerrno>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "remediator/journal/event_codec.hpp"
#include "remediator/journal/record_hash.hpp"
#include "remediator/journal/sqlite_file.hpp"
#include "remediator/journal/sqlite_records.hpp"

namespace fieldmedic {
namespace {

using journal::DatabaseHandle;
using journal::StatementHandle;
using journal::StoredRecord;

constexpr int kWalPagesBeforeCheckpoint = 512;      // 2 MiB of log
constexpr std::uintmax_t kRoomWanted = 256 * 1024;  // bytes, for a probe to pass: a usual batch

constexpr std::string_view kInsert =
    "INSERT INTO event(sequence, incident, name, epoch, wall_ms, boot_id, boot_ms, body, hash)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

// Nothing was written, provided that the transaction could be rolled back. In WAL mode that holds
// for a full disk in the middle of COMMIT too: the frame that marks the commit is written last, so
// it is not there, and what is there is written over by the next transaction.
bool is_clean_refusal(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG: return true;
    default: return false;
  }
}

// What the last failed call on the log's file gave as errno; SQLite keeps it a file.
int errno_of_log(sqlite3* database) {
  sqlite3_file* log = nullptr;
  int number = 0;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
      log != nullptr && log->pMethods != nullptr)
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
  return number;
}

// SQLite knows a full disk, but takes a used-up quota for an I/O error. Nothing was written then
// either.
bool is_used_up_quota(sqlite3* database, int code) {
  if (code != SQLITE_IOERR_WRITE) return false;
  int of_table = 0;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_LAST_ERRNO, &of_table);
  return errno_of_log(database) == EDQUOT || of_table == EDQUOT;
}

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
  // An empty view may point nowhere, which SQLite would store as NULL.
  sqlite3_bind_text64(statement, index, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

class SqliteJournal final : public Journal {
 public:
  explicit SqliteJournal(DatabaseHandle database) : database_(std::move(database)) {}
  ~SqliteJournal() override;

  Status start();
  Head head() const override { return {sequence_, journal::to_hex(hash_)}; }
  std::expected<Head, AppendFailure> append(const Head& expected, const Stamp& stamp,
                                            const std::vector<core::Event>& events) override;
  std::expected<void, AppendFailure> probe() override;
  Status replay(const std::function<Status(const Record&)>& visit) override;
  Result<std::vector<Record>> timeline(core::IncidentId incident, std::size_t most) override;

 private:
  Status read_head();
  int insert(const Stamp& stamp, const core::Event& event, std::uint64_t sequence,
             std::string& hash);
  int insert_all(const Stamp& stamp, const std::vector<core::Event>& events, std::string& hash);
  int checkpoint();
  bool was_moved();
  std::unexpected<AppendFailure> broken(std::string message);
  std::unexpected<AppendFailure> refused_or_broken(int code, std::string_view doing);

  DatabaseHandle database_;
  StatementHandle insert_;  // after database_: finalized before it is closed
  std::uint64_t sequence_ = 0;
  std::string hash_;  // 32 bytes; empty before the first record
  int wal_pages_ = 0;
  std::string broken_;  // why, once it is
};

SqliteJournal::~SqliteJournal() {
  // What is on disk is not known: leave it to the recovery of the next start.
  if (!broken_.empty() && database_)
    sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
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
  return read_head();
}

Status SqliteJournal::read_head() {
  auto head = journal::read_head(database_.get());
  if (!head) return fail(head.error());
  sequence_ = head->sequence;
  hash_ = std::move(head->hash);
  return {};
}

std::unexpected<AppendFailure> SqliteJournal::broken(std::string message) {
  broken_ = message;
  return std::unexpected(AppendFailure{AppendError::Broken, std::move(message)});
}

std::unexpected<AppendFailure> SqliteJournal::refused_or_broken(int code, std::string_view doing) {
  std::string message = journal::error_of(database_.get(), code, doing).message;
  const bool clean = is_clean_refusal(code) || is_used_up_quota(database_.get(), code);
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
  std::uint64_t sequence = sequence_;
  for (const auto& event : events)
    if (const int code = insert(stamp, event, ++sequence, hash); code != SQLITE_OK) return code;
  return SQLITE_OK;
}

// The log is durable already; this moves it into the table. A full disk may wait for the next time.
int SqliteJournal::checkpoint() {
  if (wal_pages_ < kWalPagesBeforeCheckpoint) return SQLITE_OK;
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
  const bool may_wait = is_clean_refusal(code) || is_used_up_quota(database_.get(), code);
  return may_wait ? SQLITE_OK : code;
}

std::expected<Head, AppendFailure> SqliteJournal::append(const Head& expected, const Stamp& stamp,
                                                         const std::vector<core::Event>& events) {
  if (!broken_.empty()) return broken(broken_);
  if (expected != head())
    return std::unexpected(AppendFailure{
        AppendError::Refused, fmt::format("the head is at {}, not at {} or with another hash",
                                          sequence_, expected.sequence)});
  if (events.empty()) return expected;
  if (was_moved()) return broken("the journal's file was moved or removed");

  if (const int code = journal::run(database_.get(), "BEGIN IMMEDIATE"); code != SQLITE_OK)
    return refused_or_broken(code, "begin");
  std::string hash = hash_;
  if (const int code = insert_all(stamp, events, hash); code != SQLITE_OK)
    return refused_or_broken(code, "insert");
  if (const int code = journal::run(database_.get(), "COMMIT"); code != SQLITE_OK)
    return refused_or_broken(code, "commit");
  sequence_ += events.size();
  hash_ = std::move(hash);

  if (const int code = checkpoint(); code != SQLITE_OK)
    return broken(journal::error_of(database_.get(), code, "checkpoint").message);
  return head();
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
  const auto end = journal::replay_records(database_.get(), visit);
  return end ? Status{} : fail(end.error());
}

Result<std::vector<Record>> SqliteJournal::timeline(core::IncidentId incident, std::size_t most) {
  return journal::records_of(database_.get(), incident, most);
}

}  // namespace

Result<std::unique_ptr<Journal>> open_sqlite_journal(const std::filesystem::path& path) {
  auto database = journal::open_file(path);
  if (!database) return fail(database.error());
  auto opened = std::make_unique<SqliteJournal>(*std::move(database));
  if (auto status = opened->start(); !status)
    return wrap(status.error(), fmt::format("journal {}", path.string()));
  return opened;
}

}  // namespace fieldmedic
