// The steps of process_restart and cache_clear that empty declared folders, on a host over SSH.
// Internal to actions/.
//
// The steps are those of folder_clear.hpp, with the host's boot id in `seen`. The shell over there
// enters the folder, looks where it is, and has find(1) remove what is below: a link on the way is
// seen, one below is removed and not followed.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

struct FarClears {
  std::vector<core::Step> steps;
  std::vector<std::string> resources;
};

// Whether `program` (empty: none is wanted) can be run over there, and a step for each folder that
// holds something. Errc::NotFound: the program; Conflict: a folder that cannot be emptied safely.
[[nodiscard]] Result<FarClears> plan_far_clears(const FarHost& host, const std::string& program,
                                                const std::vector<std::string>& folders,
                                                const std::string& host_name,
                                                const std::stop_token& stop);
[[nodiscard]] ApplyAnswer apply_far_clear(const FarHost& host, const ApplyRequest& request,
                                          const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_far_clear(const FarHost& host, const ApplyRequest& request,
                                              const std::stop_token& stop);

}  // namespace fieldmedic
