#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporter/diagnose/checks.hpp"
#include "exporter/diagnose/quantities.hpp"

namespace fieldmedic {
namespace {

using enum Verdict;

std::string source_of(const LogConfig& config) {
  return fmt::format("{}", fmt::join(config.files, ", "));
}

Evidence judge_lines(const RecentStacks& recent, bool any_file, std::string source) {
  Evidence evidence{.source = std::move(source)};
  if (recent.lines == 0) {
    evidence.verdict = any_file ? Ok : Unknown;
    evidence.text = any_file ? "its log files are empty" : "there is no log file to read";
    return evidence;
  }
  evidence.verdict = recent.stacks > 0 ? Suspect : Ok;
  evidence.text =
      fmt::format("{} and {} in the last {}",
                  counted(static_cast<double>(recent.stacks), "error stack", "error stacks"),
                  counted(static_cast<double>(recent.errors), "error message", "error messages"),
                  counted(static_cast<double>(recent.lines), "line", "lines"));
  evidence.quantity = Quantity{static_cast<double>(recent.stacks), "1"};
  evidence.excerpt = recent.last;
  return evidence;
}

// What the log module knows beside: when it was last written to, whether we lag behind.
void add_beside(const Findings& findings, DiagnosisCheck& check) {
  constexpr const char* kSource = "module log";
  const auto& readings = findings.readings;
  if (const auto at = readings.of_collector("collector_log_last_message_timestamp_seconds")) {
    const double age = age_seconds(*at, findings.at);
    check.evidence.push_back(
        {.text = "last written to " + (age < 1 ? std::string("now") : shown_span(age) + " ago"),
         .quantity = Quantity{age, "seconds"},
         .source = kSource});
  }
  if (readings.of_collector("collector_log_readable") == 0.0)
    check.evidence.push_back({.text = "not every log file can be read", .source = kSource});
}

}  // namespace

DiagnosisCheck check_log(const Findings& findings) {
  DiagnosisCheck check{.id = "D4", .name = "log"};
  if (!findings.log) {
    check.evidence.push_back({.verdict = Unknown,
                              .text = "no log files are configured (log)",
                              .source = "exporter.yml"});
    return check;
  }
  const auto source = source_of(findings.config.log);
  if (*findings.log) {
    const bool any_file = findings.readings.of_collector("collector_log_files").value_or(0) > 0;
    check.evidence.push_back(judge_lines(**findings.log, any_file, source));
  } else {
    check.evidence.push_back({.verdict = Unknown,
                              .text = "cannot be read: " + findings.log->error().message,
                              .source = source});
  }
  add_beside(findings, check);
  return check;
}

}  // namespace fieldmedic
