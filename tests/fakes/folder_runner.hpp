// Runs commands on this machine in a folder, as sshd runs them in the home of the log-in.
#pragma once

#include <filesystem>
#include <utility>

#include "common/process_runner.hpp"

namespace fieldmedic {

class FolderRunner final : public ProcessRunner {
 public:
  explicit FolderRunner(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Result<ProcessResult> run(const Command& command, std::stop_token stop) override {
    Command there = command;
    there.argv.insert(there.argv.begin(), {"/usr/bin/env", "-C", folder_.native()});
    return LocalProcessRunner().run(there, std::move(stop));
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace fieldmedic
