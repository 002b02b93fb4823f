// The host's processes as /proc shows them, and which of them belong to a collector.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

// A process is told by pid *and* start time: pids are reused.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat: clock ticks since boot

  friend auto operator<=>(const ProcessIdentity&, const ProcessIdentity&) = default;
};

struct ProcessInfo {
  ProcessIdentity identity;
  pid_t parent = 0;
  pid_t process_group = 0;
  pid_t session = 0;
  char state = '?';        // R S D Z T … as in stat; Z is a zombie: dead, not yet reaped
  std::string executable;  // target of /proc/PID/exe, without " (deleted)"; empty if unreadable
  std::vector<std::string> argv;  // /proc/PID/cmdline
};

// All parts that are set must hold. An empty pattern matches nothing.
struct ProcessPattern {
  std::string pid_file{};      // the pid it holds (first number of the file)
  std::string executable{};    // exact path of the program
  std::string command_line{};  // RE2, found anywhere in argv joined by single spaces

  [[nodiscard]] bool empty() const {
    return pid_file.empty() && executable.empty() && command_line.empty();
  }
  friend bool operator==(const ProcessPattern&, const ProcessPattern&) = default;
};

// Parses the content of /proc/PID/stat (the name in parentheses may hold spaces and parentheses).
// Fills identity, parent, process_group, session, state. Errc::Malformed.
[[nodiscard]] Result<ProcessInfo> parse_process_stat(std::string_view text);

// The pid that the content of a pid file names: its first word that is a number; 0 when there is
// none.
[[nodiscard]] pid_t parse_pid_file(std::string_view text);
inline constexpr std::size_t kMostPidFileBytes = 64;  // what is further on is not looked at

// One process now. Errc::NotFound when there is none with this pid.
[[nodiscard]] Result<ProcessInfo> read_process(const std::filesystem::path& procfs, pid_t pid);

class ProcessFiles;

// Compiled once, used often. Thread-safe.
class ProcessMatcher {
 public:
  // Errc::Invalid for a pattern that RE2 refuses.
  [[nodiscard]] static Result<ProcessMatcher> compile(ProcessPattern pattern);
  // Living processes that match, zombies and kernel threads left out, ordered by start time. A
  // process that ends meanwhile is no error, nor is a pid file that is missing or holds no pid; but
  // what cannot be read is one (Errc::Io for /proc, Errc::Denied for the pid file), so that "none"
  // is never a misread. Where another user's executable may not be read, its first argument counts;
  // when nothing matches and a process that may be it, or all of the others', cannot be read, that
  // is Errc::Denied.
  [[nodiscard]] Result<std::vector<ProcessInfo>> find(const std::filesystem::path& procfs) const;

  // The same of processes that were read elsewhere; those of a pid file are picked by the caller.
  [[nodiscard]] Result<std::vector<ProcessInfo>> find_among(std::span<ProcessFiles> all) const;

  // The two halves of find, for a caller that asks again and again (process_files.hpp): the pids
  // worth a look, and whether one matches.
  [[nodiscard]] Result<std::vector<pid_t>> candidates(int procfs) const;
  [[nodiscard]] Result<bool> matches(ProcessFiles& files) const;
  // Of one that does not match: whether it may match all the same, since what would tell is not
  // ours to read and nothing that can be read speaks against it.
  [[nodiscard]] bool cannot_tell(ProcessFiles& files) const;

 private:
  class Search;
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

// The value of one variable in /proc/PID/environ. Errc::NotFound: the variable or the process is
// not there; Errc::Denied: not ours to read.
[[nodiscard]] Result<std::string> read_environment(const std::filesystem::path& procfs, pid_t pid,
                                                   std::string_view name);

}  // namespace fieldmedic
