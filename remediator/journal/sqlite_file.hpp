// A SQLite file of ours, opened for one writer: handles, settings, schema, and what its errors
// mean.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "common/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace fieldmedic::journal {

constexpr int kSchemaVersion = 2;

struct CloseDatabase {
  void operator()(sqlite3* database) const;
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const;
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Whether closing moves the write-ahead log into the table and removes it. What is damaged, or
// whose state on disk is not known, is left as it is.
enum class MoveLog { No, Yes };
void move_log_on_close(sqlite3* database, MoveLog move);

// Opens or creates (0600, folder synced) the journal's file, takes the exclusive lock and keeps it,
// creates, migrates or checks the schema. Closing leaves the log as it is, unless told otherwise.
// Errors as open_sqlite_journal gives them.
[[nodiscard]] Result<DatabaseHandle> open_file(const std::filesystem::path& path);

// Opens one that is there, under the same lock, to be read: nothing is created, migrated or moved
// out of the write-ahead log. Errc::NotFound: there is none.
[[nodiscard]] Result<DatabaseHandle> open_existing_file(const std::filesystem::path& path);

[[nodiscard]] Result<StatementHandle> prepare(sqlite3* database, std::string_view sql);

// The bytes of a column, until the next step; empty for NULL.
[[nodiscard]] std::string_view column_text(sqlite3_stmt* row, int column);

// Runs one statement that answers nothing of interest; the extended result code, 0 for success.
[[nodiscard]] int run(sqlite3* database, const char* sql);

// After a call that failed with `code`: nothing was written, provided that the transaction could be
// rolled back (a full disk, a used-up quota, busy). In WAL mode that holds for a full disk in the
// middle of COMMIT too: the frame that marks the commit is written last, so it is not there, and
// what is there is written over by the next transaction.
[[nodiscard]] bool is_clean_refusal(sqlite3* database, int code);

// The last failure of a call on `database`, whose extended result code was `code`.
[[nodiscard]] Error error_of(sqlite3* database, int code, std::string_view doing);

}  // namespace fieldmedic::journal
