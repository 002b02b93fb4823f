// "== 1", ">= 0.95": what a promql check asks of a value. Pure.
#pragma once

#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

enum class Comparator { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };

struct Comparison {
  Comparator comparator = Comparator::Equal;
  double bound = 0;

  friend bool operator==(const Comparison&, const Comparison&) = default;
};

// Errc::Invalid unless it is one of == != < <= > >= and a finite number.
[[nodiscard]] Result<Comparison> parse_comparison(std::string_view text);

// The value must not be NaN.
[[nodiscard]] bool holds(const Comparison& comparison, double value);

}  // namespace fieldmedic
