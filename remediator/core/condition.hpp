// When a tier applies: an expression over what is known of an incident.
//
//   check.port == fail and (labels.zone in (north, "south 2") or not alert == DiskFull)
//
// Three-valued: what is not known makes the whole unknown, unless the rest decides it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic::core {

enum class Truth { No, Yes, Unknown };

[[nodiscard]] constexpr std::string_view to_string(Truth truth) {
  switch (truth) {
    case Truth::No: return "no";
    case Truth::Yes: return "yes";
    case Truth::Unknown: return "unknown";
  }
  return "invalid";
}

// The longest text, and how deep it may nest.
inline constexpr std::size_t kLongestCondition = 512;
inline constexpr int kDeepestCondition = 16;

class Condition {
 public:
  enum class About {
    Label,  // of the alert that opened the incident: labels.NAME
    Check,  // of the playbook, by its type, against pass or fail: check.NAME
    Alert,  // the names of the alerts that fire on the target: alert
  };
  // Whether what `name` says is one of the values.
  struct Term {
    About about = About::Alert;
    std::string name;                 // empty for an alert
    std::vector<std::string> values;  // never empty
  };

  // Errc::Invalid says what was wanted and found, and at which column (from 1).
  [[nodiscard]] static Result<Condition> parse(std::string_view text);

  [[nodiscard]] const std::vector<Term>& terms() const { return terms_; }
  // `known` holds the truth of each of terms(), in their order.
  [[nodiscard]] Truth holds(const std::vector<Truth>& known) const;

 private:
  friend class ConditionParser;
  enum class Op { Term, Not, And, Or };

  std::vector<Term> terms_;
  std::vector<Op> ops_;  // postfix; each Op::Term takes the next term
};

}  // namespace fieldmedic::core
