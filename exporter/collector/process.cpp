#include "exporter/collector/process.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/log.hpp"
#include "exporter/collector/cgroup_path.hpp"
#include "exporter/collector/collector_family.hpp"

namespace fieldmedic {
namespace {

// How many of the processes that are known already are looked at in turn, for one that turned into
// a collector by exec long after it was made. More while a collector is down.
constexpr std::size_t kInTurn = 64;
constexpr std::size_t kInTurnWhileDown = 512;
// The boot time and the root of the units change with a step of the clock and with the host only.
constexpr auto kLearnHostEvery = std::chrono::minutes(1);

struct TotalFamily {
  FamilyHead head;
  std::optional<double> ProcessTotals::* value;
};

constexpr auto kGauge = prometheus::MetricType::Gauge;
constexpr auto kCounter = prometheus::MetricType::Counter;

constexpr TotalFamily kFamilies[] = {
    {{"collector_up", "Whether at least one process of the collector lives.", kGauge},
     &ProcessTotals::up},
    {{"collector_processes", "Living processes of the collector, zombies left out.", kGauge},
     &ProcessTotals::count},
    {{"collector_residual_processes",
      "Living processes that an older instance of the collector left behind.", kGauge},
     &ProcessTotals::residual},
    {{"collector_process_resident_memory_bytes",
      "Resident memory of the collector's processes, summed.", kGauge},
     &ProcessTotals::resident_bytes},
    {{"collector_process_open_fds", "Open descriptors of the collector's processes, summed.",
      kGauge},
     &ProcessTotals::open_fds},
    {{"collector_process_max_fds", "Soft limits of open descriptors, summed as open_fds is.",
      kGauge},
     &ProcessTotals::max_fds},
    {{"collector_process_worst_fd_ratio",
      "Open descriptors by soft limit of the process that is nearest to its limit.", kGauge},
     &ProcessTotals::worst_fd_ratio},
    {{"collector_process_threads", "Threads of the collector's processes, summed.", kGauge},
     &ProcessTotals::threads},
    {{"collector_process_start_time_seconds",
      "Unix time at which the oldest living process of the collector started, residue left out.",
      kGauge},
     &ProcessTotals::start_time_seconds},
    {{"collector_process_starts_total",
      "Processes of the collector that appeared since this exporter first looked.", kCounter},
     &ProcessTotals::starts},
    {{"collector_process_restarts_total",
      "Main processes (no children of another) that appeared after an earlier one.", kCounter},
     &ProcessTotals::restarts},
};

constexpr FamilyHead kCpu{"collector_process_cpu_seconds_total",
                          "CPU time of the collector's processes, ended ones included.", kCounter};
constexpr FamilyHead kStates{"collector_process_states",
                             "Processes of the collector in each state, zombies included.", kGauge};

bool is_down(const CollectorProcesses& collector) {
  return collector.totals() && collector.totals()->up == 0;
}

}  // namespace

ProcessModule::ProcessModule(const std::vector<CollectorConfig>& collectors, const HostRoot& host,
                             const Clock& clock, std::shared_ptr<FileClient> files)
    : path_(host.procfs), clock_(clock), files_(std::move(files)) {
  for (const auto& config : collectors) {
    if (!config.process.empty()) collectors_.emplace_back(config.name, config.process);
  }
}

Result<Families> ProcessModule::collect(SteadyTime deadline) {
  read_pid_files(deadline);
  if (auto looked = look(); !looked) {
    procfs_ = FileDescriptor();  // opened anew the next time
    return fail(std::move(looked.error()));
  }
  tell();
  const auto judged = [](const CollectorProcesses& one) { return one.totals().has_value(); };
  if (std::ranges::none_of(collectors_, judged) && !collectors_.empty()) {
    return wrap(collectors_.front().totals().error(), collectors_.front().name());
  }
  return families();
}

void ProcessModule::read_pid_files(SteadyTime deadline) {
  std::vector<FileRequest> requests;
  std::vector<CollectorProcesses*> asking;
  for (auto& collector : collectors_) {
    const auto path = collector.pid_file();
    if (path.empty()) continue;
    requests.push_back({.verb = FileVerb::Read, .path = path, .bytes = kMostPidFileBytes});
    asking.push_back(&collector);
  }
  if (requests.empty()) return;
  // The look that follows takes time too, also when a file hangs.
  const auto now = clock_.steady();
  const auto answers = files_->ask(requests, now + (deadline - now) / 2);
  for (std::size_t i = 0; i < asking.size(); ++i) {
    const auto& answer = answers[i];
    if (answer) {
      asking[i]->tell_pid(parse_pid_file(answer->bytes));
    } else if (answer.error().code == Errc::NotFound) {
      asking[i]->tell_pid(0);
    } else {
      asking[i]->tell_pid(wrap(answer.error(), "pid file"));
    }
  }
}

Status ProcessModule::look() {
  if (!procfs_) {
    auto opened = open_procfs(path_);
    if (!opened) return fail(std::move(opened.error()));
    procfs_ = std::move(*opened);
  }
  learn_host(procfs_.get());
  const bool any_down = std::ranges::any_of(collectors_, is_down);
  const auto pids = scan_.next(procfs_.get(), any_down ? kInTurnWhileDown : kInTurn);
  if (!pids) return fail(pids.error());
  ProcessLook look{.procfs = inspect_procfs(procfs_.get()),
                   .units_root = units_root_,
                   .listed = scan_.listed(),
                   .boot_time_seconds = boot_time_seconds_,
                   .some_hidden = hides_processes(procfs_.get())};
  for (auto& collector : collectors_) collector.begin(look);
  look.everything = std::ranges::any_of(collectors_, &CollectorProcesses::wants_everything);
  for (const pid_t pid : look.everything ? look.listed : std::span(*pids)) {
    ProcessFiles files(procfs_.get(), pid);  // shared: each file is read once for all collectors
    for (auto& collector : collectors_) collector.offer(look, files);
  }
  for (auto& collector : collectors_) collector.finish(look);
  return {};
}

void ProcessModule::learn_host(int procfs) {
  const auto now = clock_.steady();
  if (host_learned_ && now - *host_learned_ < kLearnHostEvery) return;
  host_learned_ = now;
  ProcessFiles first(procfs, 1);
  units_root_ = first.cgroup() ? units_root(*first.cgroup()) : "";
  // The kernel derives it from the wall clock anew each time: only a step of the clock is news.
  const auto read = read_boot_time(procfs);
  if (!read) return;
  if (!boot_time_seconds_ || std::abs(*read - *boot_time_seconds_) > 1.5) boot_time_seconds_ = read;
}

void ProcessModule::tell() {
  std::vector<Remark> remarks;
  for (const auto& collector : collectors_) {
    std::string trouble;
    if (!collector.totals()) {
      trouble = collector.totals().error().message;
      remarks.push_back({collector.name(), trouble, "collector_up"});
    } else if (*collector.totals()->count > 0 && !collector.totals()->open_fds) {
      trouble = "open descriptors cannot be counted before Linux 6.2 without CAP_DAC_READ_SEARCH";
    }
    auto& said = warned_[collector.name()];
    if (trouble != said && !trouble.empty())
      log::warn(fmt::format("collector {}: {}", collector.name(), trouble));
    said = std::move(trouble);
    if (!collector.residue().empty())
      remarks.push_back({collector.name(),
                         fmt::format("left over: {}", fmt::join(collector.residue(), ", ")),
                         "collector_residual_processes"});
  }
  const std::lock_guard lock(mutex_);
  remarks_ = std::move(remarks);
}

std::vector<Remark> ProcessModule::remarks() const {
  const std::lock_guard lock(mutex_);
  return remarks_;
}

Families ProcessModule::families() const {
  Families families;
  families.reserve(std::size(kFamilies) + 2);
  for (const auto& [head, value] : kFamilies) {
    CollectorFamily family(head);
    for (const auto& collector : collectors_) {
      if (collector.totals()) family.add(collector.name(), (*collector.totals()).*value);
    }
    std::move(family).append_to(families);
  }
  CollectorFamily cpu(kCpu);
  CollectorFamily states(kStates);
  for (const auto& collector : collectors_) {
    if (!collector.totals()) continue;
    const auto& totals = *collector.totals();
    cpu.add(collector.name(), totals.user_seconds, {{"mode", "user"}});
    cpu.add(collector.name(), totals.system_seconds, {{"mode", "system"}});
    for (std::size_t i = 0; i < kProcessStates; ++i)
      states.add(collector.name(), totals.by_state[i],
                 {{"state", to_string(static_cast<ProcessState>(i))}});
  }
  std::move(cpu).append_to(families);
  std::move(states).append_to(families);
  return families;
}

}  // namespace fieldmedic
