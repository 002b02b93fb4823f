// The steps of process_restart and cache_clear that empty declared folders, one a folder. Internal
// to actions/.
//
// seen:   {"device": 64768, "inode": 4711, "entries": 12}
// wanted: {"entries": 0, "path": "/var/cache/orders"}
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

// The folders under `key`, at most 16, each of which may be emptied; errors are recorded.
[[nodiscard]] std::vector<std::string> read_folders(const YamlMap& arguments, std::string_view key);
// Again, of arguments that an older version journaled. Errc::Invalid.
[[nodiscard]] Status check_folders(const std::vector<std::string>& folders);

// Adds a step for each folder that holds something, and every folder's resource. Errc::Conflict:
// one that cannot be emptied safely.
[[nodiscard]] Status plan_clears(const std::vector<std::string>& folders, const std::string& host,
                                 core::Plan& plan);
[[nodiscard]] ApplyAnswer apply_clear(const ApplyRequest& request, const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_clear(const ApplyRequest& request);

}  // namespace fieldmedic
