// The processes of one collector over time: which live, what they use, what the ended ones used.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/process_files.hpp"
#include "common/process_table.hpp"

namespace fieldmedic {

// Sums over the living processes of one collector. Empty: not known, or nothing to sum.
struct ProcessTotals {
  std::optional<double> up;  // 1: at least one lives
  std::optional<double> count;
  std::optional<double> cpu_seconds;  // ended processes included: never falls
  std::optional<double> resident_bytes;
  std::optional<double> open_fds;
  std::optional<double> max_fds;
  std::optional<double> threads;
  std::optional<double> start_time_seconds;  // Unix time of the oldest
  std::optional<double> starts;
};

// One look at everything: begin, then saw() for every process that matches, then totals. Not
// thread-safe.
class ProcessWatch {
 public:
  explicit ProcessWatch(ProcessMatcher matcher) : matcher_(std::move(matcher)) {}

  [[nodiscard]] const ProcessMatcher& matcher() const { return matcher_; }
  // As of the last look that was finished.
  [[nodiscard]] std::vector<pid_t> living() const;

  void begin() { seen_.clear(); }
  // `files.stat()` has been read already (matching does). `procfs` is the open folder.
  void saw(ProcessFiles& files, int procfs);
  // Counts what began and what ended since the last look. The processes of the very first look are
  // no starts: they were there before us.
  [[nodiscard]] ProcessTotals finish(std::optional<double> boot_time_seconds);

 private:
  struct Seen {
    ProcessIdentity identity;
    std::uint64_t cpu_ticks = 0;
    double resident_bytes = 0;
    double threads = 0;
    std::optional<double> open_fds;
    std::optional<double> max_fds;
  };
  [[nodiscard]] ProcessTotals sum(std::optional<double> boot_time_seconds) const;

  ProcessMatcher matcher_;
  std::vector<Seen> seen_;
  std::optional<std::vector<Seen>> before_;  // empty until the first look
  std::uint64_t starts_ = 0;
  std::uint64_t ended_ticks_ = 0;
};

// Seconds since 1970 at which the host booted (btime of /proc/stat); empty if unreadable.
[[nodiscard]] std::optional<double> read_boot_time(int procfs);

}  // namespace fieldmedic
