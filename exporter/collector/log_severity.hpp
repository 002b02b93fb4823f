// How severe one log line says it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace fieldmedic {

enum class Severity {
  Error,
  Warning,
  Info,
  Other
};  // Other: debug, trace, and lines that do not say
inline constexpr std::size_t kSeverities = 4;

// The value of the label `severity`.
[[nodiscard]] constexpr std::string_view to_label(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Info: return "info";
    case Severity::Other: return "other";
  }
  return "other";
}

// In this order, in the first 4 KiB of the line:
// 1. a syslog priority (<11>) or a klog head (E1123 08:05:58) at the beginning;
// 2. a named level, in JSON or logfmt: "level":"error", level=warn, severity: 3; numbers as in
//    syslog (0 to 7) and pino (10 to 60);
// 3. the first word that is a level by its look: ERROR, [warn], "error:" at the beginning;
// 4. the first plain word that tells of trouble: error, failed, exception, warning …
// A line that is not text, or not UTF-8, is read as far as its ASCII goes.
[[nodiscard]] Severity severity_of(std::string_view line);

}  // namespace fieldmedic
