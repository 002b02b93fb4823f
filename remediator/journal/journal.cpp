#include "remediator/journal/journal.hpp"

#include "remediator/core/fold.hpp"

namespace fieldmedic {

// A journal without snapshots: all of it, and nothing to tidy.

Result<core::State> Journal::state() {
  core::State state;
  const auto replayed = replay([&state](const Record& record) -> Status {
    core::fold(state, record.event);
    return {};
  });
  if (!replayed) return fail(replayed.error());
  return state;
}

std::expected<Tidied, AppendFailure> Journal::tidy(const core::State&, WallTime) {
  return Tidied{};
}

}  // namespace fieldmedic
