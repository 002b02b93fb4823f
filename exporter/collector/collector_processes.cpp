#include "exporter/collector/collector_processes.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kMostRelics = 64;
constexpr std::size_t kMostGroups = 64;
constexpr std::size_t kMostDoubtful = 1024;
constexpr std::size_t kMostNamed = 16;

Kin kin_of(const WatchedProcess& process) {
  const auto& info = process.stat().info;
  return {info.identity, info.parent, info.process_group, info.session};
}

template <class Processes>
std::vector<Kin> living_kin(const Processes& processes) {
  std::vector<Kin> kin;
  for (const auto& process : processes) {
    if (process.living()) kin.push_back(kin_of(process));
  }
  return kin;
}

bool holds(std::span<const WatchedProcess> processes, pid_t pid) {
  return std::ranges::find(processes, pid, &WatchedProcess::pid) != processes.end();
}

// Those that ended are dropped; one that cannot be read now is looked at again the next time.
void look_again(std::vector<WatchedProcess>& processes, const ProcFolder& procfs) {
  std::erase_if(processes, [&](WatchedProcess& process) {
    const auto looked = process.look(procfs);
    return !looked && looked.error().code == Errc::NotFound;
  });
}

}  // namespace

CollectorProcesses::CollectorProcesses(std::string name, ProcessConfig config)
    : name_(std::move(name)), selector_(ProcessSelector::compile(std::move(config))) {}

std::string CollectorProcesses::pid_file() const {
  return selector_ ? selector_->pid_file() : "";
}

void CollectorProcesses::begin(const ProcessLook& look) {
  if (!selector_) {
    status_ = fail(selector_.error());
    return;
  }
  status_ = watch_.look(look.procfs);
  for (const pid_t group : watch_.headless_groups()) {
    if (headless_groups_.size() < kMostGroups) headless_groups_.push_back(group);
  }
  look_again(beside_, look.procfs);
  look_again(relics_, look.procfs);
  std::erase_if(doubtful_,
                [&](pid_t pid) { return !std::ranges::binary_search(look.listed, pid); });
  if (status_) judge_renamed(look);
  if (status_ && selector_->has_pid_file()) follow_pid_file(look);
}

void CollectorProcesses::judge_renamed(const ProcessLook& look) {
  std::vector<pid_t> renamed;
  for (const auto& member : watch_.members()) {
    if (member.renamed() && member.living()) renamed.push_back(member.pid());
  }
  for (const pid_t pid : renamed) {
    ProcessFiles files(look.procfs.descriptor, pid);
    const auto match = selector_->judge(files, look.units_root);
    if (match && *match == Match::No) not_found(pid);
  }
}

void CollectorProcesses::follow_pid_file(const ProcessLook& look) {
  if (!pid_from_file_) {
    status_ = fail(pid_from_file_.error());
    return;
  }
  main_ = *pid_from_file_;
  std::vector<pid_t> replaced;
  for (const auto& member : watch_.members()) {
    if (member.pid() != main_) replaced.push_back(member.pid());
  }
  for (const pid_t old : replaced) {
    auto process = watch_.take(old);
    auto& others = selector_->tells_by_sight() ? beside_ : relics_;
    if (process && process->living() && others.size() < kMostRelics)
      others.push_back(std::move(*process));
  }
  if (main_ == 0 || watch_.find(main_) != nullptr) return;
  ProcessFiles files(look.procfs.descriptor, main_);
  const auto match = selector_->judge(files, look.units_root);
  if (!match) {
    status_ = fail(match.error());
  } else if (*match == Match::Yes) {
    const auto is_main = [this](const WatchedProcess& other) { return other.pid() == main_; };
    std::erase_if(beside_, is_main);
    std::erase_if(relics_, is_main);
    std::erase(doubtful_, main_);
    watch_.add(WatchedProcess(look.procfs, files));
  } else if (*match == Match::Unknown && std::ranges::find(doubtful_, main_) == doubtful_.end()) {
    doubtful_.push_back(main_);
  }
}

