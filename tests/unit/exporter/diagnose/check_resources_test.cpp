#include "tests/catch.hpp"
#include "tests/fakes/findings.hpp"

using namespace fieldmedic;

namespace {

// Two processors; of each second `busy` is used by programs, `iowait` waits for disks.
FakeModules cpu(double second, double busy, double iowait = 0) {
  FakeModules fake;
  for (int processor = 0; processor < 2; ++processor) {
    fake.host("cpu", "node_cpu_seconds_total", second * busy, {"mode", "user"});
    fake.host("cpu", "node_cpu_seconds_total", second * iowait, {"mode", "iowait"});
    fake.host("cpu", "node_cpu_seconds_total", second * (1 - busy - iowait), {"mode", "idle"});
  }
  return fake;
}

FakeModules memory(double available) {
  FakeModules fake;
  fake.host("meminfo", "node_memory_MemTotal_bytes", 1000);
  fake.host("meminfo", "node_memory_MemAvailable_bytes", available);
  return fake;
}

std::optional<Verdict> verdict_about(const DiagnosisCheck& check, const std::string& start) {
  for (const auto& one : check.evidence) {
    if (one.text.starts_with(start)) return one.verdict;
  }
  FAIL("nothing about " << start);
  return std::nullopt;
}

FakeModules with_process(FakeModules fake, double cpu_seconds, double threads, double fds = 0.1) {
  fake.add("process", "collector_process_cpu_seconds_total", cpu_seconds, {"mode", "user"});
  fake.add("process", "collector_process_threads", threads);
  fake.add("process", "collector_process_worst_fd_ratio", fds);
  return fake;
}

CollectorConfig watched() {
  CollectorConfig config;
  config.process.unit = "orders.service";
  return config;
}

}  // namespace

TEST_CASE("D3: the host's CPU is what was used between the two readings") {
  const auto of = [](double busy, double iowait) {
    // What was before the first reading does not count.
    return check_resources(findings_of({}, memory(500), cpu(100, 1), [&] {
      auto after = cpu(100, 1);
      for (auto& metric : after.module("cpu").families->front().metric) {
        const auto& mode = metric.label.front().value;
        if (mode == "user") metric.gauge.value += busy;
        if (mode == "iowait") metric.gauge.value += iowait;
        if (mode == "idle") metric.gauge.value += 1 - busy - iowait;
      }
      return after;
    }()));
  };
  CHECK(verdict_about(of(0.94, 0), "host CPU 94.0 %") == Verdict::Ok);
  CHECK(verdict_about(of(0.96, 0), "host CPU 96.0 %") == Verdict::Suspect);
  CHECK(verdict_about(of(0.1, 0.9), "host CPU 10.0 %") == Verdict::Ok);
  CHECK(of(0.1, 0.9).evidence.front().text.find("waiting for disks 90.0 %") != std::string::npos);
}

TEST_CASE("D3: the host's memory") {
  const auto of = [](double available) {
    return verdict_about(check_resources(findings_of({}, memory(available))), "host memory");
  };
  CHECK(of(51) == Verdict::Ok);
  CHECK(of(50) == Verdict::Suspect);
}

TEST_CASE("D3: a collector is at 100 % when all processors that its threads can use are") {
  const auto of = [](double used, double threads) {
    return verdict_about(
        check_resources(findings_of(watched(), memory(500), with_process(cpu(1, 0.1), 5, threads),
                                    with_process(cpu(2, 0.1), 5 + used, threads))),
        "its processes use");
  };
  CHECK(of(0.96, 1) == Verdict::Suspect);
  CHECK(of(0.94, 1) == Verdict::Ok);
  CHECK(of(1.0, 8) == Verdict::Ok);
  CHECK(of(1.95, 8) == Verdict::Suspect);  // there are two processors
}

TEST_CASE("D3: descriptors near their limit") {
  const auto of = [](double ratio) {
    return verdict_about(
        check_resources(findings_of(watched(), memory(500), with_process(cpu(1, 0), 5, 1),
                                    with_process(cpu(2, 0), 5, 1, ratio))),
        "descriptors");
  };
  CHECK(of(0.94) == Verdict::Ok);
  CHECK(of(0.95) == Verdict::Suspect);
}

TEST_CASE("D3: what cannot be read is unknown, and said why") {
  FakeModules late;
  late.lose("cpu", Errc::Timeout, "not done by the scrape's deadline");
  const auto check = check_resources(findings_of({}, {}, cpu(1, 0), late));
  CHECK(check.verdict() == Verdict::Unknown);
  CHECK(lines_of(check) ==
        std::vector<std::string>{
            "unknown: host CPU cannot be told: not done by the scrape's deadline",
            "unknown: host memory cannot be told: the module meminfo is switched off"});
  CHECK(verdict_about(check_resources(findings_of({}, memory(500), cpu(1, 0), cpu(1, 0))),
                      "host CPU cannot be told") == Verdict::Unknown);
}

TEST_CASE("D3: processes killed for want of memory are told") {
  auto once = memory(500);
  once.host("vmstat", "node_vmstat_oom_kill", 2);
  const auto check = check_resources(findings_of({}, once, cpu(1, 0), cpu(2, 0)));
  CHECK(check.verdict() == Verdict::Ok);
  CHECK(check.evidence.back().text ==
        "2 processes were killed on this host since it booted, for want of memory");
}
