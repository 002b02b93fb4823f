// `fieldmedic replay`: a journal judged by a new configuration.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "common/result.hpp"
#include "tool/exit_code.hpp"

namespace fieldmedic::tool {

struct ReplayJournal {
  std::filesystem::path config;
  std::filesystem::path journal;
};

// A line each difference, and how many there were of how many decisions. ExitCode::No: some would
// differ. Errors as read_journal_file gives them, and Errc::Invalid: every fault of the
// configuration, a line each.
[[nodiscard]] Result<ExitCode> replay_journal(const ReplayJournal& command, std::ostream& out);

}  // namespace fieldmedic::tool
