// data_divert {file: /etc/orders/route.json, to: /etc/orders/route.spare.json, signal: HUP}: puts
// another version in the place of a file that says where data or traffic go, and has it read, for a
// time. Internal to actions/.
//
// Its undo puts back the version that was there, while ours is still in its place (S14), has it
// read, and runs `replay`. The steps: file_step.hpp, signal_step.hpp, program_step.hpp.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_file_divert(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_file_divert(const std::string& arguments,
                                                               const ActionTools& tools);

}  // namespace fieldmedic
