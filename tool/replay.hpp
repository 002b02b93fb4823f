// What a new configuration would have decided otherwise, by the record of what was decided.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "remediator/config.hpp"
#include "remediator/core/state.hpp"
#include "remediator/journal/journal.hpp"

namespace fieldmedic::tool {

// One decision that would differ.
struct Difference {
  std::uint64_t sequence = 0;  // of the record that holds it
  core::Time at;
  core::IncidentId incident = 0;  // 0: an alert that opened none
  std::string was;
  std::string now;
};

// Judges each recorded decision again, at its time and in the state that the record gives: which
// playbook and target an alert came to, whether a guard let a remedy go on, and which remedy it
// was. What the world would have answered to another remedy nobody knows, so an incident that would
// have gone another way from its beginning is not judged further. Guards that ask Prometheus, and
// plans that could not be made, are taken as recorded. Pure but for `tell`, which gets every
// difference in order; memory: the state. `config` must outlive it.
class Replay {
 public:
  Replay(const RemediatorConfig& config, std::function<void(const Difference&)> tell);

  // The next record of the journal, in order.
  void visit(const Record& record);

  [[nodiscard]] std::uint64_t judged() const { return judged_; }
  [[nodiscard]] std::uint64_t differing() const { return differing_; }

 private:
  void judge(const core::IncidentOpened& event);
  void judge(const core::AlertIgnored& event);
  void judge(const core::GuardRefused& event);
  void judge(const core::ApplyIntended& event);
  void judge_remedy(core::IncidentId id, const std::string& was);
  void compare(core::IncidentId incident, const std::string& was, const std::string& now);
  // What the configuration says to a remedy of this incident, now.
  [[nodiscard]] std::string verdict(const core::Incident& incident) const;

  const RemediatorConfig& config_;
  core::Policy policy_;
  std::function<void(const Difference&)> tell_;
  core::State state_;                    // before the record
  std::set<core::IncidentId> diverged_;  // open ones that would have gone another way
  std::uint64_t sequence_ = 0;           // of the record
  core::Time at_;
  std::uint64_t judged_ = 0;
  std::uint64_t differing_ = 0;
};

}  // namespace fieldmedic::tool
