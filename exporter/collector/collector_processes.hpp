// Everything about the processes of one collector: found, counted, and what an older instance left.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/collector/process_selector.hpp"
#include "exporter/collector/process_watch.hpp"
#include "exporter/collector/residue.hpp"

namespace fieldmedic {

// What a look at all processes hands to each collector.
struct ProcessLook {
  ProcFolder procfs;
  std::string_view units_root;    // cgroup_path.hpp
  std::span<const pid_t> listed;  // all that can be seen, sorted
  std::optional<double> boot_time_seconds;
  bool everything = false;   // all that are listed are offered
  bool some_hidden = false;  // hidepid: processes of others cannot be seen
};

// A look is begin(), then offer() for each process that is worth it, then finish(). Not
// thread-safe.
class CollectorProcesses {
 public:
  CollectorProcesses(std::string name, ProcessConfig config);

  [[nodiscard]] const std::string& name() const { return name_; }
  // Empty: none. What it holds is told before the look begins: 0 when it is not there or names
  // nobody; an error: cannot be read.
  [[nodiscard]] std::string pid_file() const;
  void tell_pid(Result<pid_t> pid) { pid_from_file_ = std::move(pid); }
  void begin(const ProcessLook& look);
  void offer(const ProcessLook& look, ProcessFiles& files);
  void finish(const ProcessLook& look);

  // An older instance ended and may have left children of any name behind.
  [[nodiscard]] bool wants_everything() const { return !headless_groups_.empty(); }
  // Errc::Denied: whether a process lives cannot be told. Errc::Io, Malformed, Invalid.
  [[nodiscard]] const Result<ProcessTotals>& totals() const { return totals_; }
  // The processes that totals() calls residual: "pid 4711 (orders)". At most 16.
  [[nodiscard]] const std::vector<std::string>& residue() const { return residue_; }

 private:
  void look_at_others(const ProcessLook& look);
  void judge_renamed(const ProcessLook& look);
  void follow_pid_file(const ProcessLook& look);
  void found(const ProcessLook& look, ProcessFiles& files);
  void not_found(pid_t pid);
  void keep_relic(const ProcessLook& look, ProcessFiles& files);
  [[nodiscard]] std::vector<const WatchedProcess*> find_residue(const ProcessLook& look) const;
  [[nodiscard]] Status known(const ProcessLook& look) const;

  std::string name_;
  Result<ProcessSelector> selector_;  // the error of its pattern
  ProcessWatch watch_;
  Result<pid_t> pid_from_file_ = 0;
  pid_t main_ = 0;                      // that the pid file names
  std::vector<WatchedProcess> beside_;  // match all but the pid file
  std::vector<WatchedProcess> relics_;  // of another program, or named by the pid file before
  std::vector<pid_t> headless_groups_;  // not looked for yet
  std::vector<pid_t> doubtful_;         // may be ours, but may not be read
  Status status_;                       // of this look
  Result<ProcessTotals> totals_;
  std::vector<std::string> residue_;
};

}  // namespace fieldmedic
