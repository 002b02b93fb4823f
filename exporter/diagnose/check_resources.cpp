#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "exporter/diagnose/checks.hpp"
#include "exporter/diagnose/quantities.hpp"

namespace fieldmedic {
namespace {

using enum Verdict;

// "At 100 %": what is left over moves with each look.
constexpr double kFull = 0.95;

Verdict judge(double ratio) {
  return ratio >= kFull ? Suspect : Ok;
}

struct CpuUse {
  double busy = 0;  // shares of all processors' time
  double iowait = 0;
  double steal = 0;
};

double sum_of(const std::vector<Reading>& readings, std::string_view mode) {
  return std::accumulate(readings.begin(), readings.end(), 0.0,
                         [&](double sum, const Reading& one) {
                           return mode.empty() || one.label == mode ? sum + one.value : sum;
                         });
}

std::optional<CpuUse> cpu_use(const Findings& findings) {
  const auto before = findings.before.of_host("node_cpu_seconds_total", "mode");
  const auto after = findings.after.of_host("node_cpu_seconds_total", "mode");
  const double all = sum_of(after, {}) - sum_of(before, {});
  if (before.empty() || after.empty() || all <= 0) return std::nullopt;
  const auto share = [&](std::string_view mode) {
    return std::max(0.0, sum_of(after, mode) - sum_of(before, mode)) / all;
  };
  const double iowait = share("iowait");
  return CpuUse{std::clamp(1 - share("idle") - iowait, 0.0, 1.0), iowait, share("steal")};
}

double processors(const Findings& findings) {
  const auto times = findings.after.of_host("node_cpu_seconds_total", "mode");
  return static_cast<double>(std::ranges::count(times, "idle", &Reading::label));
}

std::string why_no_rate(const Findings& findings, std::string_view module) {
  for (const auto* readings : {&findings.before, &findings.after}) {
    if (auto missing = readings->missing(module); !missing.empty()) return missing;
  }
  return "there are no two readings to compare";
}

void add_host_cpu(const Findings& findings, DiagnosisCheck& check) {
  constexpr const char* kSource = "/proc/stat";
  if (const auto use = cpu_use(findings)) {
    check.evidence.push_back(
        {.verdict = judge(use->busy),
         .text = fmt::format("host CPU {} busy over {:.1f} s (waiting for disks {}, stolen {})",
                             shown_share(use->busy), findings.apart_seconds,
                             shown_share(use->iowait), shown_share(use->steal)),
         .quantity = Quantity{use->busy, "ratio"},
         .source = kSource});
    return;
  }
  check.evidence.push_back({.verdict = Unknown,
                            .text = "host CPU cannot be told: " + why_no_rate(findings, "cpu"),
                            .source = kSource});
}

void add_host_memory(const Readings& readings, DiagnosisCheck& check) {
  constexpr const char* kSource = "/proc/meminfo";
  const auto total = readings.of_host("node_memory_MemTotal_bytes");
  const auto available = readings.of_host("node_memory_MemAvailable_bytes");
  if (!total || !available || *total <= 0) {
    const auto missing = readings.missing("meminfo");
    check.evidence.push_back(
        {.verdict = Unknown,
         .text = "host memory cannot be told" + (missing.empty() ? std::string() : ": " + missing),
         .source = kSource});
    return;
  }
  const double used = 1 - *available / *total;
  check.evidence.push_back(
      {.verdict = judge(used),
       .text = fmt::format("host memory {} used, {} of {} available", shown_share(used),
                           shown_bytes(*available), shown_bytes(*total)),
       .quantity = Quantity{used, "ratio"},
       .source = kSource});
}

std::optional<double> cores_used(const Findings& findings) {
  const auto seconds = [](const Readings& readings) -> std::optional<double> {
    const auto modes = readings.of_collector("collector_process_cpu_seconds_total", "mode");
    if (modes.empty()) return std::nullopt;
    return sum_of(modes, {});
  };
  const auto before = seconds(findings.before);
  const auto after = seconds(findings.after);
  if (!before || !after || findings.apart_seconds <= 0) return std::nullopt;
  return std::max(0.0, *after - *before) / findings.apart_seconds;
}

// All that it can use: a program of one thread is at 100 % when one core is.
void add_process_cpu(const Findings& findings, DiagnosisCheck& check) {
  constexpr const char* kSource = "module process";
  if (findings.after.of_collector("collector_processes") == 0.0) return;  // as D1 tells
  const auto used = cores_used(findings);
  if (!used) {
    check.evidence.push_back(
        {.text = "CPU of its processes cannot be told: " + why_no_rate(findings, "process"),
         .source = kSource});
    return;
  }
  const auto threads = findings.after.of_collector("collector_process_threads");
  const double usable = std::min(threads.value_or(0), processors(findings));
  Evidence evidence{.text = fmt::format("its processes use {:.2f} cores", *used),
                    .quantity = Quantity{*used, "cores"},
                    .source = kSource};
  if (usable > 0) {
    evidence.verdict = judge(*used / usable);
    evidence.text += fmt::format(" of {:.0f} that their {} can use", usable,
                                 counted(*threads, "thread", "threads"));
  }
  check.evidence.push_back(std::move(evidence));
}

void add_process_memory(const Findings& findings, DiagnosisCheck& check) {
  constexpr const char* kSource = "module process";
  if (const auto resident =
          findings.after.of_collector("collector_process_resident_memory_bytes")) {
    auto text = fmt::format("its processes hold {} of memory", shown_bytes(*resident));
    if (const auto total = findings.readings.of_host("node_memory_MemTotal_bytes"))
      text += fmt::format(", {} of the host's", shown_share(*resident / *total));
    check.evidence.push_back(
        {.text = std::move(text), .quantity = Quantity{*resident, "bytes"}, .source = kSource});
  }
  if (const auto ratio = findings.after.of_collector("collector_process_worst_fd_ratio")) {
    check.evidence.push_back(
        {.verdict = judge(*ratio),
         .text = fmt::format("descriptors {} of the limit, in the process nearest to it",
                             shown_share(*ratio)),
         .quantity = Quantity{*ratio, "ratio"},
         .source = kSource});
  }
}

void add_kills(const Readings& readings, DiagnosisCheck& check) {
  const auto kills = readings.of_host("node_vmstat_oom_kill");
  if (!kills || *kills == 0) return;
  check.evidence.push_back(
      {.text = fmt::format("{} on this host since it booted, for want of memory",
                           counted(*kills, "process was killed", "processes were killed")),
       .quantity = Quantity{*kills, "1"},
       .source = "/proc/vmstat"});
}

}  // namespace

DiagnosisCheck check_resources(const Findings& findings) {
  DiagnosisCheck check{.id = "D3", .name = "resources"};
  add_host_cpu(findings, check);
  add_host_memory(findings.readings, check);
  if (!findings.config.process.empty()) {
    add_process_cpu(findings, check);
    add_process_memory(findings, check);
  }
  add_kills(findings.readings, check);
  return check;
}

}  // namespace fieldmedic
