// Whether TCP services answer a host over SSH by one of its links, asked by a few lines of its
// perl: the only one of what every Debian has that can tie a connection to a link and sends
// nothing.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/process_runner.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// As probe_over (link_probe.hpp), of each address, three seconds for each. The runner's errors;
// Errc::Unavailable: one does not answer, or what was said cannot be read. At most 9 addresses.
[[nodiscard]] Status probe_over_far(ProcessRunner& runner, const std::string& interface,
                                    const std::vector<std::string>& addresses,
                                    const std::stop_token& stop);

// The two halves of it. Pure.
[[nodiscard]] Command ask_probe(const std::string& interface,
                                const std::vector<std::string>& addresses);
[[nodiscard]] Status judge_probe(const std::string& interface,
                                 const std::vector<std::string>& addresses,
                                 const ProcessResult& result);

}  // namespace fieldmedic
