// On which machine an action is done. Internal to actions/.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

// The host of the target when it is reached over SSH; null: this machine, and for a target that is
// a whole group. Errc::Unavailable: it is not connected to by this configuration.
[[nodiscard]] Result<const FarHost*> far_host(const ActionTools& tools, const core::Target& target);

// The same for a step that was planned (far_plan.hpp). Errc::Conflict: a reload has moved the host
// since.
[[nodiscard]] Result<const FarHost*> planned_host(const ActionTools& tools,
                                                  const core::Target& target,
                                                  const core::Step& step);
[[nodiscard]] Result<const FarHost*> planned_host(const ActionTools& tools,
                                                  const ApplyRequest& request);

// The systemd of the target's host; null never. Errors as above.
[[nodiscard]] Result<Systemd*> systemd_of(const ActionTools& tools, const core::Target& target);

// An action on the container engine of the target's host: its own where it names one, else this
// machine's. `make` gets it as `containers` of the tools, anew for each call. Refuses the targets
// on other hosts that name none.
using MakeAction = std::function<Result<std::unique_ptr<Action>>(const ActionTools&)>;
[[nodiscard]] std::unique_ptr<Action> at_engine(MakeAction make, const ActionTools& tools);

// An action that can be done on this machine only: refuses the targets on others, whose processes
// and folders it would look for here.
[[nodiscard]] std::unique_ptr<Action> here_only(std::string_view name,
                                                std::unique_ptr<Action> action,
                                                const ActionTools& tools);

}  // namespace fieldmedic
