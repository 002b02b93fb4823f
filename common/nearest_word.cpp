#include "common/nearest_word.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace fieldmedic {
namespace {

constexpr std::size_t kWordLimit = 64;  // a longer one is no mistyped name

// Characters to change, insert or delete (Levenshtein), one row of the table at a time.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t substituted = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, substituted}));
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  if (word.size() > kWordLimit) return {};
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const std::size_t here = distance(word, candidate);
    if (here >= least) continue;
    best = candidate;
    least = here;
  }
  return best.empty() ? std::string() : ", did you mean '" + std::string(best) + "'?";
}

}  // namespace fieldmedic
