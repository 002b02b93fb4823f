// What stands beside the five checks: configuration drift, and the collector's own counters.
#include <algorithm>

#include <fmt/format.h>

#include "exporter/diagnose/checks.hpp"
#include "exporter/diagnose/quantities.hpp"

namespace fieldmedic {
namespace {

using enum Verdict;

Evidence judge_file(const Findings& findings, const std::string& path) {
  constexpr std::string_view kDrift = "collector_config_drift";
  const auto drifts = findings.readings.of_collector(kDrift, "file");
  const auto drift = std::ranges::find(drifts, path, &Reading::label);
  auto why = findings.readings.remark(kDrift, path);
  if (drift == drifts.end()) {
    if (why.empty()) why = findings.readings.missing("config");
    return {.verdict = Unknown,
            .text = fmt::format("{}: {}", path, why.empty() ? "not compared yet" : why),
            .source = path};
  }
  const bool drifted = drift->value != 0;
  return {.verdict = drifted ? Suspect : Ok,
          .text = drifted ? (why.empty() ? path + ": is not what it was meant to be" : why)
                          : path + ": as it was meant to be",
          .quantity = Quantity{drift->value, "1"},
          .source = path};
}

}  // namespace

DiagnosisCheck check_config(const Findings& findings) {
  DiagnosisCheck check{.id = {}, .name = "config"};
  for (const auto& file : findings.config.drift.files)
    check.evidence.push_back(judge_file(findings, file.path));
  return check;
}

DiagnosisCheck check_success(const Findings& findings) {
  DiagnosisCheck check{.id = {}, .name = "success"};
  const auto& readings = findings.readings;
  const auto add = [&](std::string text, std::optional<Quantity> quantity = std::nullopt) {
    check.evidence.push_back(
        {.text = std::move(text), .quantity = quantity, .source = "module success"});
  };
  const auto attempts = readings.of_collector("collector_attempts_total");
  const auto failures = readings.of_collector("collector_failures_total");
  if (attempts && failures)
    add(fmt::format("{:.0f} records done with, {:.0f} of them lost", *attempts, *failures),
        Quantity{*failures, "1"});
  if (const auto backlog = readings.of_collector("collector_backlog_records"))
    add(fmt::format("{:.0f} records wait in its queues", *backlog), Quantity{*backlog, "1"});
  const auto add_age = [&](std::string_view family, std::string_view what) {
    if (const auto at = readings.of_collector(family)) {
      const double age = age_seconds(*at, findings.at);
      add(fmt::format("{}: {}", what, age < 1 ? "now" : shown_span(age) + " ago"),
          Quantity{age, "seconds"});
    }
  };
  add_age("collector_last_success_timestamp_seconds", "last success");
  add_age("collector_heartbeat_timestamp_seconds", "last report");
  for (auto& remark : readings.remarks("success")) add(std::move(remark));
  if (const auto missing = readings.missing("success"); !missing.empty()) add(missing);
  return check;
}

Diagnosis diagnose(const Findings& findings) {
  Diagnosis diagnosis{.collector = findings.config.name, .host = {}, .at = findings.at};
  for (const auto check : {check_process, check_network, check_resources, check_log, check_disk}) {
    diagnosis.checks.push_back(check(findings));
  }
  if (!findings.config.drift.files.empty()) diagnosis.beside.push_back(check_config(findings));
  if (findings.config.success) diagnosis.beside.push_back(check_success(findings));
  return diagnosis;
}

}  // namespace fieldmedic
