// Error stacks among the last lines of a log: the evidence of check D4 (requirements.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/collector/log_config.hpp"
#include "exporter/collector/log_files.hpp"
#include "exporter/collector/severity_rules.hpp"

namespace fieldmedic {

struct RecentStacks {
  std::size_t lines = 0;   // looked at
  std::size_t errors = 0;  // messages of severity error among them, those of the stacks included
  std::size_t stacks = 0;
  std::string last;  // the beginning of the last stack, at most 2 KiB of UTF-8, whatever was logged

  RecentStacks& operator+=(const RecentStacks& newer);
};

inline constexpr std::size_t kDiagnosedLines = 1000;

// Among the last `most_lines` lines of `text`. Pure.
[[nodiscard]] RecentStacks find_stacks(std::string_view text, std::size_t most_lines,
                                       const SeverityRules& rules);

// In each log file of a collector: the last `most_lines` lines, at most 1 MiB of them, over the
// last rotation when the file is young. Of a pattern the eight files that were written to last. The
// first error when no file can be read; a file that is not there is none.
[[nodiscard]] Result<RecentStacks> recent_stacks(LogFiles& files, const LogConfig& config,
                                                 std::size_t most_lines, SteadyTime deadline);

}  // namespace fieldmedic
