// The step of file_step.hpp on a host over SSH, with the host's boot id in `seen`: both files are
// over there, and so is the version that is kept. Internal to actions/.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"
#include "remediator/actions/file_step.hpp"

namespace fieldmedic {

// The digest of what is there. Errc::NotFound: nothing is. Conflict, TooLarge, Denied: it is no
// file that is replaced. The runner's errors (ssh_connection.hpp); Io: the answer cannot be read.
[[nodiscard]] Result<std::string> far_digest(const FarHost& host, const std::string& path,
                                             const std::stop_token& stop);

[[nodiscard]] ApplyAnswer apply_far_file_step(const FarHost& host, const FileStep& step,
                                              const ApplyRequest& request,
                                              const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_far_file_step(const FarHost& host, const FileStep& step,
                                                  const ApplyRequest& request,
                                                  const std::stop_token& stop);

}  // namespace fieldmedic
