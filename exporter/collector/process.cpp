#include "exporter/collector/process.hpp"

#include <algorithm>
#include <cmath>

#include "exporter/collector/collector_family.hpp"

namespace fieldmedic {
namespace {

// A long-lived process that turns into a collector by exec beside others that live already is seen
// this late at most.
constexpr auto kLookAtEverythingEvery = std::chrono::minutes(1);

struct TotalFamily {
  FamilyHead head;
  std::optional<double> ProcessTotals::* value;
};

constexpr auto kGauge = prometheus::MetricType::Gauge;
constexpr auto kCounter = prometheus::MetricType::Counter;

constexpr TotalFamily kFamilies[] = {
    {{"collector_up", "Whether at least one process of the collector lives.", kGauge},
     &ProcessTotals::up},
    {{"collector_process_count", "Living processes of the collector, zombies left out.", kGauge},
     &ProcessTotals::count},
    {{"collector_process_cpu_seconds_total",
      "CPU time of the collector's processes, user and system, ended ones included.", kCounter},
     &ProcessTotals::cpu_seconds},
    {{"collector_process_resident_memory_bytes",
      "Resident memory of the collector's processes, summed.", kGauge},
     &ProcessTotals::resident_bytes},
    {{"collector_process_open_fds", "Open descriptors of the collector's processes, summed.",
      kGauge},
     &ProcessTotals::open_fds},
    {{"collector_process_max_fds", "Soft limits of open descriptors, summed as open_fds is.",
      kGauge},
     &ProcessTotals::max_fds},
    {{"collector_process_threads", "Threads of the collector's processes, summed.", kGauge},
     &ProcessTotals::threads},
    {{"collector_process_start_time_seconds",
      "Unix time at which the oldest living process of the collector started.", kGauge},
     &ProcessTotals::start_time_seconds},
    {{"collector_process_starts_total",
      "Processes of the collector that appeared since this exporter first looked.", kCounter},
     &ProcessTotals::starts},
};

}  // namespace

ProcessModule::ProcessModule(const std::vector<CollectorConfig>& collectors, const HostRoot& host,
                             const Clock& clock)
    : procfs_(host.procfs), clock_(clock) {
  for (const auto& config : collectors) {
    if (config.process.empty()) continue;
    auto matcher = ProcessMatcher::compile(config.process);
    collectors_.push_back({
        .name = config.name,
        .has_pid_file = !config.process.pid_file.empty(),
        .watch = matcher ? Result<ProcessWatch>(ProcessWatch(std::move(*matcher)))
                         : fail(std::move(matcher.error())),
        .totals = ProcessTotals{},
    });
  }
}

Result<Families> ProcessModule::collect(SteadyTime) {
  const auto procfs = open_procfs(procfs_);
  if (!procfs) return fail(procfs.error());

  const auto now = clock_.steady();
  const bool look_at_all = !all_seen_ || now - *all_seen_ >= kLookAtEverythingEvery;
  if (look_at_all) learn_boot_time(procfs->get());
  auto depth = look_at_all ? ScanDepth::Everything : ScanDepth::News;
  bool scan_needed = false;
  for (auto& collector : collectors_) {
    if (!collector.watch) {
      collector.totals = fail(collector.watch.error());
    } else if (collector.has_pid_file) {
      look_by_pid_file(procfs->get(), collector);
    } else {
      scan_needed = true;
      // It may come back in a process that was something else until now.
      if (collector.watch->living().empty()) depth = ScanDepth::Everything;
    }
  }
  if (scan_needed) {
    if (auto status = look_by_scan(procfs->get(), depth); !status) return fail(status.error());
  }
  if (look_at_all) all_seen_ = now;

  const auto judged = [](const Collector& collector) { return collector.totals.has_value(); };
  if (std::ranges::none_of(collectors_, judged) && !collectors_.empty()) {
    return wrap(collectors_.front().totals.error(), collectors_.front().name);
  }
  return families();
}

void ProcessModule::look_by_pid_file(int procfs, Collector& collector) const {
  auto& watch = *collector.watch;
  const auto pids = watch.matcher().candidates(procfs);
  if (!pids) {
    collector.totals = fail(pids.error());
    return;
  }
  watch.begin();
  for (const pid_t pid : *pids) {
    ProcessFiles files(procfs, pid);
    const auto match = watch.matcher().matches(files);
    if (!match) {
      collector.totals = fail(match.error());
      return;
    }
    if (*match) watch.saw(files, procfs);
  }
  collector.totals = watch.finish(boot_time_seconds_);
}

Status ProcessModule::look_by_scan(int procfs, ScanDepth depth) {
  std::vector<Collector*> scanned;
  std::vector<pid_t> watched;
  for (auto& collector : collectors_) {
    if (!collector.watch || collector.has_pid_file) continue;
    scanned.push_back(&collector);
    std::ranges::copy(collector.watch->living(), std::back_inserter(watched));
    collector.watch->begin();
  }
  const auto pids = scan_.next(procfs, depth, watched);
  if (!pids) return fail(pids.error());
  for (const pid_t pid : *pids) {
    ProcessFiles files(procfs, pid);  // shared: each file is read once for all collectors
    for (Collector* collector : scanned) {
      const auto match = collector->watch->matcher().matches(files);
      if (!match) return fail(match.error());
      if (*match) collector->watch->saw(files, procfs);
    }
  }
  for (Collector* collector : scanned) {
    collector->totals = collector->watch->finish(boot_time_seconds_);
  }
  return {};
}

// The kernel derives it from the wall clock anew each time: only a step of the clock is news.
void ProcessModule::learn_boot_time(int procfs) {
  const auto read = read_boot_time(procfs);
  if (!read) return;
  if (!boot_time_seconds_ || std::abs(*read - *boot_time_seconds_) > 1.5) boot_time_seconds_ = read;
}

Families ProcessModule::families() const {
  Families families;
  families.reserve(std::size(kFamilies));
  for (const auto& [head, value] : kFamilies) {
    CollectorFamily family(head);
    for (const auto& collector : collectors_) {
      if (collector.totals) family.add(collector.name, (*collector.totals).*value);
    }
    std::move(family).append_to(families);
  }
  return families;
}

}  // namespace fieldmedic
