#include "common/config_fields.hpp"
#include "remediator/checks/checks.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr DurationBounds kWait{milliseconds{1}, kLongestWait};
constexpr DurationBounds kInterval{milliseconds{100}, kLongestWait};
constexpr milliseconds kHold{10'000};

}  // namespace

std::vector<core::CheckSpec> read_checks(const YamlMap& map, milliseconds hold,
                                         const Subjects& subjects) {
  std::vector<core::CheckSpec> checks;
  for (const YamlMap& check : map.maps("checks")) {
    checks.push_back(read_check(check, hold));
    if (require_reachable(check, checks.back().check, subjects, check_serves))
      require_for_check(check, checks.back().check, subjects);
  }
  for (const core::CheckSpec& check : checks)
    if (check.hold > kLongestWait) map.error("checks", "a check's 'hold' wants at most 1d");
  return checks;
}

core::Verification read_verification(const YamlMap& verify, const Subjects& subjects) {
  core::Verification verification;
  verification.within = read_bounded_duration(verify, "within", verification.within, kWait);
  verification.interval =
      read_bounded_duration(verify, "interval", verification.interval, kInterval);
  const milliseconds hold = read_bounded_duration(verify, "hold", kHold, kWait);
  verify.require("checks");  // recovered is proved
  verification.checks = read_checks(verify, hold, subjects);
  verify.done();
  return verification;
}

}  // namespace fieldmedic
