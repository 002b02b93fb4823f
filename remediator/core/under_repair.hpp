// What is under repair now, as the caps (S9) and the overlap of plans (S3) ask it: an index over
// the open incidents, so that a storm of them costs a decision nothing.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remediator/core/incident.hpp"

namespace fieldmedic::core {

// Kept by fold() alone. Every look-up is logarithmic in what is under repair.
class UnderRepair {
 public:
  struct Holder {
    IncidentId incident = 0;
    std::string resource;
  };

  // `incident` is in flight; remove() gets it as add() did.
  void add(const Incident& incident);
  void remove(const Incident& incident);

  // What a lease's undo is at work on; no cap counts it.
  void hold(const std::vector<std::string>& resources, IncidentId by);
  void let_go(const std::vector<std::string>& resources, IncidentId by);

  [[nodiscard]] int fleet() const { return fleet_; }
  [[nodiscard]] int on_host(std::string_view host) const;
  [[nodiscard]] int in_group(std::string_view group) const;
  // An incident or lease other than `self` that holds `wanted`, something above or something below
  // it.
  [[nodiscard]] std::optional<Holder> holder_of(std::string_view wanted, IncidentId self) const;

  friend bool operator==(const UnderRepair&, const UnderRepair&) = default;

 private:
  int fleet_ = 0;
  std::map<std::string, int, std::less<>> hosts_;
  std::map<std::string, int, std::less<>> groups_;
  std::set<std::pair<std::string, IncidentId>> held_;
};

}  // namespace fieldmedic::core
