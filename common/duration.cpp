#include "common/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

#include <fmt/core.h>

#include "common/quote.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};

// Largest first: the order in which they may stand, and in which format_duration takes them.
constexpr std::array<Unit, 6> kUnits = {{{"w", 7LL * 24 * 3'600'000},
                                         {"d", 24LL * 3'600'000},
                                         {"h", 3'600'000},
                                         {"m", 60'000},
                                         {"s", 1'000},
                                         {"ms", 1}}};

std::unexpected<Error> refuse(std::string_view text) {
  return fail(Errc::Invalid,
              fmt::format("wants a duration such as 90s or 5m, got {}", quote(text)));
}

// `total` plus `count` units; false when the sum does not fit.
bool add_units(std::int64_t& total, std::int64_t count, const Unit& unit) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (count > (kMost - total) / unit.milliseconds) return false;
  total += count * unit.milliseconds;
  return true;
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  std::string_view rest = text;
  std::size_t next_unit = 0;  // units before it are used up
  do {
    // from_chars would take a sign.
    if (rest.empty() || rest.front() < '0' || rest.front() > '9') return refuse(text);
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (error != std::errc{}) return refuse(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const std::string_view name = rest.substr(0, rest.find_first_of("0123456789"));
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size() || !add_units(total, count, kUnits[next_unit]))
      return refuse(text);
    ++next_unit;
    rest.remove_prefix(name.size());
  } while (!rest.empty());
  return milliseconds(total);
}

std::string format_duration(milliseconds duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text = rest < 0 ? "-" : "";
  // Negated as unsigned, so that the least value has no special case.
  auto left = rest < 0 ? 0 - static_cast<std::uint64_t>(rest) : static_cast<std::uint64_t>(rest);
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.milliseconds);
    // As Prometheus writes them: weeks only when nothing else is left, so 8 days are "8d".
    if (unit.name == "w" && left % size != 0) continue;
    if (left >= size) text += fmt::format("{}{}", left / size, unit.name);
    left %= size;
  }
  return text;
}

}  // namespace fieldmedic
