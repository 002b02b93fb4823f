#include "remediator/journal/sqlite_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <sqlite3.h>

namespace fieldmedic::journal {
namespace {

constexpr std::int64_t kApplicationId = 0x466D'4A72;  // "FmJr"

// locking_mode comes before anything that reads the file: so SQLite keeps the index of the WAL in
// its own memory instead of a mapped -shm file, which a full disk would turn into a SIGBUS.
// Checkpoints are ours (sqlite_journal.cpp): SQLite's own drops their errors (S17).
constexpr const char* kSettings = R"(
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA trusted_schema = OFF;
PRAGMA mmap_size = 0;
PRAGMA cache_size = -256;
PRAGMA temp_store = MEMORY;
PRAGMA wal_autocheckpoint = 0;
PRAGMA synchronous = FULL;
)";

// Schema 1. One row an event. `incident` repeats what the body says, for timelines; 0 belongs to
// none.
constexpr const char* kSchema = R"(
BEGIN IMMEDIATE;
CREATE TABLE event(
  sequence INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL,
  name     TEXT    NOT NULL,
  epoch    INTEGER NOT NULL,
  wall_ms  INTEGER NOT NULL,
  boot_id  TEXT    NOT NULL,
  boot_ms  INTEGER NOT NULL,
  body     TEXT    NOT NULL,
  hash     BLOB    NOT NULL
) STRICT;
CREATE INDEX event_of_incident ON event(incident) WHERE incident > 0;
PRAGMA application_id = 1181567602;
PRAGMA user_version = 1;
COMMIT;
)";
static_assert(kApplicationId == 1181567602);

// From schema 1 to 2. `anchor`: the last record that was dropped, from which the chain goes on.
constexpr const char* kSnapshots = R"(
BEGIN IMMEDIATE;
CREATE TABLE snapshot(
  sequence INTEGER PRIMARY KEY,
  hash     BLOB NOT NULL,
  body     BLOB NOT NULL,
  digest   BLOB NOT NULL
) STRICT;
CREATE TABLE anchor(
  id       INTEGER PRIMARY KEY CHECK(id = 1),
  sequence INTEGER NOT NULL,
  hash     BLOB NOT NULL
) STRICT;
PRAGMA user_version = 2;
COMMIT;
)";
static_assert(kSchemaVersion == 2);

Errc code_of(int code, int system_errno) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::Conflict;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return Errc::Malformed;
    case SQLITE_FULL: return Errc::Full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return Errc::Denied;
    case SQLITE_CANTOPEN:
      return system_errno == EACCES || system_errno == EROFS || system_errno == EPERM ? Errc::Denied
                                                                                      : Errc::Io;
    default: return Errc::Io;
  }
}

Error error_of_errno(int number, std::string_view doing) {
  const Errc code = number == ENOENT || number == ENOTDIR                    ? Errc::NotFound
                    : number == EACCES || number == EPERM || number == EROFS ? Errc::Denied
                    : number == ENOSPC || number == EDQUOT                   ? Errc::Full
                                                                             : Errc::Io;
  return {code, fmt::format("{}: {}", doing, std::strerror(number))};
}

// Created by us, so that nobody else may read it and its name survives a power cut. An existing
// file is not touched: closing any descriptor of it would drop the locks that this process holds.
Status create_file(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) {
    if (errno == EEXIST) return {};
    return fail(error_of_errno(errno, "create"));
  }
  close(file);
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int folder = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int synced = folder < 0 ? -1 : fsync(folder);
  const int number = errno;
  if (folder >= 0) close(folder);
  if (synced != 0) return fail(error_of_errno(number, "sync its folder"));
  return {};
}

// The process that holds a lock on the file, from /proc/locks; empty when it is not told.
std::string lock_holder(const std::filesystem::path& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) return {};
  const auto wanted =
      fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev), file.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    // "1: POSIX  ADVISORY  WRITE 4711 fe:01:1234 1073741824 1073742335"
    std::istringstream words(line);
    std::string number, type, advisory, mode, pid, inode;
    if (words >> number >> type >> advisory >> mode >> pid >> inode && inode == wanted) return pid;
  }
  return {};
}

// The one number that a PRAGMA or a SELECT answers.
Result<std::int64_t> ask_number(sqlite3* database, std::string_view sql) {
  auto statement = prepare(database, sql);
  if (!statement) return fail(statement.error());
  const int code = sqlite3_step(statement->get());
  if (code != SQLITE_ROW) return fail(error_of(database, code, sql));
  return sqlite3_column_int64(statement->get(), 0);
}

Status enter_wal(sqlite3* database) {
  auto statement = prepare(database, "PRAGMA journal_mode = WAL");
  if (!statement) return fail(statement.error());
  const int code = sqlite3_step(statement->get());
  if (code != SQLITE_ROW) return fail(error_of(database, code, "enter WAL mode"));
  const auto* mode = sqlite3_column_text(statement->get(), 0);
  if (mode == nullptr || std::string_view(reinterpret_cast<const char*>(mode)) != "wal")
    return fail(Errc::Io, "this file system cannot hold a write-ahead log");
  return {};
}

// What the file says it is.
struct Marks {
  std::int64_t tables = 0;
  std::int64_t application = 0;
  std::int64_t version = 0;

