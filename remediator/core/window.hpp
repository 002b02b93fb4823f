// Windows of time in which nothing is done: releases, maintenance.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "remediator/core/time.hpp"

namespace fieldmedic::core {

// From `begin` until before `end`.
struct Once {
  Time begin;
  Time end;

  friend bool operator==(const Once&, const Once&) = default;
};

// On each of `days` (bit 0: Monday), from `from` until before `to` after midnight UTC; when `to` is
// not after `from`, until `to` on the day after.
struct Weekly {
  std::bitset<7> days;
  Duration from{0};
  Duration to{0};

  friend bool operator==(const Weekly&, const Weekly&) = default;
};

struct Window {
  std::string name;
  std::vector<std::string> scopes;  // in any of them (scope.hpp)
  std::variant<Once, Weekly> when;

  friend bool operator==(const Window&, const Window&) = default;
};

// When the window that `now` is in ends; none: it is in none.
[[nodiscard]] std::optional<Time> inside_until(const Window& window, Time now);

}  // namespace fieldmedic::core
