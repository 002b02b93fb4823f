#include "remediator/reach/process_family.hpp"

#include <algorithm>
#include <set>

#include "common/process_files.hpp"

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
                                                    const ProcessPattern& pattern) {
  const auto matcher = ProcessMatcher::compile(pattern);
  if (!matcher) return fail(matcher.error());
  auto matching = matcher->find(procfs);
  if (!matching) return fail(matching.error());
  const auto folder = open_procfs(procfs);
  if (!folder) return fail(folder.error());
  const auto pids = list_pids(folder->get());
  if (!pids) return fail(pids.error());

  CollectorProcesses found{std::move(*matching), {}};
  for (const pid_t pid : *pids) {
    ProcessFiles files(folder->get(), pid);
    if (files.stat() && files.stat()->living_program())
      found.candidates.push_back(files.stat()->info);
    else if (!files.stat() && files.stat().error().code == Errc::Io)
      return fail(files.stat().error());
  }
  return found;
}

std::vector<ProcessIdentity> identities_of(const std::vector<ProcessInfo>& processes) {
  std::vector<ProcessIdentity> identities;
  for (const ProcessInfo& process : processes) identities.push_back(process.identity);
  return identities;
}

}  // namespace fieldmedic
