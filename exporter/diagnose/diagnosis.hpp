// What is known of one collector when somebody asks why it is sick: the checks D1 to D5. Plain
// data.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.hpp"

namespace fieldmedic {

enum class Verdict {
  Ok,
  Suspect,  // here is something that makes a collector sick
  Unknown,  // cannot be told: not configured, not readable, not in time
};

[[nodiscard]] std::string_view to_string(Verdict verdict);

// A number behind a line of evidence, in a base unit: "bytes", "seconds", "ratio", "cores", "1".
struct Quantity {
  double value = 0;
  std::string_view unit;
};

// One thing that was found. Texts are as found: whoever shows them makes them harmless.
struct Evidence {
  std::optional<Verdict> verdict{};  // by itself; empty: told beside, judges nothing
  std::string text{};                // for people, with values and units
  std::optional<Quantity> quantity{};
  std::string source{};   // the file, or the module of this exporter
  std::string excerpt{};  // lines of a log
};

struct DiagnosisCheck {
  std::string_view id;    // "D1"; empty: beside the five
  std::string_view name;  // "process"
  std::vector<Evidence> evidence{};

  // Suspect when any evidence is; else unknown when any is, or when there is none that judges.
  [[nodiscard]] Verdict verdict() const;
};

struct Diagnosis {
  std::string collector;
  std::string host;
  WallTime at{};
  std::chrono::milliseconds took{0};
  std::vector<DiagnosisCheck> checks{};  // D1 to D5, in order
  std::vector<DiagnosisCheck> beside{};  // what else the configuration asks for

  // That of the checks: suspect when any is, else unknown when any is.
  [[nodiscard]] Verdict verdict() const;
};

}  // namespace fieldmedic
