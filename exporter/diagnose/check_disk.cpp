#include <algorithm>

#include <fmt/format.h>

#include "exporter/diagnose/checks.hpp"
#include "exporter/diagnose/quantities.hpp"

namespace fieldmedic {
namespace {

using enum Verdict;

// As the rule CollectorStorageNearlyFull has it: a diagnosis does not contradict the alert.
constexpr double kLeastRoom = 0.10;

std::string_view called(AskedSpace::Role role) {
  switch (role) {
    case AskedSpace::Role::Storage: return "data";
    case AskedSpace::Role::LogFolder: return "log";
  }
  return "data";
}

struct Room {
  double available = 0;  // bytes
  double size = 0;       // bytes
  double inodes = 1;     // share that is free; some file systems count none

  explicit Room(const FilesystemSpace& space)
      : available(static_cast<double>(space.available_blocks) *
                  static_cast<double>(space.block_size)),
        size(static_cast<double>(space.blocks) * static_cast<double>(space.block_size)) {
    if (space.files > 0)
      inodes = static_cast<double>(space.free_files) / static_cast<double>(space.files);
  }
  // Pseudo file systems have no size, and are never full.
  [[nodiscard]] double share() const { return size > 0 ? available / size : 1; }
};

Evidence judge_answer(const AskedSpace& asked) {
  const Room room(*asked.space);
  const bool tight = room.share() < kLeastRoom || room.inodes < kLeastRoom;
  const bool sick = tight || asked.space->read_only;
  return {.verdict = sick ? Suspect : Ok,
          .text = fmt::format("{} {}: {} of {} free ({}), inodes {} free{}", called(asked.role),
                              asked.path, shown_bytes(room.available), shown_bytes(room.size),
                              shown_share(room.share()), shown_share(room.inodes),
                              asked.space->read_only ? ", read-only" : ""),
          .quantity = Quantity{room.available, "bytes"},
          .source = "statfs " + asked.path};
}

// A path that is not there is the collector's fault; one that hangs or is not ours to see tells
// nothing.
Evidence judge_failure(const AskedSpace& asked) {
  const auto& error = asked.space.error();
  return {.verdict = error.code == Errc::NotFound ? Suspect : Unknown,
          .text = fmt::format("{} {}: {}", called(asked.role), asked.path, error.message),
          .source = "statfs " + asked.path};
}

void add_sync_probe(const Findings& findings, DiagnosisCheck& check) {
  const auto& folder = findings.config.storage.sync_probe.folder;
  if (folder.empty()) return;
  const auto& readings = findings.readings;
  constexpr std::string_view kFailures = "collector_storage_sync_failures_total";
  Evidence evidence{.source = "module storage"};
  const auto tried = readings.of_collector("collector_storage_sync_timestamp_seconds", "folder");
  const auto failures = readings.of_collector(kFailures, "folder");
  if (const auto trouble = readings.remark(kFailures, folder); !trouble.empty()) {
    evidence.verdict = Suspect;
    evidence.text = "writes fail: " + trouble;
  } else if (tried.empty()) {
    const auto missing = readings.missing("storage");
    evidence.verdict = Unknown;
    evidence.text = fmt::format("writes to {} cannot be told: {}", folder,
                                missing.empty() ? "not tried yet" : missing);
  } else {
    evidence.verdict = Ok;
    evidence.text =
        fmt::format("a synced write to {} went well {} ago", folder,
                    shown_span(std::max(1.0, age_seconds(tried.front().value, findings.at))));
  }
  if (!failures.empty()) evidence.quantity = Quantity{failures.front().value, "1"};
  check.evidence.push_back(std::move(evidence));
}

}  // namespace

DiagnosisCheck check_disk(const Findings& findings) {
  DiagnosisCheck check{.id = "D5", .name = "disk"};
  for (const auto& asked : findings.spaces)
    check.evidence.push_back(asked.space ? judge_answer(asked) : judge_failure(asked));
  add_sync_probe(findings, check);
  if (check.evidence.empty())
    check.evidence.push_back({.verdict = Unknown,
                              .text = "neither storage nor log files are configured",
                              .source = "exporter.yml"});
  return check;
}

}  // namespace fieldmedic
