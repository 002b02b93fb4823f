#include "exporter/diagnose/quantities.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace fieldmedic {

std::string shown_bytes(double bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string shown_share(double ratio) {
  return fmt::format("{:.1f} %", ratio * 100);
}

std::string shown_span(double seconds) {
  struct Unit {
    double seconds;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  for (const auto& [length, name] : kUnits) {
    // Two of a unit at least, so that "1 h" does not stand for nearly two.
    if (seconds >= 2 * length || (length == 1 && seconds >= 1))
      return fmt::format("{:.0f} {}", std::floor(seconds / length), name);
  }
  return "now";
}

double age_seconds(double unix_seconds, WallTime now) {
  const double at = std::chrono::duration<double>(now.time_since_epoch()).count();
  return std::max(0.0, at - unix_seconds);
}

std::string counted(double number, const char* one, const char* many) {
  return fmt::format("{:.0f} {}", number, number == 1 ? one : many);
}

}  // namespace fieldmedic
