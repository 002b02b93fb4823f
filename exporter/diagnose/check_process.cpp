#include <fmt/format.h>

#include "exporter/diagnose/checks.hpp"
#include "exporter/diagnose/quantities.hpp"

namespace fieldmedic {
namespace {

using enum Verdict;

constexpr const char* kSource = "module process";

void add_living(const Readings& process, WallTime now, double living, DiagnosisCheck& check) {
  auto text = counted(living, "process lives", "processes live");
  if (const auto started = process.of_collector("collector_process_start_time_seconds"))
    text += fmt::format(", the oldest for {}", shown_span(age_seconds(*started, now)));
  check.evidence.push_back({.verdict = living > 0 ? Ok : Suspect,
                            .text = living > 0 ? text : "no process lives",
                            .quantity = Quantity{living, "1"},
                            .source = kSource});
}

// A stopped one (SIGSTOP, a debugger) lives and works nothing. Zombies and waits come and go.
void add_states(const Readings& process, DiagnosisCheck& check) {
  struct State {
    std::string_view label;
    std::optional<Verdict> verdict;
    const char* text;
  };
  constexpr State kStates[] = {{"stopped", Suspect, "stopped (SIGSTOP, or a debugger)"},
                               {"waiting", std::nullopt, "waiting for a device (state D)"},
                               {"zombie", std::nullopt, "ended and not waited for (zombie)"}};
  for (const auto& [state, number] : process.of_collector("collector_process_states", "state")) {
    for (const auto& [label, verdict, text] : kStates) {
      if (state != label || number == 0) continue;
      check.evidence.push_back(
          {.verdict = verdict,
           .text = fmt::format("{} {}", counted(number, "process", "processes"), text),
           .quantity = Quantity{number, "1"},
           .source = kSource});
    }
  }
}

void add_residue(const Readings& process, DiagnosisCheck& check) {
  const auto residual = process.of_collector("collector_residual_processes");
  if (!residual) return;
  std::string text = "nothing of an older instance is left";
  if (*residual > 0) {
    text = counted(*residual, "process of an older instance is left",
                   "processes of an older instance are left");
    const auto which = process.remark("collector_residual_processes");
    if (!which.empty()) text += "; " + which;
  }
  check.evidence.push_back({.verdict = *residual > 0 ? Suspect : Ok,
                            .text = std::move(text),
                            .quantity = Quantity{*residual, "1"},
                            .source = kSource});
}

}  // namespace

DiagnosisCheck check_process(const Findings& findings) {
  DiagnosisCheck check{.id = "D1", .name = "process"};
  if (findings.config.process.empty()) {
    check.evidence.push_back({.verdict = Unknown,
                              .text = "how its processes are found is not configured (process)",
                              .source = kSource});
    return check;
  }
  const bool second = findings.after.missing("process").empty();
  const auto& process = second ? findings.after : findings.before;
  const auto living = process.of_collector("collector_processes");
  if (!living) {
    auto why = process.remark("collector_up");
    if (why.empty()) why = process.missing("process");
    if (why.empty()) why = "nothing was read";
    check.evidence.push_back({.verdict = Unknown,
                              .text = "whether a process lives cannot be told: " + why,
                              .source = kSource});
    return check;
  }
  add_living(process, findings.at, *living, check);
  add_states(process, check);
  add_residue(process, check);
  if (const auto restarts = process.of_collector("collector_process_restarts_total"))
    check.evidence.push_back({.text = fmt::format("{} since this exporter first looked",
                                                  counted(*restarts, "restart", "restarts")),
                              .quantity = Quantity{*restarts, "1"},
                              .source = kSource});
  return check;
}

}  // namespace fieldmedic
