// `fieldmedic journal …`: a journal file looked at while no remediator holds it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>

#include "common/clock.hpp"
#include "common/result.hpp"

namespace fieldmedic::tool {

struct VerifyJournal {
  std::filesystem::path file;
};

struct DumpJournal {
  std::filesystem::path file;
  std::uint64_t incident = 0;  // 0: every record
};

struct RestoreJournal {
  std::filesystem::path backup;
  std::filesystem::path file;
};

// Checks the whole chain of hashes, and says where it ends. Errors as read_journal_file gives them.
[[nodiscard]] Status verify_journal(const VerifyJournal& command, std::ostream& out);

// Every record as a line of JSON, checked on the way.
[[nodiscard]] Status dump_journal(const DumpJournal& command, std::ostream& out);

// Puts a backup where a journal was lost, to begin paused.
[[nodiscard]] Status restore(const RestoreJournal& command, const Clock& clock, std::ostream& out);

}  // namespace fieldmedic::tool
