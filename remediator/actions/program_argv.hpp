// The argument list of a program of the operator's, with placeholders. Internal to actions/.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

// Errc::Invalid, in words for the configuration, with `key` as the list's name: no absolute
// program, too many arguments, a placeholder in the program or an unknown one. Asked when it is
// read and again when it is made.
[[nodiscard]] Status check_argv(std::string_view key, const std::vector<std::string>& argv);

// With the placeholders filled. Errc::Invalid names the one that cannot be.
[[nodiscard]] Result<std::vector<std::string>> render_argv(const std::vector<std::string>& argv,
                                                           const PlanRequest& request);

// For people who are to say yes to it: the whole of it, or its beginning, without what looks like a
// secret.
[[nodiscard]] std::string program_line(const std::vector<std::string>& argv);

}  // namespace fieldmedic
