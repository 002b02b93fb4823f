// Which processes belong to a collector, by everything that its configuration says.
#pragma once

#include <string>

#include "common/process_files.hpp"
#include "common/process_table.hpp"
#include "common/result.hpp"
#include "exporter/collector/process_config.hpp"

namespace fieldmedic {

// Unknown: what would tell is not ours to read.
enum class Match { No, Yes, Unknown };

// Thread-safe.
class ProcessSelector {
 public:
  // Errc::Invalid for a pattern that RE2 refuses.
  [[nodiscard]] static Result<ProcessSelector> compile(ProcessConfig config);

  // Whether living processes can be told by looking at them: anything but a pid file alone.
  [[nodiscard]] bool tells_by_sight() const;
  [[nodiscard]] bool has_pid_file() const { return !config_.pattern.pid_file.empty(); }
  [[nodiscard]] const std::string& pid_file() const { return config_.pattern.pid_file; }
  // A slice holds several services, each with a main process of its own.
  [[nodiscard]] bool is_one_service() const { return !config_.unit.ends_with(".slice"); }

  // Zombies and kernel threads never match. `units_root` as cgroup_path.hpp has it. Errc::Io and
  // Malformed when nothing can be said of any process.
  [[nodiscard]] Result<Match> judge(ProcessFiles& files, std::string_view units_root) const;

 private:
  ProcessSelector(ProcessConfig config, ProcessMatcher matcher)
      : config_(std::move(config)), matcher_(std::move(matcher)) {}

  [[nodiscard]] Result<Match> judge_cgroup(ProcessFiles& files, std::string_view root) const;
  [[nodiscard]] Result<Match> judge_pattern(ProcessFiles& files) const;

  ProcessConfig config_;
  ProcessMatcher matcher_;
};

}  // namespace fieldmedic
