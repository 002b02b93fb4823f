#include "exporter/diagnose/diagnosis.hpp"

namespace fieldmedic {
namespace {

// Suspect outweighs unknown, which outweighs ok.
void weigh(std::optional<Verdict>& all, std::optional<Verdict> one) {
  if (!one || all == Verdict::Suspect) return;
  if (!all || *one != Verdict::Ok) all = one;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok: return "ok";
    case Verdict::Suspect: return "suspect";
    case Verdict::Unknown: return "unknown";
  }
  return "unknown";
}

Verdict DiagnosisCheck::verdict() const {
  std::optional<Verdict> all;
  for (const auto& one : evidence) weigh(all, one.verdict);
  return all.value_or(Verdict::Unknown);
}

Verdict Diagnosis::verdict() const {
  std::optional<Verdict> all;
  for (const auto& check : checks) weigh(all, check.verdict());
  return all.value_or(Verdict::Unknown);
}

}  // namespace fieldmedic
