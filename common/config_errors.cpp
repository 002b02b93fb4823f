#include <algorithm>
#include <charconv>
#include <utility>

#include "common/yaml_reader.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostErrors = 1'000;

// The place at the front of "file:line:column: …"; a line without one comes first within its file.
struct Place {
  std::string_view file;
  int line = 0;
  int column = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

Place place_of(std::string_view text) {
  const std::string_view where = text.substr(0, text.find(": "));
  Place place{.file = where};
  const std::size_t column_colon = where.rfind(':');
  if (column_colon == std::string_view::npos || column_colon == 0) return place;
  const std::size_t line_colon = where.rfind(':', column_colon - 1);
  if (line_colon == std::string_view::npos) return place;
  const char* const end = where.data() + where.size();
  int line = 0;
  int column = 0;
  const auto [line_end, line_error] =
      std::from_chars(where.data() + line_colon + 1, where.data() + column_colon, line);
  const auto [column_end, column_error] =
      std::from_chars(where.data() + column_colon + 1, end, column);
  if (line_error != std::errc{} || column_error != std::errc{}) return place;
  if (line_end != where.data() + column_colon || column_end != end) return place;
  return {where.substr(0, line_colon), line, column};
}

}  // namespace

void ConfigErrors::add(std::string where, std::string what) {
  if (lines_.size() > kMostErrors) return;
  if (lines_.size() == kMostErrors) what = "there are more errors than are listed";
  lines_.push_back(std::move(where) + ": " + std::move(what));
}

std::string ConfigErrors::text() const {
  std::vector<std::string_view> sorted(lines_.begin(), lines_.end());
  std::ranges::sort(sorted, {},
                    [](std::string_view line) { return std::pair(place_of(line), line); });
  // What was asked for twice is wrong once.
  const auto [rest, end] = std::ranges::unique(sorted);
  sorted.erase(rest, end);
  std::string text;
  for (const std::string_view line : sorted) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

}  // namespace fieldmedic
