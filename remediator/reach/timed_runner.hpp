// A runner whose commands together end by a moment.
#pragma once

#include <memory>
#include <stop_token>
#include <utility>

#include "common/clock.hpp"
#include "common/process_runner.hpp"

namespace fieldmedic {

// Thread-safe as `inner`. `clock` must outlive it.
class TimedRunner final : public ProcessRunner {
 public:
  TimedRunner(std::shared_ptr<ProcessRunner> inner, const Clock& clock, SteadyTime until)
      : inner_(std::move(inner)), clock_(clock), until_(until) {}

  // No command gets more than what is left. Errc::Full: nothing is, and nothing ran (not
  // Unavailable: that says of the other side that it does not answer).
  [[nodiscard]] Result<ProcessResult> run(const Command& command, std::stop_token stop) override;

 private:
  std::shared_ptr<ProcessRunner> inner_;
  const Clock& clock_;
  SteadyTime until_;
};

}  // namespace fieldmedic
