#include "exporter/collector/log_severity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include <re2/re2.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kLookedAt = 4096;

struct Word {
  std::string_view text;
  Severity severity;
};

constexpr Word kWords[] = {
    {"emerg", Severity::Error},        {"emergency", Severity::Error},
    {"alert", Severity::Error},        {"critical", Severity::Error},
    {"crit", Severity::Error},         {"fatal", Severity::Error},
    {"panic", Severity::Error},        {"severe", Severity::Error},
    {"error", Severity::Error},        {"err", Severity::Error},
    {"exception", Severity::Error},    {"failed", Severity::Error},
    {"failure", Severity::Error},      {"warning", Severity::Warning},
    {"warn", Severity::Warning},       {"wrn", Severity::Warning},
    {"info", Severity::Info},          {"information", Severity::Info},
    {"informational", Severity::Info}, {"inf", Severity::Info},
    {"notice", Severity::Info},
};

// Latin-1, so that bytes that are no UTF-8 do not end the search; and a bounded cache, since the
// exporter is to stay small.
re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return options;
}

const re2::RE2& named_level() {
  static const re2::RE2 kExpression(
      R"((?i)(?:^|[\s{,"'\[(])(?:log[._])?(?:level|levelname|lvl|severity)["']?\s*[:=]\s*["']?)"
      R"(([a-z]+|\d{1,3})\b)",
      options());
  return kExpression;
}

const re2::RE2& level_by_look() {
  static const re2::RE2 kExpression(
      R"(\b(?:EMERG|EMERGENCY|ALERT|CRITICAL|CRIT|FATAL|PANIC|SEVERE|ERROR|ERR|WARNING|WARN|WRN|)"
      R"(INFORMATION|INFO|INF|NOTICE|DEBUG|DBG|TRACE|VERBOSE|FINE|FINER|FINEST)\b|)"
      R"([\[(<|](?i:emerg|alert|critical|crit|fatal|panic|severe|error|err|warning|warn|info|notice|)"
      R"(debug|trace)[\])>|]|)"
      R"(^(?i:critical|fatal|panic|error|err|warning|warn|info|notice|debug|trace)\s*:)",
      options());
  return kExpression;
}

const re2::RE2& plain_word() {
  static const re2::RE2 kExpression(
      R"((?i)\b(?:critical|fatal|panic|severe|error|exception|failed|failure|warning|warn)\b|)"
      R"([a-z](?:Exception|Error)\b)",
      options());
  return kExpression;
}

std::optional<Severity> severity_of_word(std::string_view word) {
  std::string lower;
  for (const char c : word) {
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) lower += static_cast<char>(c | 0x20);
  }
  const auto* const found = std::ranges::find(kWords, std::string_view(lower), &Word::text);
  return found == std::end(kWords) ? std::nullopt : std::optional(found->severity);
}

Severity severity_of_syslog(unsigned level) {
  if (level <= 3) return Severity::Error;
  if (level == 4) return Severity::Warning;
  return level <= 6 ? Severity::Info : Severity::Other;
}

Severity severity_of_number(unsigned level) {
  if (level <= 7) return severity_of_syslog(level);
  if (level >= 50) return Severity::Error;
  if (level >= 40) return Severity::Warning;
  return level >= 30 ? Severity::Info : Severity::Other;
}

std::optional<Severity> severity_of_head(std::string_view line) {
  unsigned priority = 0;
  if (line.starts_with('<')) {
    const auto [end, error] = std::from_chars(
        line.data() + 1, line.data() + std::min<std::size_t>(line.size(), 4), priority);
    const bool closed = error == std::errc{} && end != line.data() + line.size() && *end == '>';
    if (closed && priority <= 191) return severity_of_syslog(priority & 7U);
  }
  // klog: "E1123 08:05:58.123456 …"
  const auto digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
  if (line.size() < 8 || line[5] != ' ' || !digit(1) || !digit(2) || !digit(3) || !digit(4) ||
      !digit(6)) {
    return std::nullopt;
  }
  switch (line.front()) {
    case 'E':
    case 'F': return Severity::Error;
    case 'W': return Severity::Warning;
    case 'I': return Severity::Info;
    default: return std::nullopt;
  }
}

std::optional<re2::StringPiece> first_match(const re2::RE2& expression, std::string_view line,
                                            int group) {
  std::array<re2::StringPiece, 2> found;
  const re2::StringPiece text(line.data(), line.size());
  if (!expression.Match(text, 0, text.size(), re2::RE2::UNANCHORED, found.data(), group + 1)) {
    return std::nullopt;
  }
  return found[static_cast<std::size_t>(group)];
}

std::string_view view(const re2::StringPiece& piece) {
  return {piece.data(), piece.size()};
}

}  // namespace

Severity severity_of(std::string_view line) {
  line = line.substr(0, kLookedAt);
  if (const auto severity = severity_of_head(line)) return *severity;
  if (const auto level = first_match(named_level(), line, 1)) {
    const auto word = view(*level);
    unsigned number = 0;
    if (std::from_chars(word.data(), word.data() + word.size(), number).ec == std::errc{}) {
      return severity_of_number(number);
    }
    // "level": "customers" is no level at all; "debug" is one that we do not count apart.
    if (const auto severity = severity_of_word(word)) return *severity;
  }
  if (const auto word = first_match(level_by_look(), line, 0)) {
    return severity_of_word(view(*word)).value_or(Severity::Other);
  }
  if (const auto word = first_match(plain_word(), line, 0)) {
    return severity_of_word(view(*word)).value_or(Severity::Error);  // "…Exception", "…Error"
  }
  return Severity::Other;
}

}  // namespace fieldmedic
