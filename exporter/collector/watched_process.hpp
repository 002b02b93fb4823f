// One process that is looked at again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/file_descriptor.hpp"
#include "common/process_files.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// The folder of processes, and what a look needs to know of it.
struct ProcFolder {
  int descriptor = -1;
  // A procfs of the kernel: a file of it that is kept open says when its process is gone, and the
  // size of fd is the number of descriptors. Neither holds for a copy in an ordinary folder.
  bool genuine = false;
};

// `descriptor` must stay open as long as the answer is used.
[[nodiscard]] ProcFolder inspect_procfs(int descriptor);

// Keeps /proc/PID/stat open: reading it after the end of the process gives ESRCH even when the pid
// is in use again. Not thread-safe.
class WatchedProcess {
 public:
  // At most this many keep a descriptor, the rest is opened at every look.
  static constexpr std::size_t kMostKept = 256;

  // `files.stat()` has been read. Reads everything else once.
  WatchedProcess(const ProcFolder& procfs, ProcessFiles& files);
  WatchedProcess(WatchedProcess&&) noexcept = default;
  WatchedProcess& operator=(WatchedProcess&&) noexcept = default;
  ~WatchedProcess();

  // Reads stat and the number of descriptors anew. Errc::NotFound: it has ended and is reaped.
  [[nodiscard]] Status look(const ProcFolder& procfs);
  // Its limits too, which seldom change.
  void look_at_limits(const ProcFolder& procfs);

  // As of the last look.
  [[nodiscard]] const ProcessStat& stat() const { return stat_; }
  [[nodiscard]] ProcessIdentity identity() const { return stat_.info.identity; }
  [[nodiscard]] pid_t pid() const { return stat_.info.identity.pid; }
  [[nodiscard]] bool living() const { return stat_.living_program(); }
  // Its name changed in the last look: it may be another program now (execve(2)).
  [[nodiscard]] bool renamed() const { return renamed_; }
  // Empty: not ours to read (open_fds), or without a limit.
  [[nodiscard]] std::optional<double> open_fds() const { return open_fds_; }
  [[nodiscard]] std::optional<double> max_fds() const { return max_fds_; }

 private:
  ProcessStat stat_;
  std::optional<double> open_fds_;
  std::optional<double> max_fds_;
  bool renamed_ = false;
  FileDescriptor kept_;  // stat, unless kMostKept are open already or this is no procfs
};

// The soft limit in the text of /proc/PID/limits; empty for "unlimited" and for a text without it.
[[nodiscard]] std::optional<double> parse_open_files_limit(std::string_view limits);

}  // namespace fieldmedic
