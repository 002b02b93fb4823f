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
#include "remediator/reach/folder.hpp"

namespace fieldmedic {

// The folders under `key`, at most 16, each of which may be emptied; errors are recorded.
[[nodiscard]] std::vector<std::string> read_folders(const YamlMap& arguments, std::string_view key);
// Again, of arguments that an older version journaled. Errc::Invalid.
[[nodiscard]] Status check_folders(const std::vector<std::string>& folders);

struct ClearOrder {
  std::string path;
  FolderIdentity identity;
};
// What clear_step wrote down. Errc::Invalid.
[[nodiscard]] Result<ClearOrder> read_clear_order(const core::Step& step);
[[nodiscard]] core::Step clear_step(const std::string& path, const FolderSight& sight);
// The same folder under the same name, however it is written.
[[nodiscard]] std::string plain_path(const std::string& path);
[[nodiscard]] std::string folder_resource(const std::string& host, const std::string& path);

// Adds a step for each folder that holds something, and every folder's resource. Errc::Conflict:
// one that cannot be emptied safely.
[[nodiscard]] Status plan_clears(const std::vector<std::string>& folders, const std::string& host,
                                 core::Plan& plan);
[[nodiscard]] ApplyAnswer apply_clear(const ApplyRequest& request, const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_clear(const ApplyRequest& request);

}  // namespace fieldmedic
