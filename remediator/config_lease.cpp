// `lease` of a tier: when its temporary change is undone (S14).
#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "remediator/actions/actions.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr DurationBounds kLength{std::chrono::minutes(1), std::chrono::hours(24 * 30)};
constexpr DurationBounds kInterval{milliseconds{1'000}, kLongestWait};
constexpr DurationBounds kHold{milliseconds{0}, kLongestWait};
constexpr milliseconds kUsualHold{60'000};

}  // namespace

core::LeaseTerms read_lease(const YamlMap& map, const Subjects& subjects) {
  core::LeaseTerms terms;
  map.require("for");
  terms.length = read_bounded_duration(map, "for", terms.length, kLength);
  const YamlMap until = map.map("until");
  terms.interval = read_bounded_duration(until, "interval", terms.interval, kInterval);
  const milliseconds hold = read_bounded_duration(until, "hold", kUsualHold, kHold);
  if (map.has("until")) until.require("checks");
  terms.until = read_checks(until, hold, subjects);
  until.done();
  if (map.one_of("unattended", {"needs_approval", "accepted"}, "needs_approval") == "accepted")
    terms.unattended = core::Unattended::Accepted;
  map.done();
  return terms;
}

void check_lease(const YamlMap& map, const core::Tier& tier) {
  const auto ends = ended_when_away(tier.action);
  const std::string& action = tier.action.type;
  if (!ends && tier.lease && !action.empty())
    map.error("lease", fmt::format("'{}' changes nothing that could be undone", action));
  if (ends && !map.has("lease"))
    map.error("action",
              fmt::format("'{}' changes something for a time: the tier wants a 'lease'", action));
  const bool as_read = map.is_map("lease");  // what is none has been refused already
  if (ends == core::WhenAway::Nobody && tier.lease && as_read && !tier.approval &&
      tier.lease->unattended == core::Unattended::NeedsApproval)
    map.error("lease",
              fmt::format("nobody undoes '{}' while the remediator is away: the tier wants an "
                          "'approval', or its lease 'unattended: accepted'",
                          action));
}

}  // namespace fieldmedic
