#include "exporter/collector/storage.hpp"

#include <algorithm>
#include <utility>

#include "exporter/collector/collector_family.hpp"

namespace fieldmedic {
namespace {

using enum prometheus::MetricType;

struct SpaceFamily {
  FamilyHead head;
  double (*value)(const FilesystemSpace&);
};

double bytes(std::uint64_t blocks, const FilesystemSpace& space) {
  return static_cast<double>(blocks) * static_cast<double>(space.block_size);
}

constexpr SpaceFamily kSpace[] = {
    {{"collector_storage_size_bytes", "Size of the file system that holds the path.", Gauge},
     [](const FilesystemSpace& s) { return bytes(s.blocks, s); }},
    {{"collector_storage_free_bytes", "Free space on the file system that holds the path.", Gauge},
     [](const FilesystemSpace& s) { return bytes(s.free_blocks, s); }},
    {{"collector_storage_avail_bytes",
      "Free space for users other than root on the file system that holds the path.", Gauge},
     [](const FilesystemSpace& s) { return bytes(s.available_blocks, s); }},
    {{"collector_storage_files", "Inodes of the file system that holds the path.", Gauge},
     [](const FilesystemSpace& s) { return static_cast<double>(s.files); }},
    {{"collector_storage_files_free", "Free inodes of the file system that holds the path.", Gauge},
     [](const FilesystemSpace& s) { return static_cast<double>(s.free_files); }},
    {{"collector_storage_readonly", "Whether the file system that holds the path is read-only.",
      Gauge},
     [](const FilesystemSpace& s) { return s.read_only ? 1.0 : 0.0; }},
};

constexpr FamilyHead kAnswers{"collector_storage_answers",
                              "Whether the file system that holds the path answered in this "
                              "scrape.",
                              Gauge};
constexpr FamilyHead kDurations{"collector_storage_sync_duration_seconds",
                                "Time to write 4 KiB in the folder and sync them, sampled in the "
                                "background.",
                                Histogram};
constexpr FamilyHead kFailures{"collector_storage_sync_failures_total",
                               "Writes and syncs in the folder that failed or took over 10 s.",
                               Counter};
constexpr FamilyHead kProbedAt{"collector_storage_sync_timestamp_seconds",
                               "Unix time of the last write and sync in the folder.", Gauge};

void append_probes(const std::vector<SyncProbeSample>& probed, Families& families) {
  CollectorFamily durations(kDurations);
  CollectorFamily failures(kFailures);
  CollectorFamily probed_at(kProbedAt);
  for (const auto& probe : probed) {
    const CollectorFamily::Label folder{"folder", probe.folder};
    durations.add(probe.collector, probe.durations, {folder});
    failures.add(probe.collector, probe.failures, {folder});
    if (!probe.probed_at) continue;
    probed_at.add(probe.collector,
                  std::chrono::duration<double>(probe.probed_at->time_since_epoch()).count(),
                  {folder});
  }
  for (auto* family : {&durations, &failures, &probed_at}) std::move(*family).append_to(families);
}

}  // namespace

StorageModule::StorageModule(const std::vector<CollectorConfig>& collectors,
                             std::shared_ptr<FileClient> files, const Clock& clock)
    : files_(std::move(files)) {
  for (const auto& collector : collectors) {
    for (const auto& path : collector.storage.paths) {
      collectors_.push_back(collector.name);
      requests_.push_back({.verb = FileVerb::Statfs, .path = path});
    }
    if (collector.storage.sync_probe.folder.empty()) continue;
    if (!probes_) probes_ = std::make_shared<SyncProbes>(files_, clock);
    probes_->add(collector.name, collector.storage.sync_probe);
  }
  if (probes_) {
    probing_ = std::make_unique<Periodic>([probes = probes_] { return probes->turn(); });
  }
}

Result<Families> StorageModule::collect(SteadyTime deadline) {
  const auto answers = files_->ask(requests_, deadline);
  const auto no_helper = [](const Result<FileAnswer>& answer) {
    return !answer && answer.error().code == Errc::Unavailable;
  };
  if (!answers.empty() && std::ranges::all_of(answers, no_helper)) {
    return fail(answers.front().error());
  }
  const auto probed = probes_ ? probes_->samples() : std::vector<SyncProbeSample>{};
  tell(answers, probed);

  Families families;
  CollectorFamily answered(kAnswers);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    answered.add(collectors_[i], answers[i] ? 1 : 0, {{"path", requests_[i].path}});
  }
  std::move(answered).append_to(families);
  for (const auto& [head, value] : kSpace) {
    CollectorFamily family(head);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i])
        family.add(collectors_[i], value(answers[i]->space), {{"path", requests_[i].path}});
    }
    std::move(family).append_to(families);
  }
  append_probes(probed, families);
  return families;
}

void StorageModule::tell(const FileClient::Answers& answers,
                         const std::vector<SyncProbeSample>& probed) {
  std::vector<Remark> remarks;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      remarks.push_back(
          {collectors_[i], answers[i].error().message, kAnswers.name, requests_[i].path});
    }
  }
  for (const auto& probe : probed) {
    if (!probe.trouble.empty())
      remarks.push_back({probe.collector, probe.trouble, kFailures.name, probe.folder});
  }
  const std::lock_guard lock(mutex_);
  remarks_ = std::move(remarks);
}

std::vector<Remark> StorageModule::remarks() const {
  const std::lock_guard lock(mutex_);
  return remarks_;
}

}  // namespace fieldmedic
