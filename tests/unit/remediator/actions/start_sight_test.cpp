// What the sight of a start proves: only what carries the attempt is ours, and what cannot be told
// is neither ours nor another's.
#include "remediator/actions/start_sight.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;
using core::Confirmed;

TEST_CASE("start: a start is proved by what matches and carries the attempt") {
  const std::vector<ProcessInfo> one(1);
  const std::vector<ProcessInfo> none;
  const struct {
    StartSight sight;
    Confirmed answer;
  } cases[] = {
      {{.ours = one, .others = one, .untold = one, .living = 7}, Confirmed::Applied},
      {{.ours = none, .others = one, .untold = one, .living = 7}, Confirmed::InProgress},
      {{.ours = none, .others = one, .untold = one, .living = {}}, Confirmed::Unknown},
      {{.ours = none, .others = one, .untold = none, .living = {}}, Confirmed::NotApplied},
      {{.ours = none, .others = none, .untold = none, .living = {}}, Confirmed::NotApplied}};
  for (const auto& c : cases) {
    const auto answer = confirm_by(c.sight);
    INFO(answer.evidence);
    CHECK(answer.answer == c.answer);
    CHECK_FALSE(answer.evidence.empty());
  }
}
