#include "tests/catch.hpp"
#include "tests/fakes/findings.hpp"

using namespace fieldmedic;
using Lines = std::vector<std::string>;

namespace {

Findings with_log(std::optional<Result<RecentStacks>> log, const FakeModules& once = {}) {
  CollectorConfig config;
  config.log.files = {"/var/log/orders.log"};
  auto findings = findings_of(config, once);
  findings.log = std::move(log);
  return findings;
}

FilesystemSpace space(std::uint64_t available, std::uint64_t free_files = 50) {
  return {.block_size = 1,
          .blocks = 1000,
          .free_blocks = available,
          .available_blocks = available,
          .files = 100,
          .free_files = free_files};
}

DiagnosisCheck disk(Result<FilesystemSpace> answer) {
  auto findings = findings_of({});
  findings.spaces.push_back({AskedSpace::Role::Storage, "/data", std::move(answer)});
  return check_disk(findings);
}

CollectorConfig with_probe() {
  CollectorConfig config;
  config.storage.sync_probe.folder = "/data";
  return config;
}

}  // namespace

TEST_CASE("D4: error stacks are suspect, error messages are told") {
  const auto sick = check_log(with_log(RecentStacks{1000, 4, 1, "ERROR gone\n\tat a.b(C.java:1)"}));
  CHECK(sick.verdict() == Verdict::Suspect);
  CHECK(lines_of(sick) ==
        Lines{"suspect: 1 error stack and 4 error messages in the last 1000 lines"});
  CHECK(sick.evidence.front().excerpt == "ERROR gone\n\tat a.b(C.java:1)");
  CHECK(sick.evidence.front().source == "/var/log/orders.log");
  const auto well = check_log(with_log(RecentStacks{10, 1, 0, ""}));
  CHECK(well.verdict() == Verdict::Ok);
  CHECK(lines_of(well) == Lines{"ok: 0 error stacks and 1 error message in the last 10 lines"});
}

TEST_CASE("D4: an empty log is well, and none is unknown") {
  CHECK(check_log(with_log(RecentStacks{})).verdict() == Verdict::Unknown);
  FakeModules followed;
  followed.add("log", "collector_log_files", 1);
  CHECK(check_log(with_log(RecentStacks{}, followed)).verdict() == Verdict::Ok);
  CHECK(lines_of(check_log(findings_of({}))) ==
        Lines{"unknown: no log files are configured (log)"});
  CHECK(lines_of(check_log(with_log(fail(Errc::Timeout, "/x: hangs")))) ==
        Lines{"unknown: cannot be read: /x: hangs"});
}

TEST_CASE("D5: room, inodes and read-only") {
  CHECK(disk(space(100)).verdict() == Verdict::Ok);
  CHECK(disk(space(99)).verdict() == Verdict::Suspect);
  CHECK(disk(space(500, 10)).verdict() == Verdict::Ok);
  CHECK(disk(space(500, 9)).verdict() == Verdict::Suspect);
  auto read_only = space(500);
  read_only.read_only = true;
  CHECK(lines_of(disk(read_only)) ==
        Lines{"suspect: data /data: 500 B of 1000 B free (50.0 %), inodes 50.0 % free, read-only"});
  // Some file systems count no inodes, some have no size.
  CHECK(disk(FilesystemSpace{}).verdict() == Verdict::Ok);
}

TEST_CASE("D5: a path that is not there is sick, one that hangs is unknown") {
  CHECK(disk(fail(Errc::NotFound, "/data: not there")).verdict() == Verdict::Suspect);
  CHECK(lines_of(disk(fail(Errc::Timeout, "/data: hangs"))) ==
        Lines{"unknown: data /data: /data: hangs"});
  CHECK(disk(fail(Errc::Denied, "denied")).verdict() == Verdict::Unknown);
  CHECK(check_disk(findings_of({})).verdict() == Verdict::Unknown);
}

TEST_CASE("D5: writes that fail are sick, writes not tried yet are unknown") {
  const auto of = [](const FakeModules& fake) {
    return check_disk(findings_of(with_probe(), fake));
  };
  FakeModules well;
  well.add("storage", "collector_storage_sync_timestamp_seconds", kFindingsAt - 5,
           {"folder", "/data"});
  well.add("storage", "collector_storage_sync_failures_total", 3, {"folder", "/data"});
  CHECK(lines_of(of(well)) == Lines{"ok: a synced write to /data went well 5 s ago"});
  auto sick = well;
  sick.remark("storage", "/data: no space left", "collector_storage_sync_failures_total", "/data");
  CHECK(lines_of(of(sick)) == Lines{"suspect: writes fail: /data: no space left"});
  CHECK(of(FakeModules().add("storage", "other", 1)).verdict() == Verdict::Unknown);
  CHECK(lines_of(of({})) ==
        Lines{"unknown: writes to /data cannot be told: the module storage is switched off"});
}

TEST_CASE("beside: drift is suspect, the collector's counters judge nothing") {
  CollectorConfig config;
  config.drift.files.push_back({.path = "/etc/orders.conf"});
  const auto of = [&](const FakeModules& fake) {
    return check_config(findings_of(config, fake)).verdict();
  };
  constexpr const char* kDrift = "collector_config_drift";
  CHECK(of(FakeModules().add("config", kDrift, 0, {"file", "/etc/orders.conf"})) == Verdict::Ok);
  CHECK(of(FakeModules().add("config", kDrift, 1, {"file", "/etc/orders.conf"})) ==
        Verdict::Suspect);
  CHECK(of({}) == Verdict::Unknown);

  FakeModules counted;
  counted.add("success", "collector_attempts_total", 100);
  counted.add("success", "collector_failures_total", 40);
  counted.add("success", "collector_heartbeat_timestamp_seconds", kFindingsAt - 300);
  counted.remark("success", "reports every 60 s only");
  const auto check = check_success(findings_of({}, counted));
  CHECK(lines_of(check) == Lines{"-: 100 records done with, 40 of them lost",
                                 "-: last report: 5 min ago", "-: reports every 60 s only"});
}

TEST_CASE("diagnose: the five checks in order, and beside them what is configured") {
  const auto bare = diagnose(findings_of({}));
  REQUIRE(bare.checks.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(bare.checks[i].id == "D" + std::to_string(i + 1));
  CHECK(bare.beside.empty());
  CHECK(bare.verdict() == Verdict::Unknown);
  CollectorConfig config;
  config.success.emplace();
  config.drift.files.push_back({.path = "/etc/orders.conf"});
  CHECK(diagnose(findings_of(config)).beside.size() == 2);
}

TEST_CASE("diagnose: suspect outweighs unknown, and unknown outweighs ok") {
  const auto of = [](std::vector<std::optional<Verdict>> verdicts) {
    DiagnosisCheck check{.id = "D1", .name = "process"};
    for (const auto& verdict : verdicts) check.evidence.push_back({.verdict = verdict});
    return check.verdict();
  };
  using enum Verdict;
  CHECK(of({}) == Unknown);
  CHECK(of({std::nullopt}) == Unknown);
  CHECK(of({std::nullopt, Ok}) == Ok);
  CHECK(of({Ok, Unknown, Ok}) == Unknown);
  CHECK(of({Unknown, Suspect, Unknown}) == Suspect);
}
