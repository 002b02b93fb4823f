// A journal looked at from outside, while no daemon holds it.
#pragma once

#include <filesystem>
#include <functional>

#include "remediator/journal/journal.hpp"

namespace fieldmedic {

// Checks the whole chain, from the first record that is kept, of a journal's SQLite file, calls
// `visit` with every record in order, and answers the head. The file keeps its content, also what
// stands in its write-ahead log; it is locked meanwhile. Errc::NotFound: no such file; Conflict:
// another process holds it (named as far as known); Malformed: not a journal, of another schema, or
// the record that was altered, named; Denied, Io: as the system says. An error of `visit` ends it
// and is returned.
[[nodiscard]] Result<Head> read_journal_file(const std::filesystem::path& path,
                                             const std::function<Status(const Record&)>& visit);

// Puts a backup in the place of a journal that is lost. What was done since the backup is not in
// it, so it begins paused: `Paused` for everything, with the reason, is appended (S18). The backup
// is checked first and stays as it is. Errc::Conflict: there is a file at `path`.
[[nodiscard]] Result<Head> restore_journal(const std::filesystem::path& backup,
                                           const std::filesystem::path& path, WallTime now);

}  // namespace fieldmedic
