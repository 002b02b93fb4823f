#include "remediator/reach/process_family.hpp"

#include <algorithm>
#include <set>

namespace fieldmedic {

namespace {

// The leaders' pids that still mean them.
std::set<pid_t> pids_that_hold(const std::vector<ProcessIdentity>& leaders,
                               const std::vector<ProcessInfo>& candidates) {
  std::set<pid_t> pids;
  for (const ProcessIdentity& leader : leaders) pids.insert(leader.pid);
  for (const ProcessInfo& candidate : candidates)
    if (std::ranges::find(leaders, candidate.identity) == leaders.end())
      pids.erase(candidate.identity.pid);
  return pids;
}

}  // namespace

std::vector<ProcessInfo> members_of(const std::vector<ProcessIdentity>& leaders,
                                    const std::vector<ProcessInfo>& candidates) {
  const std::set<pid_t> leading = pids_that_hold(leaders, candidates);
  std::set<pid_t> inside = leading;
  // A parent may be listed after its child, so go round until nothing is added.
  for (bool grew = true; grew;) {
    grew = false;
    for (const ProcessInfo& candidate : candidates) {
      const bool belongs = inside.contains(candidate.parent) ||
                           leading.contains(candidate.process_group) ||
                           leading.contains(candidate.session);
      if (belongs) grew = inside.insert(candidate.identity.pid).second || grew;
    }
  }
  std::vector<ProcessInfo> members;
  for (const ProcessInfo& candidate : candidates)
    if (inside.contains(candidate.identity.pid)) members.push_back(candidate);
  return members;
}

Result<CollectorProcesses> read_collector_processes(const std::filesystem::path& procfs,
                                                    const ProcessPattern& pattern,
                                                    std::vector<std::string> programs) {
  const auto matcher = ProcessMatcher::compile(pattern);
  if (!matcher) return fail(matcher.error());
  auto matching = matcher->find(procfs);
  if (!matching) return fail(matching.error());

  CollectorProcesses found{std::move(*matching), {}, std::move(programs)};
  for (const ProcessInfo& process : found.matching)
    if (!process.executable.empty()) found.programs.push_back(process.executable);
  std::ranges::sort(found.programs);
  found.programs.erase(std::unique(found.programs.begin(), found.programs.end()),
                       found.programs.end());

  found.candidates = found.matching;
  for (const std::string& program : found.programs) {
    const auto by_program =
        ProcessMatcher::compile({.pid_file = {}, .executable = program, .command_line = {}});
    if (!by_program) return fail(by_program.error());
    auto same = by_program->find(procfs);
    if (!same) return fail(same.error());
    for (ProcessInfo& process : *same)
      if (std::ranges::find(found.candidates, process.identity, &ProcessInfo::identity) ==
          found.candidates.end())
        found.candidates.push_back(std::move(process));
  }
  return found;
}

std::vector<ProcessIdentity> identities_of(const std::vector<ProcessInfo>& processes) {
  std::vector<ProcessIdentity> identities;
  for (const ProcessInfo& process : processes) identities.push_back(process.identity);
  return identities;
}

}  // namespace fieldmedic