void CollectorProcesses::offer(const ProcessLook& look, ProcessFiles& files) {
  if (!status_) return;
  const pid_t pid = files.pid();
  if (auto* const member = watch_.find(pid)) member->look_at_limits(look.procfs);
  if (selector_->has_pid_file() && pid == main_) return;
  if (selector_->tells_by_sight()) {
    const auto match = selector_->judge(files, look.units_root);
    if (!match) {
      status_ = fail(match.error());
      return;
    }
    std::erase(doubtful_, pid);
    switch (*match) {
      case Match::Yes: found(look, files); return;
      case Match::No: not_found(pid); break;
      case Match::Unknown:
        // Beside a pid file it would be residue at most, which is not worth a doubt.
        if (!selector_->has_pid_file() && doubtful_.size() < kMostDoubtful)
          doubtful_.push_back(pid);
        break;
    }
  }
  if (!headless_groups_.empty()) keep_relic(look, files);
}

void CollectorProcesses::found(const ProcessLook& look, ProcessFiles& files) {
  if (!selector_->has_pid_file()) {
    if (watch_.find(files.pid()) == nullptr) watch_.add(WatchedProcess(look.procfs, files));
  } else if (!holds(beside_, files.pid()) && beside_.size() < kMostRelics) {
    beside_.emplace_back(look.procfs, files);
  }
}

void CollectorProcesses::not_found(pid_t pid) {
  std::erase_if(beside_, [pid](const WatchedProcess& other) { return other.pid() == pid; });
  // A zombie has lost all by which it was told.
  const auto* const member = watch_.find(pid);
  if (member != nullptr && member->living()) (void)watch_.take(pid);
}

// A process that its leader left alone. A group's number is not given away while the group lives,
// so a listed one is another's group by now.
void CollectorProcesses::keep_relic(const ProcessLook& look, ProcessFiles& files) {
  const auto& stat = files.stat();
  if (!stat || !stat->living_program()) return;
  const pid_t group = stat->info.process_group;
  if (std::ranges::find(headless_groups_, group) == headless_groups_.end()) return;
  if (std::ranges::binary_search(look.listed, group)) return;
  if (holds(relics_, files.pid()) || relics_.size() >= kMostRelics) return;
  relics_.emplace_back(look.procfs, files);
}

std::vector<const WatchedProcess*> CollectorProcesses::find_residue(const ProcessLook& look) const {
  std::vector<const WatchedProcess*> residue;
  for (const auto& relic : relics_) {
    if (relic.living()) residue.push_back(&relic);
  }
  const auto parent_of = [&look](pid_t pid) {
    ProcessFiles files(look.procfs.descriptor, pid);
    return files.stat() ? files.stat()->info.parent : 0;
  };
  const auto append = [&residue](std::span<const WatchedProcess> from,
                                 const std::vector<pid_t>& pids) {
    for (const auto& process : from) {
      if (std::ranges::find(pids, process.pid()) != pids.end()) residue.push_back(&process);
    }
  };
  if (!selector_->has_pid_file()) {
    const auto kin = living_kin(watch_.members());
    if (kin.size() > 1 && selector_->is_one_service())
      append(watch_.members(), left_behind(kin, look.listed, parent_of));
  } else if (const auto kin = living_kin(beside_); !kin.empty()) {
    const auto main = living_kin(watch_.members());
    append(beside_, beside(main.empty() ? Kin{} : main.front(), kin, parent_of));
  }
  return residue;
}

Status CollectorProcesses::known(const ProcessLook& look) const {
  if (!status_ || watch_.any_living()) return status_;
  if (!doubtful_.empty()) {
    return fail(Errc::Denied, fmt::format("pid {} may be it, but is not ours to read; the exporter "
                                          "needs CAP_SYS_PTRACE to tell",
                                          doubtful_.front()));
  }
  if (look.some_hidden) {
    return fail(Errc::Denied,
                "the processes of other users are hidden (hidepid); the exporter needs "
                "CAP_SYS_PTRACE, or the group of /proc's gid= option, to see them");
  }
  return {};
}

void CollectorProcesses::finish(const ProcessLook& look) {
  residue_.clear();
  watch_.finish();
  if (look.everything) headless_groups_.clear();
  if (const auto status = known(look); !status) {
    totals_ = fail(status.error());
    return;
  }
  const auto residue = find_residue(look);
  std::vector<pid_t> pids;
  for (const auto* process : residue) {
    pids.push_back(process->pid());
    if (residue_.size() < kMostNamed)
      residue_.push_back(fmt::format("pid {} ({})", process->pid(), process->stat().name));
  }
  totals_ = watch_.totals(look.boot_time_seconds, pids);
  // Who the leaders and parents are cannot be told when some are hidden.
  if (!look.some_hidden) totals_->residual = static_cast<double>(residue.size());
}

}  // namespace fieldmedic
