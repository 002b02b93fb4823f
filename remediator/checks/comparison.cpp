#include "remediator/checks/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "common/prometheus_line.hpp"

namespace fieldmedic {

namespace {

// Longer ones first, so that "<=" is not read as "<".
constexpr std::array<std::pair<std::string_view, Comparator>, 6> kComparators{{
    {"==", Comparator::Equal},
    {"!=", Comparator::NotEqual},
    {"<=", Comparator::LessOrEqual},
    {">=", Comparator::GreaterOrEqual},
    {"<", Comparator::Less},
    {">", Comparator::Greater},
}};

}  // namespace

Result<Comparison> parse_comparison(std::string_view text) {
  for (const auto& [sign, comparator] : kComparators) {
    if (!text.starts_with(sign)) continue;
    std::string_view number = text.substr(sign.size());
    number.remove_prefix(std::min(number.find_first_not_of(' '), number.size()));
    const auto bound = parse_sample_value(number);
    if (!bound || !std::isfinite(*bound)) break;
    return Comparison{comparator, *bound};
  }
  return fail(Errc::Invalid,
              fmt::format("wants a comparison such as '== 1' or '>= 0.95', got '{}'", text));
}

bool holds(const Comparison& comparison, double value) {
  switch (comparison.comparator) {
    case Comparator::Equal: return value == comparison.bound;
    case Comparator::NotEqual: return value != comparison.bound;
    case Comparator::Less: return value < comparison.bound;
    case Comparator::LessOrEqual: return value <= comparison.bound;
    case Comparator::Greater: return value > comparison.bound;
    case Comparator::GreaterOrEqual: return value >= comparison.bound;
  }
  return false;
}

}  // namespace fieldmedic
