// A process runner that answers from a script and remembers what it was asked to run.
#pragma once

#include <deque>
#include <mutex>
#include <vector>

#include "common/process_runner.hpp"

namespace fieldmedic {

// Thread-safe. Answers are given in order; with none left: exit code 0, no output.
class FakeRunner final : public ProcessRunner {
 public:
  void answer(Result<ProcessResult> result) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(result));
  }
  [[nodiscard]] Result<ProcessResult> run(const Command& command, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back(command);
    if (answers_.empty()) return ProcessResult{};
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  [[nodiscard]] std::vector<Command> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Result<ProcessResult>> answers_;
  std::vector<Command> calls_;
};

}  // namespace fieldmedic
