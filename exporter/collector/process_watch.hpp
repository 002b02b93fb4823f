// The processes of one collector over time: which live, what they use, what the ended ones used.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "exporter/collector/watched_process.hpp"

namespace fieldmedic {

// As the letter in /proc/PID/stat says: R; S and I; D; T and t; Z; anything else.
enum class ProcessState { Running, Sleeping, Waiting, Stopped, Zombie, Other };
inline constexpr std::size_t kProcessStates = 6;
[[nodiscard]] ProcessState process_state(char letter);
// The value of the label `state`.
[[nodiscard]] std::string_view to_string(ProcessState state);

// Sums over the living processes of one collector. Empty: not known, or nothing to sum.
struct ProcessTotals {
  std::optional<double> up;  // 1: at least one lives
  std::optional<double> count;
  std::optional<double> user_seconds;  // CPU time, ended processes included: never falls
  std::optional<double> system_seconds;
  std::optional<double> resident_bytes;
  std::optional<double> open_fds;
  std::optional<double> max_fds;
  std::optional<double> worst_fd_ratio;  // the process that is nearest to its limit
  std::optional<double> threads;
  std::optional<double> start_time_seconds;  // Unix time of the oldest
  std::optional<double> starts;
  std::optional<double> restarts;
  std::optional<double> residual;                 // left over of an older instance
  std::array<double, kProcessStates> by_state{};  // zombies too
};

// One look at everything: look() at those known, add() and take() as they are found to match or no
// longer to match, then finish(). Not thread-safe.
class ProcessWatch {
 public:
  // Reads all members anew and counts those out that have ended. An error: nothing can be said.
  [[nodiscard]] Status look(const ProcFolder& procfs);
  // A process that is found for the first time. Those of the first look are no starts: they were
  // there before us.
  void add(WatchedProcess process);
  // It is the collector's no longer; its CPU time stays counted. Empty: not a member.
  [[nodiscard]] std::optional<WatchedProcess> take(pid_t pid);
  // Counts starts, and restarts: new processes that no member started, when there was one before.
  void finish();

  [[nodiscard]] std::span<WatchedProcess> members() { return members_; }
  [[nodiscard]] std::span<const WatchedProcess> members() const { return members_; }
  [[nodiscard]] WatchedProcess* find(pid_t pid);
  [[nodiscard]] bool any_living() const;
  // Process groups that a member led which ended in the last look.
  [[nodiscard]] std::span<const pid_t> headless_groups() const { return headless_groups_; }

  // `residual` stays empty; `not_main`: pids that do not tell the start time.
  [[nodiscard]] ProcessTotals totals(std::optional<double> boot_time_seconds,
                                     std::span<const pid_t> not_main) const;

 private:
  void add_to(ProcessTotals& totals, const WatchedProcess& process) const;

  std::vector<WatchedProcess> members_;
  std::vector<ProcessIdentity> fresh_;
  std::vector<pid_t> headless_groups_;
  bool first_look_ = true;
  bool had_any_ = false;
  std::uint64_t starts_ = 0;
  std::uint64_t restarts_ = 0;
  std::uint64_t ended_user_ticks_ = 0;
  std::uint64_t ended_system_ticks_ = 0;
};

// Seconds since 1970 at which the host booted (btime of /proc/stat); empty if unreadable.
[[nodiscard]] std::optional<double> read_boot_time(int procfs);

}  // namespace fieldmedic
