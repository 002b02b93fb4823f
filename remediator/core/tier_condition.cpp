#include "remediator/core/tier_condition.hpp"

#include <algorithm>

namespace fieldmedic::core {
namespace {

using About = Condition::About;

// Of several checks of one type, one that fails is enough, and all have to pass.
Verdict verdict_of(const std::string& check, const Incident& incident) {
  const auto& specs = incident.playbook->verify.checks;
  if (incident.checks.size() != specs.size()) return Verdict::Unknown;
  Verdict said = Verdict::Unknown;
  bool silent = false;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].check.type != check) continue;
    const Verdict verdict = incident.checks[i].answer.verdict;
    if (verdict == Verdict::Fail) return Verdict::Fail;
    silent = silent || verdict == Verdict::Unknown;
    said = verdict;
  }
  return silent ? Verdict::Unknown : said;
}

Truth in(std::string_view text, const std::vector<std::string>& values) {
  return std::ranges::find(values, text) == values.end() ? Truth::No : Truth::Yes;
}

Truth truth_of(const Condition::Term& term, const Incident& incident) {
  switch (term.about) {
    case About::Label: {
      const auto label = incident.labels.find(term.name);
      return label ? in(*label, term.values) : Truth::Unknown;
    }
    case About::Check: {
      const Verdict verdict = verdict_of(term.name, incident);
      return verdict == Verdict::Unknown ? Truth::Unknown : in(to_string(verdict), term.values);
    }
    case About::Alert: {
      const bool fires = std::ranges::any_of(incident.alerts, [&term](const auto& each) {
        return each.second.status == AlertStatus::Firing &&
               in(each.second.name, term.values) == Truth::Yes;
      });
      return fires ? Truth::Yes : Truth::No;
    }
  }
  return Truth::Unknown;
}

std::string in_words(const Condition::Term& term) {
  switch (term.about) {
    case About::Label: return "labels." + term.name;
    case About::Check: return "check." + term.name;
    case About::Alert: return "alert";
  }
  return {};
}

}  // namespace

Applicability applicability(const Tier& tier, const Incident& incident) {
  if (tier.when.empty()) return {};
  const auto condition = Condition::parse(tier.when);
  if (!condition)
    return {Truth::Unknown, "its condition cannot be read: " + condition.error().message, false};
  std::vector<Truth> known;
  std::string silent;
  bool may_be_told = false;
  for (const Condition::Term& term : condition->terms()) {
    known.push_back(truth_of(term, incident));
    if (known.back() != Truth::Unknown) continue;
    silent += (silent.empty() ? "" : ", ") + in_words(term);
    may_be_told = may_be_told || term.about == About::Check;
  }
  switch (condition->holds(known)) {
    case Truth::Yes: return {};
    case Truth::No: return {Truth::No, "its condition does not hold: " + tier.when, false};
    case Truth::Unknown: break;
  }
  return {
      Truth::Unknown,
      "whether its condition holds cannot be told: " + tier.when + " (not known: " + silent + ")",
      may_be_told};
}

bool asks_for_checks(const Playbook& playbook) {
  return std::ranges::any_of(playbook.tiers, [](const Tier& tier) {
    if (tier.when.empty()) return false;
    const auto condition = Condition::parse(tier.when);
    return condition && std::ranges::any_of(condition->terms(), [](const Condition::Term& term) {
             return term.about == About::Check;
           });
  });
}

}  // namespace fieldmedic::core
