// The files of one process under /proc, read one by one and only when asked for: among thousands of
// processes every file read counts. process_table.hpp is what most callers want.
//
// Errors everywhere here: Errc::NotFound when the process is gone (or has no such thing: a kernel
// thread and a zombie have no executable), Errc::Denied when it is another user's, Errc::Io when
// nothing can be said (out of descriptors, for example). Field numbers and units: proc(5).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/process_table.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// What we use of /proc/PID/stat.
struct ProcessStat {
  ProcessInfo info;                 // without executable and argv
  std::string name;                 // field 2: the program's file as started, cut at 15 bytes
  bool kernel_thread = false;       // PF_KTHREAD in field 9
  std::uint64_t user_ticks = 0;     // field 14, clock ticks
  std::uint64_t system_ticks = 0;   // field 15, clock ticks
  std::int64_t threads = 0;         // field 20
  std::int64_t resident_pages = 0;  // field 24

  // Neither a kernel thread nor dead: 'Z' waits to be reaped, 'X' and 'x' are on their way out.
  [[nodiscard]] bool living_program() const;
};

[[nodiscard]] Result<ProcessStat> parse_process_stat_fields(std::string_view text);

// The folder itself, kept open. Errc::Io.
[[nodiscard]] Result<FileDescriptor> open_procfs(const std::filesystem::path& procfs);

// All pids listed now, unordered. Errc::Io when the folder cannot be read or lists no process at
// all (then it is no procfs, and "none" would be a misread).
[[nodiscard]] Result<std::vector<pid_t>> list_pids(int procfs);

// Whether the kernel shows us only part of the processes (hidepid of proc(5)): then pid 1 is not
// listed. False for a folder that is no procfs.
[[nodiscard]] bool hides_processes(int procfs);

// Each file is read at most once. Not thread-safe; `procfs` must stay open.
class ProcessFiles {
 public:
  ProcessFiles(int procfs, pid_t pid) : procfs_(procfs), pid_(pid) {}
  // What was read elsewhere (of another host). Its control group and environment are not there.
  ProcessFiles(ProcessStat stat, Result<std::string> executable, std::string command_line)
      : procfs_(-1),
        pid_(stat.info.identity.pid),
        stat_(std::move(stat)),
        executable_(std::move(executable)),
        command_line_(std::move(command_line)) {}

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const Result<ProcessStat>& stat();
  // Target of exe without " (deleted)".
  [[nodiscard]] const Result<std::string>& executable();
  // cmdline as the kernel gives it: arguments with a NUL after each, cut at 256 KiB; empty for
  // kernel threads and zombies.
  [[nodiscard]] const Result<std::string>& command_line();
  // cgroup as it is, one line a hierarchy (cgroups(7)); cut at 64 KiB.
  [[nodiscard]] const Result<std::string>& cgroup();
  // environ, cut at 4 MiB; not kept.
  [[nodiscard]] Result<std::string> environment() const;

 private:
  int procfs_;
  pid_t pid_;
  std::optional<Result<ProcessStat>> stat_;
  std::optional<Result<std::string>> executable_;
  std::optional<Result<std::string>> command_line_;
  std::optional<Result<std::string>> cgroup_;
};

// "a\0b\0" is {"a", "b"}.
[[nodiscard]] std::vector<std::string> split_command_line(std::string_view command_line);

}  // namespace fieldmedic
