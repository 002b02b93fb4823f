#include "remediator/reach/far_processes_reading.hpp"

#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "remediator/reach/far_look.hpp"

namespace fieldmedic {

namespace {

// For a POSIX shell with GNU grep and find. Everything is printed in pieces that end with a NUL,
// as "PID/file:content"; only a command line has several of one name. The stat is read first and
// last: a pid that another process took meanwhile is left out. Of an environment nothing leaves the
// host but our own variable, and whether there is a PATH. A grep that was killed may have left out
// a collector that runs: what is cut off by it is no answer.
constexpr const char* kRead = R"sh(
cd /proc || exit 1
list() {
  grep "$@"
  [ $? -le 128 ] || exit 1
}
read -r boot <sys/kernel/random/boot_id
printf 'boot:%s\0self:%s\0' "$boot" "$PPID"
if [ -n "$1" ]; then
  said=$(head -c 64 -- "$1" 2>&1 >/dev/null)
  case $said in
    '') printf 'pidfile:%s\0' "$(head -c 64 -- "$1" | tr '\0' ' ')" ;;
    *'No such file'*|*'Not a directory'*) ;;
    *) printf 'nopidfile:%s\0' "$said" ;;
  esac
fi
list -azH '' [0-9]*/stat
list -azH '' [0-9]*/cmdline
list -azH '' [0-9]*/cgroup self/cgroup
list -azsHoE '^(FIELDMEDIC_ATTEMPT=[!-~]*|PATH=)' [0-9]*/environ
find [0-9]*/exe [0-9]*/ns/pid self/ns/pid -maxdepth 0 -printf '%p:%l\0' 2>/dev/null
printf 'again:\0'
list -azH '' [0-9]*/stat
printf 'end:\0'
)sh";

constexpr std::chrono::seconds kAnswer{10};
constexpr std::size_t kMostOutput = 8uz * 1024 * 1024;
constexpr std::string_view kAttempt = "FIELDMEDIC_ATTEMPT=";
constexpr int kDeepest = 256;  // deeper than any real process tree

// The files of one process as they come.
struct Raw {
  std::optional<ProcessStat> stat{};
  std::string executable{};
  std::string command_line{};
  std::string cgroup{};
  std::string pid_namespace{};
  std::optional<std::string> attempt{};
  bool has_path = false;
  bool reused = false;
};

struct Reading {
  FarProcesses host;
  std::map<pid_t, Raw> raw;
  bool again = false;
  bool ended = false;
};

Status take_stat(Raw& raw, std::string_view value, bool again) {
  auto stat = parse_process_stat_fields(value);
  if (!stat) return fail(stat.error());
  if (!again)
    raw.stat = std::move(*stat);
  else if (raw.stat && raw.stat->info.identity != stat->info.identity)
    raw.reused = true;
  return {};
}

Status take_file(Raw& raw, std::string_view file, std::string_view value, bool again) {
  if (file == "stat") return take_stat(raw, value, again);
  if (file == "cmdline") raw.command_line.append(value).push_back('\0');
  if (file == "cgroup") raw.cgroup = value;
  if (file == "exe") raw.executable = value;
  if (file == "ns/pid") raw.pid_namespace = value;
  if (file != "environ") return {};
  if (value.starts_with(kAttempt))
    raw.attempt = value.substr(kAttempt.size());
  else
    raw.has_path = true;
  return {};
}

// What is said of the host as a whole; false: it is none of these.
bool take_host(Reading& reading, std::string_view name, std::string_view value) {
  FarProcesses& host = reading.host;
  if (name == "boot")
    host.boot_id = value;
  else if (name == "self")
    host.self = parse_pid_file(value);
  else if (name == "pidfile")
    host.pid_file = parse_pid_file(value);
  else if (name == "nopidfile")
    host.pid_file = fail(Errc::Denied, fmt::format("pid file over there: {}", value));
  else if (name == "self/cgroup")
    host.own_cgroup = value;
  else if (name == "self/ns/pid")
    host.own_namespace = value;
  else if (name == "again")
    reading.again = true;
  else if (name == "end")
    reading.ended = true;
  else
    return false;
  return true;
}

Status take(Reading& reading, std::string_view piece) {
  const std::size_t colon = piece.find(':');
  const std::string_view name = piece.substr(0, colon);
  if (colon == std::string_view::npos)
    return fail(Errc::Malformed, "what tells of the processes over there has another shape");
  const std::string_view value = piece.substr(colon + 1);
  if (take_host(reading, name, value)) return {};
  pid_t pid = 0;
  const char* const end = std::to_address(name.end());
  const auto [slash, error] = std::from_chars(std::to_address(name.begin()), end, pid);
  if (error != std::errc{} || slash == end || *slash != '/') return {};
  return take_file(reading.raw[pid], std::string_view(slash + 1, end), value, reading.again);
}

bool is_own(const Raw& raw) {
  return raw.command_line.contains(kOwnCommand);
}

// Whose start a command of ours is: env(1) and what comes before it have the attempt for an
// argument, what env has just become has it in its environment.
std::optional<std::string> attempt_of_own(const Raw& raw) {
  if (raw.attempt) return raw.attempt;
  for (const std::string& argument : split_command_line(raw.command_line))
    if (argument.starts_with(kAttempt)) return argument.substr(kAttempt.size());
  return std::nullopt;
}

// Past our own commands, which are left out.
void skip_own(Reading& reading) {
  for (int depth = 0; depth < kDeepest; ++depth) {
    const auto found = reading.raw.find(reading.host.self);
    if (found == reading.raw.end() || !found->second.stat || !is_own(found->second)) return;
    reading.host.self = found->second.stat->info.parent;
  }
}

Result<std::string> executable_of(const Raw& raw) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::string_view target = raw.executable;
  if (target.ends_with(kDeleted)) target.remove_suffix(kDeleted.size());
  if (!target.empty()) return std::string(target);
  // Kernel threads and zombies have none; that of another user is not ours to read.
  return fail(raw.stat->living_program() ? Errc::Denied : Errc::NotFound, "exe cannot be read");
}

}  // namespace

Command ask_processes(const std::string& pid_file) {
  Command command;
  command.argv = {"/bin/sh", "-c", kRead, kOwnCommand, pid_file};
  command.timeout = kAnswer;
  command.output_limit = kMostOutput;
  return killed_in_time(std::move(command));
}

Result<FarProcesses> parse_processes(std::string_view text) {
  Reading reading;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    if (auto taken = take(reading, text.substr(0, end)); !taken) return fail(taken.error());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!reading.ended)
    return fail(Errc::Unavailable,
                "the host over there does not tell all of its processes: they are more than are "
                "looked through, or what reads them was ended");
  skip_own(reading);
  FarProcesses host = std::move(reading.host);
  for (auto& [pid, raw] : reading.raw) {
    if (!raw.stat || raw.reused) continue;
    if (is_own(raw)) {
      if (auto attempt = attempt_of_own(raw)) host.starting.emplace(pid, std::move(*attempt));
      continue;
    }
    auto executable = executable_of(raw);
    const bool shows = raw.attempt || raw.has_path;
    host.all.emplace(pid, FarProcess{ProcessFiles(std::move(*raw.stat), std::move(executable),
                                                  std::move(raw.command_line)),
                                     std::move(raw.cgroup), std::move(raw.pid_namespace),
                                     std::move(raw.attempt), shows});
  }
  if (host.boot_id.empty() || host.self == 0 || host.all.empty())
    return fail(Errc::Unavailable,
                "the host over there does not tell its processes (GNU grep and find are needed)");
  return host;
}

}  // namespace fieldmedic
