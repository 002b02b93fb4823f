// To how many instances a scale-out goes, and which of them it starts. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

enum class InstanceIs {
  Running,  // counts
  Free,     // may be started
  Unfit,    // neither: failed, masked, meant to run and stopped by somebody …
};

struct Instance {
  std::string name;
  InstanceIs is = InstanceIs::Unfit;
  std::string why{};  // it is unfit
};

struct ScaleTerms {
  int max = 1;
  int step = 1;
};

struct ScaleChoice {
  int current = 0;  // that run now
  int wanted = 0;   // that run when all of `start` do
  std::vector<std::string> start{};

  friend bool operator==(const ScaleChoice&, const ScaleChoice&) = default;
};

// The first free ones, up to `step` more and `max` in all. With `begun`, what the same incident has
// chosen before: its instances that are missing, up to its count, and never another one, so that a
// plan made again after a crash does not go further. Errc::Conflict, with the reason: none.
[[nodiscard]] Result<ScaleChoice> choose_instances(std::span<const Instance> instances,
                                                   ScaleTerms terms,
                                                   std::span<const ScaleChoice> begun);

}  // namespace fieldmedic
