// A diagnosis as JSON, and as a page of text for somebody at 3 a.m. Bounded and harmless, whatever
// was found: texts are valid UTF-8 without secrets (redact_text.hpp) and control characters.
#pragma once

#include <cstddef>
#include <string>

#include "exporter/diagnose/diagnosis.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostDiagnosisBytes = 64UL * 1024;

// {collector, host, version, time, took_seconds, verdict, checks: [{id, name, verdict, left_out,
// evidence: [{verdict, text, value, unit, source, excerpt}]}], beside: [the same without id]}.
// Members without a value are left out. At most kMostDiagnosisBytes: of a check with too much
// evidence the most telling stays, and `left_out` counts the rest.
[[nodiscard]] std::string to_json(const Diagnosis& diagnosis);

// Plain text; the same bounds.
[[nodiscard]] std::string to_text(const Diagnosis& diagnosis);

}  // namespace fieldmedic
