// What a container and its clones are seen to be. Internal to actions/.
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "remediator/actions/scale_choice.hpp"
#include "remediator/actions/scale_step.hpp"
#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {

using CloneSight = std::optional<ContainerState>;  // none: there is no such container

// The container is the first; its clones are the second and so on, up to `max`.
struct CloneSights {
  ContainerState source;
  std::vector<CloneSight> clones;

  [[nodiscard]] std::vector<Instance> instances() const;
  [[nodiscard]] std::ptrdiff_t running() const;
  [[nodiscard]] bool has(const std::string& clone) const;
};

[[nodiscard]] Result<CloneSight> see_clone(ContainerEngine& engine, const std::string& name,
                                           const std::stop_token& stop);
[[nodiscard]] Result<CloneSights> see_clones(ContainerEngine& engine, ContainerState source,
                                             int max, const std::stop_token& stop);

// Another after each of its starts.
[[nodiscard]] std::string start_of(const ContainerState& container);
[[nodiscard]] std::string describe_clone(const CloneSight& sight, const std::string& name);
// Whether there may be more of it at all. Errc::Conflict, with the reason: no.
[[nodiscard]] Status may_clone(const ContainerState& source);
// How the world is another than the step's plan saw it; empty: it is the same.
[[nodiscard]] std::string how_it_differs(const ScaleStep& step, const CloneSight& sight);

}  // namespace fieldmedic
