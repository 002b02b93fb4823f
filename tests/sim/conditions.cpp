#include "tests/sim/conditions.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace fieldmedic::core::sim {
namespace {

using Meaning = std::optional<bool> (*)(const Case&);

std::optional<bool> fails(const Case& one, std::size_t check) {
  if (one.verdicts.size() <= check || one.verdicts[check] == Verdict::Unknown) return std::nullopt;
  return one.verdicts[check] == Verdict::Fail;
}

std::optional<bool> in_the_north(const Case& one) {
  const auto zone = one.labels.find("zone");
  if (zone == one.labels.end()) return std::nullopt;
  return zone->second == "north";
}

bool queue_is_full(const Case& one) {
  return std::ranges::any_of(one.alerts, [&one](const auto& each) {
    const auto name = one.names.find(each.first);
    return each.second == AlertStatus::Firing && name != one.names.end() &&
           name->second == "queue-full";
  });
}

struct Known {
  std::string_view text;
  Meaning meaning;
};

constexpr std::array kConditions{
    Known{"check.process == fail", [](const Case& one) { return fails(one, 0); }},
    Known{"labels.zone in (north, \"far away\")", in_the_north},
    Known{"not alert == queue-full",
          [](const Case& one) { return std::optional(!queue_is_full(one)); }},
    Known{"alert == queue-full or check.port == fail",
          [](const Case& one) { return queue_is_full(one) ? std::optional(true) : fails(one, 1); }},
};

}  // namespace

std::string some_condition(Rng& rng) {
  return std::string(rng.pick(kConditions).text);
}

std::optional<bool> condition_holds(const std::string& when, const Case& one) {
  if (when.empty()) return true;
  const auto found = std::ranges::find(kConditions, when, &Known::text);
  return found == kConditions.end() ? std::nullopt : found->meaning(one);
}

}  // namespace fieldmedic::core::sim
