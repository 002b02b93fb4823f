// Which open incidents belong together: an index over them, so that a storm of them costs a
// decision nothing.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "remediator/core/incident.hpp"

namespace fieldmedic::core {

// Kept by fold() alone.
class Related {
 public:
  using ByOpening = std::set<std::pair<Time, IncidentId>>;
  using Ids = std::set<IncidentId>;

  // `incident` is open; remove() gets it as add() did.
  void add(const Incident& incident);
  void remove(const Incident& incident);

  // On members of the group, the group itself not among them.
  [[nodiscard]] const ByOpening& on_members(std::string_view group) const;
  // Those that wait for this one.
  [[nodiscard]] const Ids& adopted_by(IncidentId id) const;

  friend bool operator==(const Related&, const Related&) = default;

 private:
  std::map<std::string, ByOpening, std::less<>> members_;
  std::map<IncidentId, Ids> adopted_;
};

}  // namespace fieldmedic::core
