#include "remediator/notify/text_parts.hpp"

#include <fmt/format.h>

#include "common/utf8_cut.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMarkerBytes = 32;  // for "(1/2)" and for the tail of a cut text

// The front of `text` for one part: whole lines, unless they would leave half of it empty.
std::string_view front_of(std::string_view text, std::size_t budget) {
  if (text.size() <= budget) return text;
  const std::size_t line_end = text.rfind('\n', budget);
  if (line_end != std::string_view::npos && line_end >= budget / 2) return text.substr(0, line_end);
  return cut_utf8(text, budget);
}

}  // namespace

std::vector<std::string> split_text(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return {std::string(text)};
  const std::size_t budget = limit - kMarkerBytes;
  std::vector<std::string_view> fronts;
  for (std::string_view rest = text; !rest.empty() && fronts.size() <= kMostParts;) {
    fronts.push_back(front_of(rest, budget));
    rest.remove_prefix(fronts.back().size());
    if (rest.starts_with('\n')) rest.remove_prefix(1);
  }
  if (fronts.size() > kMostParts)
    return {fmt::format("{}\n… (+{} bytes)", fronts[0], text.size() - fronts[0].size())};

  std::vector<std::string> parts;
  for (const auto front : fronts)
    parts.push_back(fmt::format("({}/{})\n{}", parts.size() + 1, fronts.size(), front));
  return parts;
}

}  // namespace fieldmedic
