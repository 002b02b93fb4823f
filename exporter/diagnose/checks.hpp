// The checks D1 to D5 and what stands beside them: findings in, evidence out. Pure.
#pragma once

#include "exporter/diagnose/diagnosis.hpp"
#include "exporter/diagnose/findings.hpp"

namespace fieldmedic {

// D1: a process lives, none is stopped, none of an older instance is left.
[[nodiscard]] DiagnosisCheck check_process(const Findings& findings);
// D2: its ports are open, its health URLs and its peers answer. Links are told beside.
[[nodiscard]] DiagnosisCheck check_network(const Findings& findings);
// D3: CPU, memory and descriptors of host and collector are below 95 %.
[[nodiscard]] DiagnosisCheck check_resources(const Findings& findings);
// D4: no error stack among the last lines of its logs.
[[nodiscard]] DiagnosisCheck check_log(const Findings& findings);
// D5: the file systems of its data and logs answer, have 10 % room, can be written to.
[[nodiscard]] DiagnosisCheck check_disk(const Findings& findings);
// Beside: its configuration files are what they were meant to be.
[[nodiscard]] DiagnosisCheck check_config(const Findings& findings);
// Beside: what its own counters say. Judges nothing: one look shows totals, no rates.
[[nodiscard]] DiagnosisCheck check_success(const Findings& findings);

// All of them; beside are those that the configuration asks for. `host`, `took` are left empty.
[[nodiscard]] Diagnosis diagnose(const Findings& findings);

}  // namespace fieldmedic
