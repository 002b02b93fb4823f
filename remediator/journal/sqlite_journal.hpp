// The journal in one SQLite file: WAL, synchronous=FULL, an exclusive lock for as long as it is
// open.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "remediator/journal/journal.hpp"

namespace fieldmedic {

struct JournalLimits {
  std::uint64_t snapshot_after = 20'000;  // records since the last snapshot
  std::chrono::milliseconds keep{0};      // records older than this may be dropped; 0: none
};

// Opens or creates the file (0600) and its schema (an older one is migrated), takes the exclusive
// lock, and reads the head. Errc::Conflict: another process holds it (named in the message as far
// as known); Malformed: not a journal of ours, damaged, or of a newer schema; Full, Io, Denied: as
// the system says.
[[nodiscard]] Result<std::unique_ptr<Journal>> open_sqlite_journal(
    const std::filesystem::path& path, JournalLimits limits = {});

}  // namespace fieldmedic
