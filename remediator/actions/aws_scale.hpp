// scale_out by an Auto Scaling group of AWS: one step, the absolute count. Internal to actions/.
//
// seen    {"group": "orders", "region": "cn-north-1", "desired": 2, "planned_at_ms": 1795792354249}
// wanted  {"desired": 3}
// left    as wanted: it was seen to be done
#pragma once

#include <memory>

#include "remediator/actions/action.hpp"
#include "remediator/actions/aws_group.hpp"
#include "remediator/actions/scale_choice.hpp"

namespace fieldmedic {

// Where the group scales itself by a policy, or cannot launch, nothing is done. The undo goes back
// to the count that the plan saw, while it is still the one that was wanted; which instances end
// then is the group's to say. AWS compares nothing for us: the count is read right before it is
// set.
[[nodiscard]] std::unique_ptr<Action> make_aws_scale(AwsGroup group, ScaleTerms terms,
                                                     const ActionTools& tools);

}  // namespace fieldmedic
