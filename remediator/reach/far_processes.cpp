#include "remediator/reach/far_processes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "common/quote.hpp"
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

// What grep could not read for another reason than that the process ended or is not ours (no
// descriptor or memory left): then a collector may be missing that runs. Empty: nothing.
std::string_view unread_of(std::string_view err) {
  constexpr std::array<std::string_view, 4> kExpected{"No such file or directory",
                                                      "No such process", "Permission denied",
                                                      "Operation not permitted"};
  while (!err.empty()) {
    const std::string_view line = err.substr(0, err.find('\n'));
    err.remove_prefix(std::min(line.size() + 1, err.size()));
    const auto ends_line = [line](std::string_view why) { return line.ends_with(why); };
    if (line.starts_with("grep: ") && std::ranges::none_of(kExpected, ends_line)) return line;
  }
  return {};
}

std::vector<std::string> names_of(FarProcess& process) {
  const auto file_name = [](const std::string& path) {
    return std::filesystem::path(path).filename().string();
  };
  std::vector<std::string> names{process.files.stat()->name};
  if (process.files.executable()) names.push_back(file_name(*process.files.executable()));
  const auto argv = split_command_line(*process.files.command_line());
  for (std::size_t i = 0; i < argv.size() && i < 2; ++i) names.push_back(file_name(argv[i]));
  return names;
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

Result<FarProcesses> read_far_processes(ProcessRunner& runner, const std::string& pid_file,
                                        const std::stop_token& stop) {
  const auto ran = runner.run(ask_processes(pid_file), stop);
  if (!ran) return fail(ran.error());
  if (const auto unread = unread_of(ran->err); !unread.empty())
    return fail(Errc::Unavailable,
                fmt::format("the processes over there cannot all be read: {}", quote(unread)));
  return parse_processes(ran->out);
}

Result<std::vector<ProcessInfo>> find_matching(FarProcesses& processes,
                                               const ProcessPattern& pattern) {
  const auto matcher = ProcessMatcher::compile(pattern);
  if (!matcher) return fail(matcher.error());
  std::vector<ProcessFiles> candidates;
  if (pattern.pid_file.empty()) {
    for (const auto& [pid, process] : processes.all) candidates.push_back(process.files);
  } else {
    if (!processes.pid_file) return fail(processes.pid_file.error());
    const auto named = processes.all.find(*processes.pid_file);
    if (named != processes.all.end()) candidates.push_back(named->second.files);
  }
  auto found = matcher->find_among(candidates);
  // hidepid of proc(5): others' processes are not listed at all.
  if (found && found->empty() && !processes.all.contains(1))
    return fail(Errc::Denied, "the processes of others are hidden from us over there (hidepid)");
  return found;
}

std::vector<ProcessInfo> living_programs(FarProcesses& processes) {
  std::vector<ProcessInfo> living;
  for (auto& [pid, process] : processes.all)
    if (process.files.stat()->living_program()) living.push_back(process.files.stat()->info);
  return living;
}

std::optional<Supervisor> find_supervisor(FarProcesses& processes, const ProcessInfo& process) {
  const auto found = processes.all.find(process.identity.pid);
  if (found == processes.all.end()) return std::nullopt;  // ended meanwhile
  const FarProcess& it = found->second;
  if (!it.pid_namespace.empty() && it.pid_namespace != processes.own_namespace) {
    auto named = supervisor_in_cgroup(it.cgroup, "");
    if (named && named->kind == SupervisorKind::Container) return named;
    return Supervisor{SupervisorKind::Container, "(another pid namespace)"};
  }
  if (auto supervisor = supervisor_in_cgroup(it.cgroup, processes.own_cgroup)) return supervisor;
  const auto parent = processes.all.find(process.parent);
  if (process.parent <= 1 || parent == processes.all.end()) return std::nullopt;
  return session_supervisor(names_of(parent->second));
}

std::optional<std::string> untouchable(FarProcesses& processes, pid_t pid) {
  if (pid <= 1) return "it is pid 1";
  pid_t ancestor = processes.self;
  for (int depth = 0; depth < kDeepest && ancestor > 1; ++depth) {
    if (ancestor == pid) return "our own SSH session runs in it";
    const auto found = processes.all.find(ancestor);
    if (found == processes.all.end()) break;
    ancestor = found->second.files.stat()->info.parent;
  }
  return std::nullopt;
}

}  // namespace fieldmedic
