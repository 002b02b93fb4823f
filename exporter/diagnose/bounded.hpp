// A diagnosis made fit to be shown.
#pragma once

#include <cstddef>
#include <vector>

#include "exporter/diagnose/diagnosis.hpp"

namespace fieldmedic {

struct ShownCheck {
  DiagnosisCheck check;                // at most so much evidence, every text harmless and cut
  Verdict verdict = Verdict::Unknown;  // of all evidence, left out or not
  std::size_t left_out = 0;
};

// The evidence of each check: suspect in front of unknown in front of the rest where not all of it
// fits, else in the order it was found.
[[nodiscard]] std::vector<ShownCheck> bounded(const std::vector<DiagnosisCheck>& checks,
                                              std::size_t most_evidence);

}  // namespace fieldmedic
