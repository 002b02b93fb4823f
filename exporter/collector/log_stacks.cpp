#include "exporter/collector/log_stacks.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/utf8.hpp"
#include "common/utf8_cut.hpp"
#include "exporter/collector/log_patterns.hpp"
#include "exporter/collector/log_rotation.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostBytes = 1024uz * 1024;  // of one file
constexpr std::size_t kMostShown = 2048;
constexpr std::size_t kMostFiles = 8;  // of one pattern

// Bytes that are no UTF-8 become '?'; control characters but newline and tab too.
std::string printable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto length = utf8_sequence_length(text);
    const bool control = length == 1 && static_cast<unsigned char>(text.front()) < ' ' &&
                         text.front() != '\t' && text.front() != '\n';
    if (length == 0 || control) {
      clean += '?';
      text.remove_prefix(1);
    } else {
      clean += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return std::string(cut_utf8(clean, kMostShown));
}

// A line that is cut may end inside of a password, where nobody recognizes it as one.
std::string_view whole_lines(std::string_view text) {
  if (text.size() <= kMostShown) return text;
  text = text.substr(0, kMostShown);
  const auto newline = text.rfind('\n');
  const auto end = newline == text.npos ? text.find_last_of(" \t") : newline;
  return text.substr(0, end == text.npos ? 0 : end);
}

std::string_view last_lines(std::string_view text, std::size_t most_lines) {
  auto begin = text.size();
  if (text.ends_with('\n')) --begin;
  for (std::size_t lines = 0; lines < most_lines; ++lines) {
    const auto newline = begin == 0 ? text.npos : text.rfind('\n', begin - 1);
    if (newline == text.npos) return text;
    begin = newline;
  }
  return text.substr(begin + 1);
}

// What rotation left of `name`, the newest first, and the file itself in front.
std::vector<std::string> with_old_generations(const LogPattern& pattern, const std::string& name,
                                              const std::vector<FolderEntry>& entries) {
  std::vector<std::string> paths{join_path(pattern.folder, name)};
  for (const auto& entry : entries) {
    if (is_old_generation(entry.name, name)) paths.push_back(join_path(pattern.folder, entry.name));
  }
  return paths;
}

// The names that the pattern stands for now, those written to last in front.
std::vector<std::string> names_of(const LogPattern& pattern,
                                  const std::vector<FolderEntry>& entries) {
  if (!pattern.wild) return {pattern.name};
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    if (pattern.matches(entry.name)) names.push_back(entry.name);
  }
  names = without_old_generations(std::move(names));
  if (names.size() > kMostFiles) names.resize(kMostFiles);
  return names;
}

Result<std::string> read_last_lines(LogFiles& files, const std::vector<std::string>& paths,
                                    std::size_t most_lines, SteadyTime deadline) {
  std::string text;
  for (const auto& path : paths) {
    auto end = files.read_end(path, kMostBytes - text.size(), deadline);
    if (!end && end.error().code != Errc::NotFound) return fail(std::move(end.error()));
    if (end) text.insert(0, *end);
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    if (lines >= most_lines || text.size() >= kMostBytes) break;
  }
  return text;
}

}  // namespace

RecentStacks& RecentStacks::operator+=(const RecentStacks& newer) {
  lines += newer.lines;
  errors += newer.errors;
  stacks += newer.stacks;
  if (!newer.last.empty()) last = newer.last;
  return *this;
}

RecentStacks find_stacks(std::string_view text, std::size_t most_lines,
                         const SeverityRules& rules) {
  RecentStacks recent;
  LogClassifier classifier(rules);
  text = last_lines(text, most_lines);
  std::optional<std::string_view> message;  // where the last message began
  std::string_view last;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto verdict = classifier.classify(text.substr(0, end));
    ++recent.lines;
    if (verdict.message || verdict.stack) message = verdict.message ? text : message.value_or(text);
    if (verdict.message == Severity::Error) ++recent.errors;
    if (verdict.stack) {
      ++recent.stacks;
      last = *message;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  recent.last = printable(whole_lines(last));
  return recent;
}

Result<RecentStacks> recent_stacks(LogFiles& files, const LogConfig& config, std::size_t most_lines,
                                   SteadyTime deadline) {
  const SeverityRules rules(config.severity);
  RecentStacks all;
  std::optional<Error> error;
  for (const auto& text : config.files) {
    const auto pattern = LogPattern::parse(text);
    if (!pattern) continue;  // told when the configuration was read
    // A folder that must not be listed may hold a file that may be read.
    const auto of_pattern = [&](const std::string& file_name) {
      return pattern->matches(file_name) || is_old_generation(file_name, pattern->name);
    };
    const auto entries =
        files.list(pattern->folder, of_pattern, deadline).value_or(std::vector<FolderEntry>{});
    for (const auto& name : names_of(*pattern, entries)) {
      const auto lines = read_last_lines(files, with_old_generations(*pattern, name, entries),
                                         most_lines, deadline);
      if (lines) {
        all += find_stacks(*lines, most_lines, rules);
      } else if (!error) {
        error = lines.error();
      }
    }
  }
  if (error && all.lines == 0) return fail(*error);
  return all;
}

}  // namespace fieldmedic
