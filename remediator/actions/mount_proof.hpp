// That declared mounts are there again after a restart. Internal to actions/.
//
// seen:   [{"point": "/srv/share", "source": "/dev/sdb1", "type": "ext4", "read_only": false,
//           "file_system_read_only": false}], of those that were there
// wanted: ["/srv/share"]
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

// The mount points under `key`, recording every error.
[[nodiscard]] std::vector<std::string> read_mount_points(const YamlMap& arguments,
                                                         std::string_view key);
// Again, of arguments that came from elsewhere. Errc::Invalid.
[[nodiscard]] Status check_mount_points(const std::vector<std::string>& points);

// Writes down in the step what is wanted, and what is mounted now; touches no mount. Without points
// it does nothing. Errc::Io and those of the runner.
[[nodiscard]] Status note_mounts(core::Step& step, const std::vector<std::string>& points,
                                 const ActionTools& tools, const core::Target& target,
                                 const std::stop_token& stop);

// Applied: each that the step wants is mounted and answers, is what plan saw where that was
// mounted, and can be written where that could. Unknown: one hangs, or cannot be looked at. A step
// without mounts: Applied, with no evidence.
[[nodiscard]] ConfirmAnswer confirm_mounts(const core::Step& step, const ActionTools& tools,
                                           const core::Target& target, const std::stop_token& stop);

}  // namespace fieldmedic
