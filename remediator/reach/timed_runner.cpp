#include "remediator/reach/timed_runner.hpp"

#include <algorithm>
#include <utility>

namespace fieldmedic {

Result<ProcessResult> TimedRunner::run(const Command& command, std::stop_token stop) {
  const auto left = std::chrono::floor<std::chrono::milliseconds>(until_ - clock_.steady());
  if (left.count() <= 0) return fail(Errc::Full, "no time was left for it, nothing was run");
  Command bounded = command;
  bounded.timeout = std::min(command.timeout, left);
  return inner_->run(bounded, std::move(stop));
}

}  // namespace fieldmedic
