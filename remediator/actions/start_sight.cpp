#include "remediator/actions/start_sight.hpp"

#include <fmt/core.h>

#include "remediator/actions/process_start.hpp"

namespace fieldmedic {

ConfirmAnswer confirm_by(const StartSight& sight) {
  using core::Confirmed;
  if (!sight.ours.empty()) return {Confirmed::Applied, in_words(sight.ours.front())};
  if (sight.living)
    return {Confirmed::InProgress,
            fmt::format("pid {} of this attempt lives and does not match yet", *sight.living)};
  if (!sight.untold.empty())
    return {Confirmed::Unknown,
            "its environment cannot be read: " + in_words(sight.untold.front())};
  if (!sight.others.empty())
    return {Confirmed::NotApplied,
            "another lives, not of this attempt: " + in_words(sight.others.front())};
  return {Confirmed::NotApplied, "no process matches, and none of this attempt lives"};
}

}  // namespace fieldmedic
