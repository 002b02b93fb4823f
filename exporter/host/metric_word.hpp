// Parts of metric names that are read from files: one odd byte in a name would cost the whole
// scrape.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace fieldmedic {

// 1 to 100 characters of [A-Za-z0-9_]: what may follow "node_vmstat_" in the name of a metric.
[[nodiscard]] inline bool is_metric_word(std::string_view word) {
  constexpr std::size_t kLongest = 100;
  return !word.empty() && word.size() <= kLongest && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace fieldmedic
