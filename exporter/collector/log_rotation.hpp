// What the names of log files say: which are old generations of which, which match a pattern. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

[[nodiscard]] std::string join_path(const std::string& folder, const std::string& name);

// "orders.log.2.gz": nobody reads it as lines.
[[nodiscard]] bool is_compressed(std::string_view name);

// Whether `name` is what rotation makes of `base`, not compressed: "orders.log.1",
// "orders.log-20261125", "orders-2026-11-25.log", "orders.1.log" of "orders.log".
[[nodiscard]] bool is_old_generation(std::string_view name, std::string_view base);

// A path whose last part may hold the wildcards of glob(7).
struct LogPattern {
  std::string folder;  // "/var/log/orders"
  std::string name;    // "orders.log", "*.log"
  bool wild = false;   // whether `name` has wildcards

  // Errc::Invalid: not absolute, ends with '/', or wildcards in a folder.
  [[nodiscard]] static Result<LogPattern> parse(std::string_view text);
  // '*' and '?' match no leading dot, as in a shell. Compressed files never match a wildcard.
  [[nodiscard]] bool matches(const std::string& file_name) const;
};

// The names without those that are old generations of another one in the list: a pattern such as
// "orders.log*" follows orders.log, and finds orders.log.1 when it has been rotated.
[[nodiscard]] std::vector<std::string> without_old_generations(std::vector<std::string> names);

}  // namespace fieldmedic
