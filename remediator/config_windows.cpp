#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/config_parts.hpp"
#include "remediator/core/scope.hpp"
#include "remediator/rfc3339.hpp"

namespace fieldmedic {
namespace {

constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// "18:30" since midnight; nullopt: no time of day.
std::optional<core::Duration> parse_time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  if (!digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const int hours = (text[0] - '0') * 10 + text[1] - '0';
  const int minutes = (text[3] - '0') * 10 + text[4] - '0';
  if (hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::hours(hours) + std::chrono::minutes(minutes);
}

core::Duration read_time_of_day(const YamlMap& map, std::string_view key) {
  const std::string text = map.string(key);
  const auto time = parse_time_of_day(text);
  if (!time && !text.empty())
    map.error(key, fmt::format("'{}' wants a time of day in UTC such as \"18:30\", got {}", key,
                               quote(text)));
  return time.value_or(core::Duration{0});
}

core::Weekly read_weekly(const YamlMap& map) {
  core::Weekly weekly;
  map.require("days");
  for (const YamlValue& value : map.values("days")) {
    const std::string word = value.string().value_or("");
    const auto day = std::ranges::find(kDays, word);
    if (day == kDays.end())
      value.error(
          fmt::format("'days' wants mon, tue, wed, thu, fri, sat, sun, got {}", quote(word)));
    else
      weekly.days.set(static_cast<std::size_t>(day - kDays.begin()));
  }
  weekly.from = read_time_of_day(map, "from");
  weekly.to = read_time_of_day(map, "to");
  return weekly;
}

core::Time read_moment(const YamlMap& map, std::string_view key) {
  const std::string text = map.string(key);
  const auto moment = parse_rfc3339(text);
  if (!moment && !text.empty())
    map.error(key, fmt::format("'{}' wants a time such as 2026-12-01T20:00:00Z, got {}", key,
                               quote(text)));
  return moment.value_or(core::Time{});
}

core::Once read_once(const YamlMap& map) {
  const core::Once once{read_moment(map, "begin"), read_moment(map, "end")};
  if (once.end < once.begin) map.error("end", "'end' wants a time after 'begin'");
  return once;
}

}  // namespace

std::vector<core::Window> read_windows(const YamlMap& root) {
  std::vector<core::Window> windows;
  std::set<std::string> names;
  for (const YamlMap& map : root.maps("windows")) {
    core::Window window;
    window.name = read_name(map, "name", names);
    map.require("scopes");
    for (const YamlValue& value : map.values("scopes")) {
      const std::string scope = value.string().value_or("");
      if (!core::is_scope(scope))
        value.error(
            fmt::format("'scopes' wants all, group/G, host/H or playbook/P, got {}", quote(scope)));
      window.scopes.push_back(scope);
    }
    if (map.has("begin") || map.has("end"))
      window.when = read_once(map);
    else
      window.when = read_weekly(map);
    map.done();
    windows.push_back(std::move(window));
  }
  return windows;
}

}  // namespace fieldmedic
