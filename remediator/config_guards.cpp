#include <charconv>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

constexpr int kMostAtOnce = 1'000'000;

// "10%" or "20"; nullopt: neither, or out of bounds.
std::optional<core::Share> parse_share(std::string_view text) {
  core::Share share;
  if (text.ends_with('%')) {
    share.kind = core::Share::Kind::Percent;
    text.remove_suffix(1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share.value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  const int most = share.kind == core::Share::Kind::Percent ? 100 : kMostAtOnce;
  if (share.value < 1 || share.value > most) return std::nullopt;
  return share;
}

std::optional<core::Share> read_optional_share(const YamlMap& map, std::string_view key) {
  if (!map.has(key)) return std::nullopt;
  return read_share(map, key, {});
}

core::Breaker read_breaker(const YamlMap& map) {
  core::Breaker breaker;
  breaker.targets = static_cast<int>(map.integer("targets", breaker.targets, 1, 256));
  breaker.fleet_targets =
      static_cast<int>(map.integer("fleet_targets", breaker.fleet_targets, 1, 256));
  breaker.within = read_bounded_duration(map, "within", breaker.within,
                                         {std::chrono::minutes(1), std::chrono::hours(24 * 30)});
  map.done();
  return breaker;
}

}  // namespace

core::Share read_share(const YamlMap& map, std::string_view key, core::Share fallback) {
  if (!map.has(key)) return fallback;
  const std::string text = map.string(key);
  if (text.empty()) return fallback;  // told by string()
  const std::optional<core::Share> share = parse_share(text);
  if (!share)
    map.error(key, fmt::format("'{}' wants a count such as 20 or a share from 1% to 100%, got {}",
                               key, quote(text)));
  return share.value_or(fallback);
}

std::chrono::milliseconds read_correlation_window(const YamlMap& root) {
  constexpr std::string_view kKey = "correlation_window";
  const auto window = root.duration(kKey, RemediatorConfig{}.correlation_window);
  if (window.count() != 0 &&
      (window < std::chrono::seconds(1) || window > std::chrono::minutes(10)))
    root.error(kKey, fmt::format("'{}' wants 1s to 10m, or 0s for none", kKey));
  return window;
}

core::GuardLimits read_guards(const YamlMap& root) {
  core::GuardLimits limits;
  const YamlMap guards = root.map("guards");
  const YamlMap in_flight = guards.map("in_flight");
  limits.in_flight_host = read_share(in_flight, "host", limits.in_flight_host);
  limits.in_flight_group = read_share(in_flight, "group", limits.in_flight_group);
  limits.in_flight_fleet = read_share(in_flight, "fleet", limits.in_flight_fleet);
  in_flight.done();
  limits.min_healthy = read_optional_share(guards, "min_healthy");
  limits.max_unhealthy = read_optional_share(guards, "max_unhealthy");
  limits.breaker = read_breaker(guards.map("breaker"));
  guards.done();
  return limits;
}

}  // namespace fieldmedic