  [[nodiscard]] bool blank() const { return tables == 0 && application == 0 && version == 0; }
};

Result<Marks> read_marks(sqlite3* database) {
  const auto tables = ask_number(database, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return fail(tables.error());
  const auto application = ask_number(database, "PRAGMA application_id");
  if (!application) return fail(application.error());
  const auto version = ask_number(database, "PRAGMA user_version");
  if (!version) return fail(version.error());
  return Marks{*tables, *application, *version};
}

Status check_marks(const Marks& marks) {
  if (marks.application != kApplicationId)
    return fail(Errc::Malformed, "a SQLite file, but not a journal of Fieldmedic");
  if (marks.version < 1 || marks.version > kSchemaVersion)
    return fail(Errc::Malformed, fmt::format("a journal of schema {}, this Fieldmedic knows {}",
                                             marks.version, kSchemaVersion));
  return {};
}

Status settle_schema(sqlite3* database, const Marks& marks) {
  if (marks.version == kSchemaVersion) return {};
  if (marks.blank())
    if (const int code = run(database, kSchema); code != SQLITE_OK)
      return fail(error_of(database, code, "create the schema"));
  if (const int code = run(database, kSnapshots); code != SQLITE_OK)
    return fail(error_of(database, code, "migrate the schema"));
  return {};
}

// Everything after the file is open, up to the lock and the schema.
Status settle(sqlite3* database) {
  sqlite3_extended_result_codes(database, 1);
  move_log_on_close(database, MoveLog::No);
  if (sqlite3_db_readonly(database, "main") != 0)
    return fail(Errc::Denied, "may only be read, not written");
  if (const int code = run(database, kSettings); code != SQLITE_OK)
    return fail(error_of(database, code, "set it up"));
  const auto marks = read_marks(database);
  if (!marks) return fail(marks.error());
  if (!marks->blank())
    if (auto known = check_marks(*marks); !known) return known;
  if (auto status = enter_wal(database); !status) return status;  // changes the file
  return settle_schema(database, *marks);
}

Status settle_reading(sqlite3* database) {
  sqlite3_extended_result_codes(database, 1);
  move_log_on_close(database, MoveLog::No);
  if (const int code = run(database, kSettings); code != SQLITE_OK)
    return fail(error_of(database, code, "set it up"));
  const auto marks = read_marks(database);
  if (!marks) return fail(marks.error());
  return check_marks(*marks);
}

// SQLite takes the log of an empty table for nothing and removes it.
Status check_not_emptied(const std::filesystem::path& path) {
  std::error_code error;  // what cannot be looked at is told by the opening
  const bool empty = std::filesystem::file_size(path, error) == 0 && !error;
  const auto log = std::filesystem::file_size(path.string() + "-wal", error);
  if (empty && !error && log > 0)
    return fail(Errc::Malformed, "it is empty, but its write-ahead log is not");
  return {};
}

// Opens what is there; `settle_it` takes the lock and checks the schema.
Result<DatabaseHandle> open_with(const std::filesystem::path& path, Status (*settle_it)(sqlite3*)) {
  const auto named = fmt::format("journal {}", path.string());
  if (auto status = check_not_emptied(path); !status) return wrap(status.error(), named);
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  DatabaseHandle database(opened);
  if (code != SQLITE_OK) return wrap(error_of(opened, code, "open"), named);

  if (auto status = settle_it(opened); !status) {
    if (status.error().code != Errc::Conflict) return wrap(status.error(), named);
    const auto holder = lock_holder(path);
    return fail(Errc::Conflict,
                fmt::format("{}: held by another process{}", named,
                            holder.empty() ? std::string() : fmt::format(" (pid {})", holder)));
  }
  return database;
}

bool says_no(int code) {
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
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER,
                           static_cast<void*>(&log)) == SQLITE_OK &&
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

}  // namespace

void CloseDatabase::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

void move_log_on_close(sqlite3* database, MoveLog move) {
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, move == MoveLog::No ? 1 : 0,
                    nullptr);
}

void FinalizeStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<DatabaseHandle> open_file(const std::filesystem::path& path) {
  const auto named = fmt::format("journal {}", path.string());
  if (auto created = create_file(path); !created) return wrap(created.error(), named);
  return open_with(path, settle);
}

Result<DatabaseHandle> open_existing_file(const std::filesystem::path& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0)
    return fail(error_of_errno(errno, fmt::format("journal {}", path.string())));
  return open_with(path, settle_reading);
}

Result<StatementHandle> prepare(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return fail(error_of(database, code, sql));
  return StatementHandle(statement);
}

bool is_clean_refusal(sqlite3* database, int code) {
  return says_no(code) || is_used_up_quota(database, code);
}

std::string_view column_text(sqlite3_stmt* row, int column) {
  const void* bytes = sqlite3_column_blob(row, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

int run(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
}

Error error_of(sqlite3* database, int code, std::string_view doing) {
  if (database == nullptr) return {Errc::Io, fmt::format("{}: out of memory", doing)};
  const int number = sqlite3_system_errno(database);
  auto message = fmt::format("{}: {} (SQLite {})", doing, sqlite3_errmsg(database), code);
  if (number != 0) message += fmt::format(": {}", std::strerror(number));
  return {code_of(code, number), std::move(message)};
}

}  // namespace fieldmedic::journal
