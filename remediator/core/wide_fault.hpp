// Faults that are wider than one target (D6): of a whole group, or on the way from one member to
// the next. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remediator/core/guard_limits.hpp"
#include "remediator/core/playbook.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic::core {

// The class of a fault.
enum class Fault {
  Node,     // some tasks are interrupted, other nodes work
  Cluster,  // so many members failed together that it is no fault of each
  Cascade,  // one member after another fell
};

[[nodiscard]] constexpr std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::Node: return "node";
    case Fault::Cluster: return "cluster";
    case Fault::Cascade: return "cascade";
  }
  return "invalid";
}

// So many hosts of a group have an incident that opened within this time.
struct ClusterRule {
  Share share{Share::Kind::Percent, 50};
  Duration within{300'000};

  friend bool operator==(const ClusterRule&, const ClusterRule&) = default;
};

// So many hosts of a group fell one after another: none sooner than `apart` after the one before.
struct CascadeRule {
  int members = 3;
  Duration within{900'000};
  Duration apart{15'000};

  friend bool operator==(const CascadeRule&, const CascadeRule&) = default;
};

// How the faults of one group are seen as one. Without a rule they are not.
struct GroupScope {
  std::optional<ClusterRule> cluster{};
  std::optional<CascadeRule> cascade{};
  std::shared_ptr<const Playbook>
      playbook{};  // of the group's own incident; never null with a rule
};

// An open incident on a member of the group.
struct Fall {
  std::string host;
  Time at;  // opened
};

struct WideFault {
  Fault fault = Fault::Cluster;
  std::string why;  // for people

  friend bool operator==(const WideFault&, const WideFault&) = default;
};

// What the falls of one group come to at `now`; they stand in the order in which they opened, and
// only the first of each host counts. `size`: hosts of the group.
[[nodiscard]] std::optional<WideFault> wide_fault_of(const GroupScope& scope,
                                                     const std::vector<Fall>& falls, int size,
                                                     Time now);

}  // namespace fieldmedic::core
