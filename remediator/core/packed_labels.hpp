// A set of labels in one piece of memory: of the 2 kB that an open incident costs, a map of them
// would be a third.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "remediator/core/alert.hpp"

namespace fieldmedic::core {

// Immutable but for assignment.
class PackedLabels {
 public:
  PackedLabels() = default;
  // A map is what labels come in, and converts.
  PackedLabels(const LabelMap& labels);

  // The value, which lives as long as these labels do; nullopt: there is no such label.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] LabelMap unpacked() const;

  friend bool operator==(const PackedLabels&, const PackedLabels&) = default;

 private:
  std::string text_;  // of each label in order: its name and its value, each behind its length
};

}  // namespace fieldmedic::core
