// The severities of one collector's log: its own patterns first, then what lines say by themselves.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "exporter/collector/log_config.hpp"
#include "exporter/collector/log_severity.hpp"

namespace fieldmedic {

// Immutable; copies are cheap; thread-safe.
class SeverityRules {
 public:
  // Patterns that are no RE2 match nothing; read_log_config() refuses them.
  explicit SeverityRules(const SeverityPatterns& patterns = {});

  // Looks at the first 4 KiB. Empty: the line is to be ignored.
  [[nodiscard]] std::optional<Severity> severity(std::string_view line) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;  // null: no patterns, the built-in rules only
};

}  // namespace fieldmedic
