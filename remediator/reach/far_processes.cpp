#include "remediator/reach/far_processes.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include <fmt/core.h>

#include "common/quote.hpp"
#include "remediator/reach/far_processes_reading.hpp"

namespace fieldmedic {

namespace {

constexpr int kDeepest = 256;  // deeper than any real process tree

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
